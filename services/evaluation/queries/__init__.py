"""What the API reads. Nothing here locks or changes anything."""
