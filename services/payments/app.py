"""The HTTP app of `payments`."""

from shared.runtime.service import Service

from services.payments.api import bank_files, batches, claims, disbursements, envelopes, lookup, payees, recoveries, vouchers

SERVICE = Service(
    "payments",
    routers=[module.router for module in (envelopes, vouchers, payees, claims, disbursements, batches, bank_files, recoveries, lookup)],
)
