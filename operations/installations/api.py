"""The public APIs of an installation, as whom somebody is signed in at the command line."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from pydantic import BaseModel, SecretStr, ValidationError

from deploy.embedded.identity import unverified_claims
from operations.client import Api, Person, Problem
from operations.installations.profiles import Installation, Machine, SignIn
from operations.installations.provider import SignInEnded, SignInFailed
from shared.identity.actor import Role
from shared.kernel.trust import trusted_authorities

TOKENS, PROVIDERS, ME = "/api/people/token", "/api/people/sign-in", "/api/people/me"
LONGEST = timedelta(hours=12)
"""`people` renews no longer than this after the sign-in; what it says counts."""
EXCHANGE = {
    "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
    "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
}
ENDED = frozenset({"signed-out", "sign-in-too-old", "person-ended", "unknown-client"})
"""Refusals after which only a new sign-in helps."""


class Place(BaseModel):
    """Where commands sign in: an identity provider, and the client that is registered there for them."""

    issuer: str
    client: str


class SignedInApi(Api):
    """Who acts is who is signed in: the name in `Person` is one of the embedded platform, and counts for nothing here. What this person may
    do is decided by the services, as for pages."""

    def __init__(self, installation: Installation, retry_for: timedelta = timedelta(minutes=2)) -> None:
        super().__init__(installation.address, _NoProofs(), retry_for, trusted_authorities())
        self._installation = installation

    async def sign_in(self, person: Person) -> str:
        """`Problem` when the sign-in has ended, which says what to do."""
        form = renewal_of(self._installation)
        answer = await self._answered("POST", TOKENS, lambda: {"data": form})
        if answer.status_code == 400:
            raise Problem(401, {"code": _code_of(answer), "detail": ended(self._installation)})
        return str(self._read("POST", TOKENS, answer)["access_token"])


class _NoProofs:
    def of(self, person: Person) -> str:
        raise AssertionError("nobody is signed in here by a proof")


def renewal_of(installation: Installation) -> dict[str, str]:
    """The form that gets an access token (RFC 6749, 6 and 4.4)."""
    match installation.signed_in:
        case SignIn(renewal=renewal):
            return {"grant_type": "refresh_token", "refresh_token": renewal.get_secret_value()}
        case Machine(client=client, secret=secret):
            return {"grant_type": "client_credentials", "client_id": client, "client_secret": secret.get_secret_value()}


def ended(installation: Installation) -> str:
    if isinstance(installation.signed_in, Machine):
        return f"The service account is not accepted at {installation.address}: its secret is another one, or its account was closed."
    return f"The sign-in at {installation.address} has ended: `triptych --at {installation.name} sign-in`."


class Door:
    """The few requests that begin and end a sign-in. `transport`: in tests, instead of the network."""

    def __init__(self, address: str, transport: httpx.BaseTransport | None = None) -> None:
        self.address = address
        self._http = httpx.Client(base_url=address, timeout=20, trust_env=False, verify=trusted_authorities(), transport=transport)

    def places(self) -> list[Place]:
        """`SignInFailed` where there is none, or no installation answers."""
        answer = self._ask("GET", PROVIDERS)
        try:
            places = [Place.model_validate(one) for one in answer]
        except (ValidationError, TypeError) as error:
            raise SignInFailed(f"{self.address} is no installation that commands can sign in at.") from error
        if not places:
            raise SignInFailed(
                f"{self.address} has no sign-in for commands: its operator names a client in TRIPTYCH_PROVIDERS (command_line)."
            )
        return places

    def enter(self, name: str, issuer: str, id_token: str) -> Installation:
        """Exchanges the proof of a sign-in. `SignInFailed` when `people` does not take it."""
        issued = self._ask("POST", TOKENS, data={**EXCHANGE, "subject_token": id_token})
        claims = unverified_claims(issued["access_token"])
        me = self._ask("GET", ME, headers={"Authorization": f"Bearer {issued['access_token']}"})
        signed_in = SignIn(
            issuer=issuer, person_id=claims["sub"], sign_in_id=claims["sid"], name=me["name"] or "",
            renewal=SecretStr(issued["refresh_token"]), ends_at=datetime.fromtimestamp(claims["auth_time"], UTC) + LONGEST,
        )  # fmt: skip
        return Installation(name=name, address=self.address, signed_in=signed_in)

    def enter_as_machine(self, name: str, machine: Machine) -> Installation:
        """`SignInFailed` for an id or a secret that is not known there."""
        installation = Installation(name=name, address=self.address, signed_in=machine)
        self.token(installation)
        return installation

    def token(self, installation: Installation) -> str:
        """An access token. `SignInFailed` when the sign-in has ended."""
        return str(self._ask("POST", TOKENS, data=renewal_of(installation))["access_token"])

    def leave(self, installation: Installation) -> None:
        """Ends the sign-in at the installation; one that has ended before is no error. A service account has none."""
        if isinstance(installation.signed_in, SignIn) and not installation.has_ended():
            try:
                token = self.token(installation)
            except SignInEnded:
                return
            path = f"{ME}/sign-ins/{installation.signed_in.sign_in_id}/end"
            self._ask("POST", path, headers={"Authorization": f"Bearer {token}"})

    def _ask(self, method: str, path: str, **request: Any) -> Any:
        try:
            answer = self._http.request(method, path, **request)
        except httpx.TransportError as error:
            raise SignInFailed(f"{self.address} cannot be reached: {error}") from error
        if answer.is_success:
            try:
                return answer.json()
            except ValueError as error:
                raise SignInFailed(f"{self.address} is no installation: it answers {path} with something else.") from error
        code = _code_of(answer)
        failure = SignInEnded if code in ENDED else SignInFailed
        raise failure(f"{self.address} refuses: {_reason_of(answer)} ({code}).")


def _code_of(answer: httpx.Response) -> str:
    return str(_body_of(answer).get("code", f"http-{answer.status_code}"))


def _reason_of(answer: httpx.Response) -> str:
    body = _body_of(answer)
    return str(body.get("error_description") or body.get("detail") or f"status {answer.status_code}").rstrip(".")


def _body_of(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def roles_in(token: str) -> dict[str, list[str]]:
    """Region → roles, as the token says."""
    roles = unverified_claims(token).get("roles", {})
    return {region: sorted(role for role in held if role in set(Role)) for region, held in sorted(dict(roles).items())}


def is_fresh(signed_in: SignIn, seconds: int, now: float | None = None) -> bool:
    """Whether the person signed in at the provider within these seconds."""
    return (signed_in.ends_at - LONGEST).timestamp() >= (time.time() if now is None else now) - seconds
