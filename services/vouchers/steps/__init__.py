"""What several commands have in common: parts of a use case, called with its context. Nobody outside calls them."""
