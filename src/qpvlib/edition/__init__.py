"""From notebooks to the published book: run, finish, number, check."""
