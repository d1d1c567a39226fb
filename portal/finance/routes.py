"""Pages of finance."""

from portal.finance import (
    accounts,
    approvals,
    batches,
    capacities,
    envelopes,
    home,
    journal,
    lines,
    payments,
    recoveries,
    refused_files,
    split,
    undo_proof,
    uploads,
)

ROUTES = [
    *home.ROUTES, *payments.ROUTES, *undo_proof.ROUTES, *approvals.ROUTES, *batches.ROUTES, *uploads.ROUTES, *lines.ROUTES,
    *refused_files.ROUTES, *split.ROUTES, *envelopes.ROUTES, *capacities.ROUTES, *recoveries.ROUTES, *accounts.ROUTES, *journal.ROUTES,
]  # fmt: skip
