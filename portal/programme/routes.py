"""Pages of auditors, of the programme and of administrators."""

from starlette.routing import Route

ROUTES: list[Route] = []
