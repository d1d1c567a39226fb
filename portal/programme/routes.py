"""Pages of auditors, of the programme and of administrators, and the search of staff."""

from portal.programme import audit, focus, people, regions, roles, search, what_if

ROUTES = [*audit.ROUTES, *people.ROUTES, *roles.ROUTES, *regions.ROUTES, *search.ROUTES, *focus.ROUTES, *what_if.ROUTES]
