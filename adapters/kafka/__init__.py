"""Kafka: submissions that come by it, and how a borough sends them there."""
