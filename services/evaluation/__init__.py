"""Who evaluates which application, how it is scored, and who gets an award."""
