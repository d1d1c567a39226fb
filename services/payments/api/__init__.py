"""JSON routes of payments."""
