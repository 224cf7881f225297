"""Sentences, formats, charts, maps, tables: what a reader sees of a figure."""
