"""Parts of a use case that several commands share, called with the command's context."""
