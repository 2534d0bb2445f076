"""The `bhr` command, for boroughs, auditors and whoever runs the hub."""
