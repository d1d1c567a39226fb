"""Pages of evaluators."""

from starlette.routing import Route

ROUTES: list[Route] = []
