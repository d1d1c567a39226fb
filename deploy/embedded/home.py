"""The folder that holds all the state of one embedded platform, and where what stands in it."""

import os
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
REGIONS = REPOSITORY / "regions"


@dataclass(frozen=True, slots=True)
class Home:
    root: Path

    @classmethod
    def default(cls) -> "Home":
        """`TRIPTYCH_HOME`, else `var/` beside the code."""
        return cls(Path(os.environ.get("TRIPTYCH_HOME") or REPOSITORY / "var").resolve())

    @property
    def state(self) -> Path:
        """What must outlive a restart: secrets, ports, the clock's anchor (see state.py)."""
        return self.root / "state.json"

    @property
    def running(self) -> Path:
        """What runs now, written by the supervisor (see board.py)."""
        return self.root / "running.json"

    @property
    def lock(self) -> Path:
        return self.root / "supervisor.lock"

    @property
    def restoring(self) -> Path:
        """There while a restore is under way, or was broken off: what lies here then is no platform (see operations/backup)."""
        return self.root / "restoring"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    @property
    def broker(self) -> Path:
        """What the broker keeps; `state.broker` says which one it is."""
        return self.root / "broker"

    def override(self, name: str) -> Path:
        """What an operator tells one process besides what it is told (see program.py)."""
        return self.root / "overrides" / f"{name}.json"

    @property
    def private_key(self) -> Path:
        return self.root / "identity" / "private.json"

    @property
    def public(self) -> Path:
        """Files that anyone may read, served by Caddy."""
        return self.root / "public"

    @property
    def jwks(self) -> Path:
        return self.public / ".well-known" / "jwks.json"

    @property
    def bank_outgoing(self) -> Path:
        """Payment files on their way to the bank."""
        return self.root / "bank" / "outgoing"

    @property
    def bank_incoming(self) -> Path:
        """The bank's answers and statements."""
        return self.root / "bank" / "incoming"

    @property
    def bank_book(self) -> Path:
        """The simulated bank's own book (a file), which payments never sees."""
        return self.root / "bank" / "book.sqlite"
