"""Confront the convention's own figures with the official ones."""
