"""Pages of officers."""

from portal.officer import (
    aid,
    appeals,
    calls,
    cases,
    changes,
    claims,
    drafts,
    evaluation,
    evaluators,
    home,
    late,
    providers,
    ranking,
    reports,
    screening,
    sessions,
    vouchers,
)

ROUTES = [
    *home.ROUTES, *drafts.ROUTES, *calls.ROUTES, *screening.ROUTES, *cases.ROUTES, *evaluation.ROUTES, *late.ROUTES, *evaluators.ROUTES,
    *ranking.ROUTES, *appeals.ROUTES, *claims.ROUTES, *changes.ROUTES, *reports.ROUTES, *aid.ROUTES, *vouchers.ROUTES, *sessions.ROUTES,
    *providers.ROUTES,
]  # fmt: skip
