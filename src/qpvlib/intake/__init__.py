"""From an official file to observations: what enters, whole or not at all."""
