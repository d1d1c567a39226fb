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
    erasures,
    evaluation,
    evaluators,
    holds,
    home,
    imports,
    invited,
    late,
    providers,
    ranking,
    reports,
    retention,
    rules,
    screening,
    sessions,
    undertakings,
    vouchers,
)

ROUTES = [
    *home.ROUTES, *drafts.ROUTES, *calls.ROUTES, *invited.ROUTES, *screening.ROUTES, *cases.ROUTES, *evaluation.ROUTES, *late.ROUTES,
    *evaluators.ROUTES, *ranking.ROUTES, *appeals.ROUTES, *claims.ROUTES, *changes.ROUTES, *reports.ROUTES, *aid.ROUTES,
    *undertakings.ROUTES, *vouchers.ROUTES, *sessions.ROUTES, *capacity.ROUTES, *providers.ROUTES, *draw.ROUTES, *holds.ROUTES,
    *retention.ROUTES, *erasures.ROUTES, *imports.ROUTES, *rules.ROUTES,
]  # fmt: skip
