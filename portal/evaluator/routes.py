"""Pages of evaluators."""

from portal.evaluator import assignment, home

ROUTES = [*home.ROUTES, *assignment.ROUTES]
