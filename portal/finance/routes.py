"""Pages of finance."""

from portal.finance import accounts, approvals, batches, capacities, envelopes, home, journal, lines, payments, recoveries, split, uploads

ROUTES = [
    *home.ROUTES, *payments.ROUTES, *approvals.ROUTES, *batches.ROUTES, *uploads.ROUTES, *lines.ROUTES, *split.ROUTES, *envelopes.ROUTES,
    *capacities.ROUTES,
    *recoveries.ROUTES, *accounts.ROUTES, *journal.ROUTES,
]  # fmt: skip
