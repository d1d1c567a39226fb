"""Pages of officers."""

from portal.officer import changes, reports

ROUTES = [*changes.ROUTES, *reports.ROUTES]
