"""The use cases of vouchers, one a file. None commits: a route, a subscriber or an activity opens and closes the transaction."""
