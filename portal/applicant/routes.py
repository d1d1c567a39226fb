"""Pages of who applies."""

from portal.applicant import account, applications, files, home, organisations

ROUTES = [*home.ROUTES, *account.ROUTES, *organisations.ROUTES, *applications.ROUTES, *files.ROUTES]
