"""The context of each kind of caller, and what routes need besides."""

from typing import Annotated

from fastapi import Depends, Request

from services.people.providers import Providers
from services.people.signing import TokenSigner
from shared.identity.permissions import Permission
from shared.messaging.context import Context
from shared.web.auth import anonymous, requires

Anybody = Annotated[Context, anonymous()]
SignedIn = Annotated[Context, requires(Permission.OWN_PROFILE)]
SignedInReader = Annotated[Context, requires(Permission.OWN_PROFILE, only_reads=True)]
FreshlySignedIn = Annotated[Context, requires(Permission.OWN_PROFILE, fresh=True)]
LinkReader = Annotated[Context, requires(Permission.READ_LINKS)]
DeskReader = Annotated[Context, requires(Permission.READ_LINKS, only_reads=True)]
LinkCorrector = Annotated[Context, requires(Permission.CORRECT_LINKS)]
RoleManager = Annotated[Context, requires(Permission.MANAGE_ROLES)]
HistoryReader = Annotated[Context, requires(Permission.READ_HISTORY)]
RoleReader = Annotated[Context, requires(Permission.READ_ROLES)]
NameReader = Annotated[Context, requires(Permission.READ_NAMES)]


async def signer_of(request: Request) -> TokenSigner:
    signer: TokenSigner = request.app.state.signer
    return signer


async def providers_of(request: Request) -> Providers:
    providers: Providers = request.app.state.providers
    return providers


async def real_now_of(signer: Annotated[TokenSigner, Depends(signer_of)]) -> float:
    return signer.now()


Signer = Annotated[TokenSigner, Depends(signer_of)]
KnownProviders = Annotated[Providers, Depends(providers_of)]
RealNow = Annotated[float, Depends(real_now_of)]
"""Seconds since 1970: sign-ins and tokens are of real time, all else of the programme's."""
