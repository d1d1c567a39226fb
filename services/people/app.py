"""The HTTP app of `people`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.people.api import case_links, mails, me, organisations, persons, role_invitations, roles, tokens, undertakings
from services.people.providers import Providers
from services.people.settings import Settings
from services.people.signing import TokenSigner, load_key
from shared.runtime.service import Service


@asynccontextmanager
async def issuing(app: FastAPI, settings: Settings) -> AsyncIterator[None]:
    if settings.token_key is None:
        raise ValueError("TRIPTYCH_TOKEN_KEY has to name the file of the key that signs access tokens.")
    app.state.signer = TokenSigner(load_key(settings.token_key), settings.issuer, settings.audience)
    app.state.providers = Providers(settings.providers)
    yield


SERVICE = Service(
    "people",
    routers=[module.router for module in (tokens, me, organisations, roles, role_invitations, persons, mails, undertakings, case_links)],
    opening=issuing,
    of_cases=False,
)
