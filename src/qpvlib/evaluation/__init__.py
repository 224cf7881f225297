"""The evaluation of the convention: what it promised, what this book received, what it shows."""
