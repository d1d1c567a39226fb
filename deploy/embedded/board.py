"""What the supervisor writes down about itself and its processes, for `triptych status` and for whoever cleans up after it."""

import os
from enum import StrEnum
from pathlib import Path

import psutil
from pydantic import BaseModel, ConfigDict

# The time of creation is counted from the machine's start, which is corrected by the clock's own corrections.
_TOLERANCE_SECONDS = 5


class Phase(StrEnum):
    STARTING = "starting"
    READY = "ready"
    STOPPING = "stopping"
    FAILED = "failed"


class Mark(BaseModel):
    """One process of the machine. The time of its creation tells it from a later one with the same number."""

    model_config = ConfigDict(frozen=True)

    pid: int
    created: float

    @classmethod
    def of(cls, pid: int) -> "Mark | None":
        try:
            return cls(pid=pid, created=psutil.Process(pid).create_time())
        except psutil.NoSuchProcess:
            return None

    @classmethod
    def mine(cls) -> "Mark":
        return cls(pid=os.getpid(), created=psutil.Process().create_time())

    def process(self) -> psutil.Process | None:
        """None when it has ended."""
        process = self._listed()
        try:
            return process if process is not None and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None

    @property
    def is_listed(self) -> bool:
        """Also true of what has ended while its parent, or whoever took that one's place, has not heard of it yet."""
        return self._listed() is not None

    def _listed(self) -> psutil.Process | None:
        try:
            process = psutil.Process(self.pid)
            return process if abs(process.create_time() - self.created) < _TOLERANCE_SECONDS else None
        except psutil.NoSuchProcess:
            return None


class Entry(BaseModel):
    """One process of the platform: `state` is waiting, starting, ready, restarting or stopped."""

    name: str
    port: int
    state: str = "waiting"
    mark: Mark | None = None
    restarts: int = 0


class Board(BaseModel):
    supervisor: Mark
    phase: Phase = Phase.STARTING
    doing: str = ""
    error: str = ""
    entries: list[Entry] = []

    @classmethod
    def failed(cls, error: str) -> "Board":
        """Of a supervisor that could not begin."""
        return cls(supervisor=Mark.mine(), phase=Phase.FAILED, error=error)

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_text(self.model_dump_json(indent=2))
        fresh.replace(path)

    @classmethod
    def read(cls, path: Path) -> "Board | None":
        try:
            return cls.model_validate_json(path.read_text())
        except FileNotFoundError:
            return None
