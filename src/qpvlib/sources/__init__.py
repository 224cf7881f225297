"""Readers of the official files, and the registry that says where each came from."""
