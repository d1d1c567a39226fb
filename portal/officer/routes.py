"""Pages of officers."""

from portal.officer import (
    aid,
    appeals,
    calls,
    capacity,
    cases,
    changes,
    claims,
    drafts,
    draw,
    evaluation,
    evaluators,
    home,
    late,
    providers,
    ranking,
    reports,
    screening,
    sessions,
    undertakings,
    vouchers,
)

ROUTES = [
    *home.ROUTES, *drafts.ROUTES, *calls.ROUTES, *screening.ROUTES, *cases.ROUTES, *evaluation.ROUTES, *late.ROUTES, *evaluators.ROUTES,
    *ranking.ROUTES, *appeals.ROUTES, *claims.ROUTES, *changes.ROUTES, *reports.ROUTES, *aid.ROUTES, *undertakings.ROUTES, *vouchers.ROUTES,
    *sessions.ROUTES, *capacity.ROUTES, *providers.ROUTES, *draw.ROUTES,
]  # fmt: skip
