"""What the HTTP edges of all services have in common."""
