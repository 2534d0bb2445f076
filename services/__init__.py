"""What the hub and the borough's client do, told through the ports they need."""
