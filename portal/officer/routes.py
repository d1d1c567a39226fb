"""Pages of officers."""

from portal.officer import changes

ROUTES = [*changes.ROUTES]
