"""Pages of who applies."""

from portal.applicant import (
    account,
    accounts,
    advance,
    appeal,
    applications,
    attendance,
    beginning,
    case,
    changes,
    claim_lines,
    claims,
    files,
    home,
    money,
    offers,
    orders,
    organisations,
    report,
    undertakings,
    vouchers,
)

ROUTES = [
    *appeal.ROUTES, *home.ROUTES, *account.ROUTES, *organisations.ROUTES, *undertakings.ROUTES, *beginning.ROUTES,
    *applications.ROUTES, *files.ROUTES,
    *vouchers.ROUTES, *attendance.ROUTES, *offers.ROUTES, *accounts.ROUTES, *money.ROUTES, *case.ROUTES, *changes.ROUTES, *report.ROUTES,
    *claims.ROUTES, *claim_lines.ROUTES, *orders.ROUTES, *advance.ROUTES,
]  # fmt: skip
