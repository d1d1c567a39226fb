"""Pages of who applies."""

from portal.applicant import account, appeal, applications, files, home, organisations

ROUTES = [*appeal.ROUTES, *home.ROUTES, *account.ROUTES, *organisations.ROUTES, *applications.ROUTES, *files.ROUTES]
