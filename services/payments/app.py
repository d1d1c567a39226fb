"""The HTTP app of `payments`."""

from services.payments.api import bank_files, batches, claims, disbursements, envelopes, lookup, payees, recoveries, vouchers
from shared.runtime.service import Service
from shared.web.access_log import access_router

SERVICE = Service(
    "payments",
    routers=[
        *(module.router for module in (envelopes, vouchers, payees, claims, disbursements, batches, bank_files, recoveries, lookup)),
        access_router(),
    ],
)
