"""The pages of the evaluation: what the text promises, what this book received, what is missing."""
