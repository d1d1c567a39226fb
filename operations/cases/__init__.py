"""The history of one case: `gather` reads it from the services' APIs, `order` sorts the events, `render` prints it."""
