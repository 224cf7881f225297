"""The files beside the built book: tables, layers, printed pages, pages easy to read."""
