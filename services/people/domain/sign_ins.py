"""What the proof of a sign-in says, and for how long it is good. All instants are real time."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from shared.texts.languages import negotiate

SIGN_IN = timedelta(hours=12)
"""After this a person signs in again, however busy: a working day with its evening before a deadline."""
TOKEN = timedelta(minutes=15)
"""Of an access token. It is renewed without a new sign-in while the sign-in lasts, and the roles are read again each time."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A sign-in at a provider, as its verified ID token says. `client`: for whom the token was made. `digest`: of what the provider signed;
    it proves one sign-in, and nothing after `usable_until`."""

    issuer: str
    subject: str
    client: str
    signed_in_at: float
    digest: str
    usable_until: float
    name: str | None = None
    email: str | None = None
    email_verified: bool = False
    locale: str | None = None

    @property
    def language(self) -> str:
        """One of the platform's languages; English where the provider says nothing."""
        return negotiate(self.locale or "")


def name_at_provider(issuer: str, subject: str) -> str:
    """Of what the keyed hash of a person at a provider is made: a provider's names differ by case, too (OpenID Connect Core 1.0, 2)."""
    return hashlib.sha256(f"{issuer}\x1f{subject}".encode()).hexdigest()
