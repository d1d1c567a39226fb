"""The HTTP app of `payments`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.payments.api import (
    accounts,
    bank_files,
    bank_uploads,
    batches,
    catalogue,
    claim_drafts,
    claims,
    desk,
    disbursements,
    envelopes,
    figures,
    lookup,
    open_catalogue,
    orders,
    payees,
    providers,
    recoveries,
    samples,
    state_aid,
    vouchers,
)
from services.payments.settings import Settings
from shared.runtime.files import open_files
from shared.runtime.service import Service
from shared.web.access_log import access_router


@asynccontextmanager
async def _opened(app: FastAPI, settings: Settings) -> AsyncIterator[None]:
    app.state.open_claims = settings.open_claims
    open_files(app, settings)
    yield


_MODULES = (
    *(
        desk,
        envelopes,
        vouchers,
        payees,
        providers,
        accounts,
        claim_drafts,
        claims,
        disbursements,
        batches,
        bank_files,
        bank_uploads,
        recoveries,
    ),
    *(lookup, figures, samples, state_aid),
    *(catalogue, open_catalogue, orders),
)
SERVICE = Service("payments", routers=[*(module.router for module in _MODULES), access_router()], opening=_opened)
