"""Parts of a use case that several commands share, called with the context of the command."""
