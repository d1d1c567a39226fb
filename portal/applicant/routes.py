"""Pages of who applies."""

from portal.applicant import (
    account,
    accounts,
    appeal,
    applications,
    beginning,
    case,
    changes,
    claim_lines,
    claims,
    files,
    home,
    money,
    offers,
    organisations,
    report,
    undertakings,
    vouchers,
)

ROUTES = [
    *appeal.ROUTES, *home.ROUTES, *account.ROUTES, *organisations.ROUTES, *undertakings.ROUTES, *beginning.ROUTES,
    *applications.ROUTES, *files.ROUTES,
    *vouchers.ROUTES, *offers.ROUTES, *accounts.ROUTES, *money.ROUTES, *case.ROUTES, *changes.ROUTES, *report.ROUTES,
    *claims.ROUTES, *claim_lines.ROUTES,
]  # fmt: skip
