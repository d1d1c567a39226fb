"""Pages of officers."""

from portal.officer import calls, cases, changes, drafts, home, reports, screening

ROUTES = [
    *home.ROUTES, *drafts.ROUTES, *calls.ROUTES, *screening.ROUTES, *cases.ROUTES, *changes.ROUTES, *reports.ROUTES,
]  # fmt: skip
