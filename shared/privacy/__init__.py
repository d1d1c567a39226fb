"""What is kept of people, how long, and when it goes."""
