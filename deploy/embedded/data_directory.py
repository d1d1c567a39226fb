"""The data directory of one embedded platform: it holds all of the platform's state, and this file knows every path in it."""

import os
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
REGIONS = REPOSITORY / "regions"


@dataclass(frozen=True, slots=True)
class BankKeys:
    """The keys of both sides of the bank's channel. A private key is given to its own process only."""

    folder: Path

    @property
    def ours(self) -> Path:
        """The private key that signs payment files."""
        return self.folder / "platform.json"

    @property
    def our_public(self) -> Path:
        return self.folder / "platform.jwks.json"

    @property
    def banks(self) -> Path:
        """The simulated bank's private key."""
        return self.folder / "bank.json"

    @property
    def banks_public(self) -> Path:
        return self.folder / "bank.jwks.json"


@dataclass(frozen=True, slots=True)
class DataDirectory:
    root: Path

    @classmethod
    def default(cls) -> "DataDirectory":
        """The folder that `TRIPTYCH_HOME` names; without that variable, `var/` in the repository."""
        return cls(Path(os.environ.get("TRIPTYCH_HOME") or REPOSITORY / "var").resolve())

    @property
    def state_file(self) -> Path:
        """Secrets, ports, start options and the clock: all that must survive a restart (see state.py)."""
        return self.root / "state.json"

    @property
    def status_file(self) -> Path:
        """The running processes, written by the supervisor (see process_status.py)."""
        return self.root / "running.json"

    @property
    def lock_file(self) -> Path:
        """Locked by the supervisor, so that only one runs in this directory."""
        return self.root / "supervisor.lock"

    @property
    def restore_staging(self) -> Path:
        """Exists while a restore runs, or after one was interrupted: the platform must not start then (see operations/backup)."""
        return self.root / "restoring"

    @property
    def backup_staging(self) -> Path:
        """What an encrypted backup is made of, while it is taken."""
        return self.root / "backing-up"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    @property
    def broker(self) -> Path:
        """Data of the broker. `State.broker` says which kind wrote it."""
        return self.root / "broker"

    def environment_overrides(self, name: str) -> Path:
        """An operator's environment variables for one process (see program.py)."""
        return self.root / "overrides" / f"{name}.json"

    @property
    def private_key(self) -> Path:
        return self.root / "identity" / "private.json"

    @property
    def provider_key(self) -> Path:
        """Signs the ID tokens of the demonstration's identity provider."""
        return self.root / "identity" / "provider.json"

    @property
    def provider_database(self) -> Path:
        """Of the demonstration's identity provider, which begins with an empty one at each start."""
        return self.root / "identity" / "provider.sqlite"

    @property
    def mailbox(self) -> Path:
        """The mails of the demonstration, to any address."""
        return self.root / "mailbox"

    @property
    def bounces(self) -> Path:
        """Reports of mail that did not arrive, until the worker of people has read them."""
        return self.root / "bounces"

    @property
    def demonstration_people(self) -> Path:
        """Who may sign in at the demonstration's identity provider."""
        return self.root / "identity" / "people.json"

    @property
    def demonstration_roles(self) -> Path:
        """Exists when the people of the demonstration have their roles."""
        return self.root / "identity" / "roles-given"

    @property
    def master_keys(self) -> Path:
        """What opens the encrypted columns and the payloads of Temporal (see master_keys.py). In no backup."""
        return self.root / "master-keys" / "keys.json"

    @property
    def secrets(self) -> tuple[Path, ...]:
        """All files that hold secrets, and that a backup takes."""
        keys = self.bank_keys
        return (self.state_file, self.private_key, self.provider_key, keys.ours, keys.our_public, keys.banks, keys.banks_public)

    @property
    def public(self) -> Path:
        """Files that Caddy serves to everyone."""
        return self.root / "public"

    @property
    def jwks(self) -> Path:
        return self.public / ".well-known" / "jwks.json"

    @property
    def anchors(self) -> Path:
        """The heads of the hash chains, outside the databases. A restore leaves it as it is."""
        return self.root / "anchors"

    @property
    def files(self) -> Path:
        """The files of applications, encrypted with keys that are in the database."""
        return self.root / "files"

    @property
    def claim_files(self) -> Path:
        """The documents of claims, encrypted like those of applications, in a store of their own."""
        return self.root / "claim-files"

    @property
    def bank_outgoing(self) -> Path:
        """Payment files for the bank."""
        return self.root / "bank" / "outgoing"

    @property
    def bank_incoming(self) -> Path:
        """The bank's answers and statements."""
        return self.root / "bank" / "incoming"

    @property
    def bank_paid_in(self) -> Path:
        """Notes on what people pay into accounts at the simulated bank."""
        return self.root / "bank" / "paid-in"

    @property
    def bank_kinds(self) -> Path:
        """As what kind of bank the simulated one keeps each account; without it, as the plainest one."""
        return self.root / "bank" / "kinds.json"

    @property
    def bank_keys(self) -> BankKeys:
        return BankKeys(self.root / "bank-keys")

    @property
    def bank_book(self) -> Path:
        """The simulated bank's own book (a file). The payments service never reads it."""
        return self.root / "bank" / "book.sqlite"
