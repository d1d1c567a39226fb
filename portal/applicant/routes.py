"""Pages of who applies."""

from portal.applicant import account, home, organisations

ROUTES = [*home.ROUTES, *account.ROUTES, *organisations.ROUTES]
