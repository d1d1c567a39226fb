"""One case's whole story: `gather` asks the services' APIs, `order` puts the events in order, `tell` shows them."""
