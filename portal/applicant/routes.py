"""Pages of who applies."""

from portal.applicant import account, applications, home, organisations

ROUTES = [*home.ROUTES, *account.ROUTES, *organisations.ROUTES, *applications.ROUTES]
