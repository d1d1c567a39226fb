"""Pages of finance."""

from portal.finance import batches, home

ROUTES = [*home.ROUTES, *batches.ROUTES]
