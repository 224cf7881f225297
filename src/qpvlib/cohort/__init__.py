"""Scientific follow-up of targeted and control territories."""
