"""What a page says of the figures, before any drawing."""
