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
    claim_hours,
    claim_lines,
    claims,
    export,
    files,
    headroom,
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
    *appeal.ROUTES, *home.ROUTES, *account.ROUTES, *organisations.ROUTES, *undertakings.ROUTES, *headroom.ROUTES, *beginning.ROUTES,
    *applications.ROUTES, *files.ROUTES, *export.ROUTES,
    *vouchers.ROUTES, *attendance.ROUTES, *offers.ROUTES, *accounts.ROUTES, *money.ROUTES, *case.ROUTES, *changes.ROUTES, *report.ROUTES,
    *claims.ROUTES, *claim_lines.ROUTES, *claim_hours.ROUTES, *orders.ROUTES, *advance.ROUTES,
]  # fmt: skip
