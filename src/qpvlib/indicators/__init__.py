"""Indicators computed from microdata, points and networks, one module per theme."""
