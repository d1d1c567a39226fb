"""The HTTP app of `payments`."""

from services.payments.api import (
    accounts,
    bank_files,
    batches,
    claims,
    disbursements,
    envelopes,
    lookup,
    payees,
    providers,
    recoveries,
    vouchers,
)
from shared.runtime.service import Service

_MODULES = (envelopes, vouchers, payees, providers, accounts, claims, disbursements, batches, bank_files, recoveries, lookup)
SERVICE = Service("payments", routers=[module.router for module in _MODULES])
