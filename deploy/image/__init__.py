"""What only the image of containers needs."""
