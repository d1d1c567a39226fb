"""Pages of officers."""

from portal.officer import claims

ROUTES = [*claims.ROUTES]
