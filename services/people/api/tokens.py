"""/token, where commands sign in, and what the services read: the public keys and the revocation list. For OAuth clients, so errors are as
in RFC 6749, 5.2."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import parse_qsl
from uuid import UUID

from fastapi import Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.people.api.dependencies import Anybody, KnownProviders, RealNow, Signer
from services.people.commands.sign_in import sign_in
from services.people.domain.sign_ins import TOKEN
from services.people.queries.machines import known_machine, roles_of_machine
from services.people.queries.revocations import revocation_list
from services.people.queries.sign_ins import lasting_sign_in
from services.people.queries.tokens import Hat, hat_of
from services.people.signing import TokenSigner
from shared.identity.revocations import RevocationList
from shared.kernel.errors import Refused
from shared.messaging.context import Context
from shared.web.auth import open_router

router = open_router("tokens")
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ID_TOKEN, ACCESS_TOKEN = (f"urn:ietf:params:oauth:token-type:{kind}" for kind in ("id_token", "access_token"))
MOST_PARAMETERS = 20


class TokenRequest(BaseModel):
    """RFC 8693 for a proof of a sign-in, RFC 6749 for what renews and for machines. `organisation`: for whom an applicant acts; without it
    the token has the roles of the agency."""

    model_config = ConfigDict(extra="ignore")

    grant_type: str
    subject_token: str | None = None
    subject_token_type: str | None = None
    refresh_token: Annotated[str, Field(max_length=200)] | None = None
    client_id: Annotated[str, Field(max_length=200)] | None = None
    client_secret: Annotated[str, Field(max_length=200)] | None = None
    organisation: UUID | None = None


class TokenView(BaseModel):
    """RFC 6749, 5.1 and RFC 8693, 2.2.1. `refresh_token`: for a sign-in, good as long as the sign-in."""

    access_token: str
    issued_token_type: str = ACCESS_TOKEN
    token_type: str = "Bearer"
    expires_in: int = int(TOKEN.total_seconds())
    refresh_token: str | None = None


@router.post("/token", response_model=TokenView, response_model_exclude_none=True)
async def post_token(context: Anybody, request: Request, providers: KnownProviders, signer: Signer, real_now: RealNow) -> Any:
    """Parameters as a form (`application/x-www-form-urlencoded`), see `TokenRequest`."""
    try:
        asked = _read(await request.body())
        return await _answer(context, asked, providers, signer, real_now)
    except (Refused, ValidationError) as error:
        await context.session.rollback()
        return _refusal(error)


async def _answer(context: Context, asked: TokenRequest, providers: KnownProviders, signer: TokenSigner, real_now: float) -> TokenView:
    match asked:
        case TokenRequest(grant_type="urn:ietf:params:oauth:grant-type:token-exchange", subject_token=str(token)):
            if asked.subject_token_type != ID_TOKEN:
                raise Refused("unsupported-token-type", "Only an ID token is taken here.", field="subject_token_type")
            session, secret = await sign_in(context, await providers.proof(token), real_now)
            hat = await hat_of(context, session.person_id, asked.organisation)
            return TokenView(access_token=_token(signer, hat, session.id, session.signed_in_at), refresh_token=secret)
        case TokenRequest(grant_type="refresh_token", refresh_token=str(secret)):
            person, session = await lasting_sign_in(context, secret, real_now)
            hat = await hat_of(context, person.id, asked.organisation)
            return TokenView(access_token=_token(signer, hat, session.id, session.signed_in_at))
        case TokenRequest(grant_type="client_credentials", client_id=str(client), client_secret=str(secret)):
            machine = await known_machine(context, client, secret)
            token = signer.machine_token(machine.id, await roles_of_machine(context, machine.id), machine.registered_by)
            return TokenView(access_token=token)
    raise Refused("unsupported-grant-type", "This kind of request is not known here, or lacks a parameter.", field="grant_type")


def _token(signer: TokenSigner, hat: Hat, sign_in_id: UUID, signed_in_at: datetime) -> str:
    at = int(signed_in_at.timestamp())
    return signer.token(hat.person_id, hat.grants, at, sign_in_id=sign_in_id, organisation_id=hat.organisation_id)


def _read(body: bytes) -> TokenRequest:
    """A parameter that is given twice is refused (RFC 6749, 3.2)."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=bool(body), max_num_fields=MOST_PARAMETERS)
    except ValueError as error:
        raise Refused("bad-form", "The form cannot be read.") from error
    if len(dict(pairs)) != len(pairs):
        raise Refused("bad-form", "The form cannot be read.")
    return TokenRequest.model_validate(dict(pairs))


_CODES = {401: "invalid_grant", 403: "invalid_grant"}


def _refusal(error: Refused | ValidationError) -> JSONResponse:
    if isinstance(error, ValidationError):
        return JSONResponse({"error": "invalid_request", "error_description": "a parameter is not as it has to be"}, 400)
    code = "unsupported_grant_type" if error.code == "unsupported-grant-type" else _CODES.get(error.status, "invalid_request")
    return JSONResponse({"error": code, "error_description": error.detail, "code": error.code}, 400)


class CommandSignInView(BaseModel):
    """Where a command line signs people in: an OpenID provider, and the client that is registered there for it (OpenID Connect Discovery
    1.0: all else stands in the provider's own description)."""

    issuer: str
    client: str


@router.get("/sign-in")
async def get_sign_in(context: Anybody, providers: KnownProviders) -> list[CommandSignInView]:
    """The providers at which commands sign people in; an empty list where none is meant for it."""
    return [CommandSignInView(issuer=one.issuer, client=one.command_line) for one in providers.of_commands]


@router.get("/keys")
async def get_keys(context: Anybody, signer: Signer) -> dict[str, Any]:
    """The public keys of the access tokens (RFC 7517)."""
    return signer.public_keys


@router.get("/revocations")
async def get_revocations(context: Anybody, real_now: RealNow) -> RevocationList:
    """What is void before its end."""
    return await revocation_list(context, real_now)
