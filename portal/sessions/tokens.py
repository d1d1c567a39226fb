"""Access tokens from `people` (RFC 8693 for a proof of a sign-in, RFC 6749 for what renews them)."""

import json
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from joserfc import jws
from pydantic import BaseModel

from portal.client.base import UNREACHABLE, Http, NoAnswer

PATH = "/api/people/token"
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
EXCHANGE = {
    "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
    "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
}


def said_in(access_token: str) -> dict[str, Any]:
    """The claims of a token that `people` has just given out, or gave out before: nothing is decided by them here."""
    claims: dict[str, Any] = json.loads(jws.extract_compact(access_token.encode()).payload)
    return claims


class Issued(BaseModel):
    """`refresh_token`: only for a sign-in."""

    access_token: str
    expires_in: int
    refresh_token: str = ""

    @property
    def sign_in_id(self) -> UUID:
        """The sign-in that the token is of, by which it is ended."""
        return UUID(said_in(self.access_token)["sid"])


class NotIssued(Exception):
    """The sign-in does not count, or no longer. `code` says why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class Tokens:
    """`http`: of `people`."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def for_proof(self, id_token: str) -> Issued:
        """Of the roles of the agency, for a sign-in of this moment. Raises `NotIssued` or `NoAnswer`."""
        return await self._ask({**EXCHANGE, "subject_token": id_token})

    async def renewed(self, renewal: str, organisation: UUID | None) -> Issued:
        """For `organisation`, or with the roles of the agency. Raises `NotIssued` or `NoAnswer`."""
        form = {"grant_type": "refresh_token", "refresh_token": renewal}
        return await self._ask(form | ({"organisation": str(organisation)} if organisation else {}))

    async def _ask(self, form: dict[str, str]) -> Issued:
        answer = await self._http.ask("POST", PATH, headers=_FORM, content=urlencode(form).encode())
        if answer.is_success:
            return Issued.model_validate_json(answer.content)
        if answer.status in UNREACHABLE or answer.status == 429:
            raise NoAnswer(answer.status, {})
        raise NotIssued(str(json.loads(answer.content).get("code", "")))
