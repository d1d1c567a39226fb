"""Pages of officers."""

from portal.officer import appeals, evaluation, ranking

ROUTES = [*evaluation.ROUTES, *ranking.ROUTES, *appeals.ROUTES]
