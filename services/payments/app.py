"""The HTTP app of `payments`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.payments.api import (
    accounts,
    bank_files,
    batches,
    claims,
    desk,
    disbursements,
    envelopes,
    figures,
    lookup,
    payees,
    providers,
    recoveries,
    samples,
    vouchers,
)
from services.payments.domain.outcomes import LARGEST_PROOF_MIB
from services.payments.settings import Settings
from shared.runtime.service import Service
from shared.web.access_log import access_router
from shared.web.uploads import MIB, FileTraffic


@asynccontextmanager
async def _quota(app: FastAPI, settings: Settings) -> AsyncIterator[None]:
    app.state.open_claims = settings.open_claims
    app.state.file_traffic = FileTraffic(largest_bytes=LARGEST_PROOF_MIB * MIB)
    yield


_MODULES = (
    *(desk, envelopes, vouchers, payees, providers, accounts, claims, disbursements, batches, bank_files, recoveries, lookup),
    *(figures, samples),
)
SERVICE = Service("payments", routers=[*(module.router for module in _MODULES), access_router()], opening=_quota)
