"""Pages of auditors, of the programme and of administrators, and the search of staff."""

from portal.programme import audit, focus, people, regions, roles, search

ROUTES = [*audit.ROUTES, *people.ROUTES, *roles.ROUTES, *regions.ROUTES, *search.ROUTES, *focus.ROUTES]
