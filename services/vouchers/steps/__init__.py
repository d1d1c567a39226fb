"""Parts that several commands share, called with the command's context."""
