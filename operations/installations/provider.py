"""Signing in at an OpenID provider from a command line: the device flow (RFC 8628), or the code flow with a loopback address (RFC 8252).

What the provider signed is verified by `people`, which takes the ID token as a proof; here only what belongs to the flow is compared.
"""

import json
import secrets
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
from authlib.integrations.base_client.errors import OAuthError
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jws
from joserfc.errors import JoseError
from pydantic import BaseModel, Field, ValidationError

from operations.installations.loopback import Loopback
from operations.installations.profiles import origin_of
from shared.kernel.trust import trusted_authorities

SCOPE = "openid profile email"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
SLOWER_SECONDS = 5
"""By which each `slow_down` lengthens the pause, for good (RFC 8628, 3.5)."""
LONGEST_PAUSE_SECONDS = 60
BROWSER_SECONDS = 300
_TIMEOUT_SECONDS = 20


class SignInFailed(Exception):
    """No sign-in came of it; the text says why."""


class SignInEnded(SignInFailed):
    """What was signed in is not any more: nothing but a new sign-in helps."""


class Description(BaseModel):
    """What is used of the provider's description (OpenID Connect Discovery 1.0, 3; RFC 8628, 4)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    device_authorization_endpoint: str | None = None


class DeviceCode(BaseModel):
    """RFC 8628, 3.2. Seconds."""

    device_code: str
    user_code: str
    verification_uri: str
    verification_uri_complete: str | None = None
    expires_in: float = Field(gt=0)
    interval: float = Field(default=5, ge=0)


@dataclass(frozen=True)
class Waiting:
    """What the flow needs of the world. `now`: seconds that only go on. `shown`: a person reads these lines. `opened`: tries to open an
    address in a browser of this machine."""

    now: Callable[[], float]
    sleep: Callable[[float], None]
    shown: Callable[..., None]
    opened: Callable[[str], object]


class Provider:
    """`client` is public: it has no secret, so each flow proves by PKCE that who began it ends it."""

    def __init__(self, issuer: str, client: str, world: Waiting, transport: httpx.BaseTransport | None = None) -> None:
        self.issuer, self.client, self._world, self._transport = issuer, client, world, transport

    def described(self) -> Description:
        """`SignInFailed` for a provider that does not answer, calls itself otherwise, or has an address that is not safe."""
        try:
            with self._http() as http:
                answer = http.get(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
            found = Description.model_validate_json(answer.raise_for_status().content)
            for address in (found.authorization_endpoint, found.token_endpoint, found.device_authorization_endpoint):
                _check_safe(address)
        except (httpx.HTTPError, ValidationError, ValueError) as error:
            raise SignInFailed(f"The identity provider {self.issuer} cannot be used: {error}") from error
        if found.issuer != self.issuer:
            raise SignInFailed(f"The identity provider at {self.issuer} calls itself {found.issuer}.")
        return found

    def by_device(self, description: Description) -> str:
        """The ID token, once the person has typed the code at a browser, of this or another machine."""
        if description.device_authorization_endpoint is None:
            raise SignInFailed("This identity provider has no device flow: sign in with --browser.")
        verifier = secrets.token_urlsafe(48)
        form = {
            "client_id": self.client, "scope": SCOPE, "code_challenge_method": "S256",
            "code_challenge": create_s256_code_challenge(verifier),
        }  # fmt: skip
        try:
            with self._http() as http:
                answer = http.post(description.device_authorization_endpoint, data=form)
            if answer.is_error:
                raise SignInFailed(f"The identity provider begins no sign-in: {_error_of(answer)}.")
            code = DeviceCode.model_validate_json(answer.content)
            _check_safe(code.verification_uri)
        except (httpx.HTTPError, ValueError) as error:
            raise SignInFailed(f"The identity provider begins no sign-in: {error}") from error
        self._world.shown(f"Open {code.verification_uri} in any browser, type the code {code.user_code}, and sign in there.")
        if code.verification_uri_complete:
            self._world.shown(f"Or open {code.verification_uri_complete}, and compare the code with the one above.")
        return self._polled(description, code, verifier)

    def _polled(self, description: Description, code: DeviceCode, verifier: str) -> str:
        """RFC 8628, 3.5: a request without an answer doubles the pause."""
        until, pause = self._world.now() + code.expires_in, max(code.interval, 1)
        form = {"grant_type": DEVICE, "device_code": code.device_code, "client_id": self.client, "code_verifier": verifier}
        while self._world.now() + pause < until:
            self._world.sleep(pause)
            try:
                with self._http() as http:
                    answer = http.post(description.token_endpoint, data=form)
            except httpx.TransportError:
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                continue
            if answer.is_success:
                return _id_token(answer.json())
            match _error_of(answer):
                case "authorization_pending":
                    pass
                case "slow_down":
                    pause += SLOWER_SECONDS
                case "access_denied":
                    raise SignInFailed("The sign-in was refused at the identity provider.")
                case "expired_token":
                    break
                case other:
                    raise SignInFailed(f"The identity provider refuses the sign-in: {other}.")
        raise SignInFailed("Nobody signed in with the code in time: begin again.")

    def by_browser(self, description: Description, port: int = 0, seconds: float = BROWSER_SECONDS) -> str:
        """The ID token, once the browser of this machine comes back to a port that only this command listens on. The provider asks for the
        password again, so the sign-in is fresh. `port` 0: any that is free, which RFC 8252, 7.3 has every provider allow."""
        state, nonce, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48)
        with warnings.catch_warnings(record=True):  # of httpx's successor: nothing that a person can do anything about
            from authlib.integrations.httpx_client import OAuth2Client
        with Loopback(port, state) as loopback:
            client = OAuth2Client(
                self.client, None, token_endpoint_auth_method="none", scope=SCOPE, redirect_uri=loopback.address,
                code_challenge_method="S256", timeout=_TIMEOUT_SECONDS, trust_env=False,
                verify=trusted_authorities(), transport=self._transport,
            )  # fmt: skip
            address, _ = client.create_authorization_url(
                description.authorization_endpoint, state=state, code_verifier=verifier, nonce=nonce, prompt="login"
            )
            self._world.shown(f"Sign in at the page that opens, or open it in a browser of this machine: {address}")
            self._world.opened(str(address))
            answer = loopback.answer(seconds)
        if answer is None:
            raise SignInFailed("Nobody signed in at the page in time: begin again.")
        if answer.get("iss", description.issuer) != description.issuer or "code" not in answer:
            raise SignInFailed(f"The identity provider refuses the sign-in: {answer.get('error', 'no code')}.")
        try:
            with client:
                tokens = client.fetch_token(description.token_endpoint, code=answer["code"], code_verifier=verifier)
        except (OAuthError, httpx.HTTPError) as error:
            raise SignInFailed(f"The identity provider refuses the sign-in: {error}") from error
        token = _id_token(tokens)
        if not secrets.compare_digest(_nonce_of(token), nonce):
            raise SignInFailed("The identity provider answered another sign-in (nonce).")
        return token

    def _http(self) -> httpx.Client:
        return httpx.Client(timeout=_TIMEOUT_SECONDS, trust_env=False, verify=trusted_authorities(), transport=self._transport)


def _check_safe(address: str | None) -> None:
    """ValueError unless nobody on the way can read or change what is sent there."""
    if address is not None:
        scheme, _, rest = address.partition("://")
        origin_of(f"{scheme}://{rest.partition('/')[0]}")


def _error_of(answer: httpx.Response) -> str:
    """The code of RFC 6749, 5.2."""
    try:
        return str(answer.json()["error"])
    except (ValueError, KeyError, TypeError):
        return f"status {answer.status_code}"


def _id_token(tokens: Any) -> str:
    token = tokens.get("id_token") if isinstance(tokens, dict) else None
    if not isinstance(token, str):
        raise SignInFailed("The identity provider gave no ID token.")
    return token


def _nonce_of(token: str) -> str:
    try:
        registry = jws.JWSRegistry(strict_check_header=False)
        registry.max_header_length = 8_192  # with a certificate in it
        return str(json.loads(jws.extract_compact(token.encode(), registry=registry).payload).get("nonce", ""))
    except (JoseError, ValueError, AttributeError) as error:
        raise SignInFailed("The identity provider gave no ID token that can be read.") from error
