"""Pages of officers."""

from portal.officer import calls, cases, drafts, home, screening

ROUTES = [*home.ROUTES, *drafts.ROUTES, *calls.ROUTES, *screening.ROUTES, *cases.ROUTES]
