"""The reference documents that the package ships, each a draft for the partners to register."""
