"""Pages of officers."""

from portal.officer import calls, cases, home, screening

ROUTES = [*home.ROUTES, *calls.ROUTES, *screening.ROUTES, *cases.ROUTES]
