"""Pages of an organisation as a provider."""

from portal.provider import account, home, hosting, orders, registration

ROUTES = [*home.ROUTES, *registration.ROUTES, *account.ROUTES, *orders.ROUTES, *hosting.ROUTES]
