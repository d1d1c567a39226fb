"""Which installations somebody is signed in at from the command line: one file of the user's, which nobody else may read."""

import json
import os
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer, SecretStr, TypeAdapter, ValidationError

from shared.kernel.ids import new_id
from shared.runtime.settings import is_this_machine

FILE = "installations.json"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class ProfileError(Exception):
    """The file cannot be used; the text says why, and what to do."""


def origin_of(text: str) -> str:
    """The address of an installation, without what follows the port. ValueError unless it is https, or http on this machine."""
    parts = urlsplit(text.strip())
    host = (parts.hostname or "").lower()
    if parts.scheme not in ("https", "http") or not host or parts.username is not None or parts.path not in ("", "/") or parts.query:
        raise ValueError("an address is https://, a name and nothing after it, such as https://grants.example.org")
    if parts.scheme == "http" and not is_this_machine(host):
        raise ValueError("an address of another machine begins with https://")
    named = f"[{host}]" if ":" in host else host
    usual = {"https": 443, "http": 80}[parts.scheme]
    return f"{parts.scheme}://{named}" + (f":{parts.port}" if parts.port not in (None, usual) else "")


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


KeptSecret = Annotated[SecretStr, PlainSerializer(SecretStr.get_secret_value)]
"""Hidden wherever it is shown, and in clear in the file, which is its owner's alone."""


class SignIn(_Kept):
    """Of a person. `renewal` renews access tokens at `people` until `ends_at` (real time) at the latest. `sign_in_id`: by which it is
    ended. `issuer`: the provider that proved it."""

    kind: Literal["person"] = "person"
    issuer: str
    person_id: str
    sign_in_id: str
    name: str = ""
    renewal: KeptSecret
    ends_at: AwareDatetime


class Machine(_Kept):
    """A service account of `people`: its id, and the secret that was shown when it was registered."""

    kind: Literal["machine"] = "machine"
    client: str
    secret: KeptSecret


class Installation(_Kept):
    """`name`: by which commands may be given it instead of its address."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.:-]{0,99}$")]
    address: Annotated[str, AfterValidator(origin_of)]
    signed_in: Annotated[SignIn | Machine, Field(discriminator="kind")]

    def has_ended(self, now: datetime | None = None) -> bool:
        return isinstance(self.signed_in, SignIn) and self.signed_in.ends_at <= (now or datetime.now(UTC))


_FILE = TypeAdapter(list[Installation])


class Profiles:
    """The file in `folder`, the user's own for this program."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    def all(self) -> list[Installation]:
        """`ProfileError` for a file that others may read, or that is not as it was written."""
        try:
            with self.path.open("rb") as file:
                about = os.fstat(file.fileno())
                if about.st_uid != os.geteuid() or about.st_mode & _OTHERS:
                    raise ProfileError(f"{self.path} holds sign-ins, and has to be yours alone: chmod 600 {self.path}")
                return _FILE.validate_json(file.read())
        except FileNotFoundError:
            return []
        except ValidationError as error:
            raise ProfileError(f"{self.path} cannot be read: remove it, and sign in again.") from error

    def find(self, wanted: str) -> Installation | None:
        """By name, or by address."""
        try:
            address = origin_of(wanted)
        except ValueError:
            address = ""
        return next((one for one in self.all() if wanted == one.name or address == one.address), None)

    def keep(self, installation: Installation) -> None:
        """In the place of what was kept of this address. `ProfileError` when another installation has its name."""
        others = [one for one in self.all() if one.address != installation.address]
        if any(one.name == installation.name for one in others):
            raise ProfileError(f"Another installation is called {installation.name} already: give this one another --name.")
        self._write([*others, installation])

    def forget(self, address: str) -> None:
        self._write([one for one in self.all() if one.address != address])

    def _write(self, installations: list[Installation]) -> None:
        """The file is replaced as a whole: a reader sees the one before or the new one, and it is never readable by others."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self.path.with_name(f"{FILE}.{new_id()}")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                json.dump([one.model_dump(mode="json") for one in installations], file, indent=1)
            draft.replace(self.path)
        finally:
            draft.unlink(missing_ok=True)
