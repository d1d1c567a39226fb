"""The OpenID provider: the code flow with PKCE (OpenID Connect Core 1.0, 3.1; RFC 7636), and signing out there.

What the provider signed is verified by `people`, which takes the ID token as a proof; here only what belongs to the flow is compared.
"""

import secrets
from urllib.parse import urlencode

import httpx
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jws
from joserfc.errors import JoseError
from pydantic import BaseModel, ValidationError

from portal.sessions.store import Attempt
from portal.settings import ProviderSettings
from shared.kernel.trust import trusted_authorities

SCOPE = "openid profile email"
METHODS = ("client_secret_basic", "client_secret_post")


class _Headers(jws.JWSRegistry):
    """A provider may put a certificate into a token's header; the library takes 512 bytes."""

    max_header_length = 8_192


class SignInFailed(Exception):
    """The provider's answer is no sign-in that this browser asked for."""


class ProviderDown(Exception):
    """The provider cannot be reached."""


class Metadata(BaseModel):
    """What the portal uses of the provider's description (OpenID Connect Discovery 1.0, 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    end_session_endpoint: str | None = None
    token_endpoint_auth_methods_supported: list[str] = ["client_secret_basic"]


class _Claims(BaseModel):
    nonce: str = ""


class Provider:
    """`http`: for the description. It is read when it is first needed, so that the portal starts without the provider."""

    def __init__(self, settings: ProviderSettings, http: httpx.AsyncClient) -> None:
        self.settings, self._http = settings, http
        self._metadata: Metadata | None = None

    async def begin(self, origin: str, next_path: str, kept: list[tuple[str, str]], language: str, *, fresh: bool) -> tuple[Attempt, str]:
        """What the browser has to prove when it comes back, and where it is sent. `fresh`: the provider asks for the password again."""
        metadata = await self._described()
        attempt = Attempt(
            state=secrets.token_urlsafe(24), nonce=secrets.token_urlsafe(24), verifier=secrets.token_urlsafe(48), origin=origin,
            next=next_path, kept=kept,
        )  # fmt: skip
        wishes = {"nonce": attempt.nonce, "ui_locales": language} | ({"prompt": "login"} if fresh else {})
        client = self._client(origin, metadata)
        address, _ = client.create_authorization_url(
            metadata.authorization_endpoint, state=attempt.state, code_verifier=attempt.verifier, **wishes
        )
        return attempt, str(address)

    async def id_token(self, attempt: Attempt, answer: dict[str, str]) -> str:
        """The ID token for the provider's answer (the query of the address to which it sent the browser).

        Raises `SignInFailed` for an answer to another attempt, of another provider, without a code, or with a code that was used.
        """
        metadata = await self._described()
        if (
            not secrets.compare_digest(answer.get("state", "").encode(), attempt.state.encode())
            or answer.get("iss", metadata.issuer) != metadata.issuer
        ):
            raise SignInFailed("state or iss")
        if "code" not in answer:
            raise SignInFailed(answer.get("error", "no code"))
        try:
            async with self._client(attempt.origin, metadata) as client:
                tokens = await client.fetch_token(metadata.token_endpoint, code=answer["code"], code_verifier=attempt.verifier)
        except OAuthError as error:
            raise SignInFailed("code") from error
        except httpx.HTTPError as error:
            raise ProviderDown from error
        token = str(tokens.get("id_token", ""))
        if not secrets.compare_digest(_nonce_of(token), attempt.nonce):
            raise SignInFailed("nonce")
        return token

    async def end_address(self, id_token: str, back: str) -> str | None:
        """Where the browser signs out of the provider too (OpenID Connect RP-Initiated Logout 1.0). None where it has no such place."""
        metadata = await self._described()
        if metadata.end_session_endpoint is None:
            return None
        query = {"id_token_hint": id_token, "client_id": self.settings.client, "post_logout_redirect_uri": back}
        return f"{metadata.end_session_endpoint}?{urlencode(query)}"

    def _client(self, origin: str, metadata: Metadata) -> AsyncOAuth2Client:
        supported = [method for method in METHODS if method in metadata.token_endpoint_auth_methods_supported]
        secret = self.settings.secret.get_secret_value()
        return AsyncOAuth2Client(
            self.settings.client,
            secret or None,
            token_endpoint_auth_method=(supported or METHODS)[0] if secret else "none",
            scope=SCOPE,
            redirect_uri=origin + "/signed-in",
            code_challenge_method="S256",
            timeout=10,
            trust_env=False,
            verify=trusted_authorities(),
        )

    async def _described(self) -> Metadata:
        if self._metadata is None:
            try:
                response = await self._http.get(f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration")
                metadata = Metadata.model_validate_json(response.raise_for_status().content)
            except (httpx.HTTPError, ValidationError) as error:
                raise ProviderDown from error
            if metadata.issuer != self.settings.issuer:
                raise ProviderDown(f"it calls itself {metadata.issuer}")
            self._metadata = metadata
        return self._metadata


def _nonce_of(token: str) -> str:
    """Before its signature is verified, which happens when `people` takes this very token as a proof."""
    try:
        return _Claims.model_validate_json(jws.extract_compact(token.encode(), registry=_Headers()).payload).nonce
    except (JoseError, ValueError) as error:
        raise SignInFailed("ID token") from error
