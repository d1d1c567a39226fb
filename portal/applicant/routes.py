"""Pages of who applies."""

from portal.applicant import account, applications, claim_lines, claims, files, home, organisations

ROUTES = [*home.ROUTES, *account.ROUTES, *organisations.ROUTES, *applications.ROUTES, *files.ROUTES, *claims.ROUTES, *claim_lines.ROUTES]
