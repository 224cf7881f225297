"""Open observatory of Marseille's priority neighbourhoods (QPV)."""

__version__ = "0.1.0"
