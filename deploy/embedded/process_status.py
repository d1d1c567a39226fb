"""The status file `running.json`: the supervisor writes its own state and that of its processes into it.

`triptych status` shows it. The next supervisor reads it to end processes that an earlier one left running.
"""

import os
from enum import StrEnum
from pathlib import Path

import psutil
from pydantic import AliasChoices, BaseModel, ConfigDict, Field

# A creation time is measured from the machine's start, and moves when the machine's clock is corrected.
_TOLERANCE_SECONDS = 5
# Names that earlier versions wrote are still read: a supervisor of an earlier version may have left the file.
_READS_FORMER_NAMES = ConfigDict(validate_by_name=True)


class Phase(StrEnum):
    STARTING = "starting"
    READY = "ready"
    STOPPING = "stopping"
    FAILED = "failed"


class ProcessHandle(BaseModel):
    """Identifies one process of the machine. The creation time distinguishes it from a later process with the same pid."""

    model_config = ConfigDict(frozen=True)

    pid: int
    created: float

    @classmethod
    def of(cls, pid: int) -> "ProcessHandle | None":
        """Returns None when no such process exists."""
        try:
            return cls(pid=pid, created=psutil.Process(pid).create_time())
        except psutil.NoSuchProcess:
            return None

    @classmethod
    def mine(cls) -> "ProcessHandle":
        """The handle of this process."""
        return cls(pid=os.getpid(), created=psutil.Process().create_time())

    def process(self) -> psutil.Process | None:
        """Returns None when the process has ended."""
        process = self._listed()
        try:
            return process if process is not None and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None

    @property
    def is_listed(self) -> bool:
        """True while the system lists the process: also for a zombie, which has ended but was not yet waited for by its parent."""
        return self._listed() is not None

    def _listed(self) -> psutil.Process | None:
        try:
            process = psutil.Process(self.pid)
            return process if abs(process.create_time() - self.created) < _TOLERANCE_SECONDS else None
        except psutil.NoSuchProcess:
            return None


class ProcessStatus(BaseModel):
    """One process of the platform. `state` is waiting, starting, ready, restarting or stopped. `parts`: name → port of others in it."""

    model_config = _READS_FORMER_NAMES

    name: str
    port: int
    parts: dict[str, int] = {}
    state: str = "waiting"
    handle: ProcessHandle | None = Field(default=None, validation_alias=AliasChoices("handle", "mark"))
    restarts: int = 0


class PlatformStatus(BaseModel):
    """The supervisor and its processes. `current_step` says what a start is waiting for, `error` why it failed."""

    model_config = _READS_FORMER_NAMES

    supervisor: ProcessHandle
    phase: Phase = Phase.STARTING
    current_step: str = ""
    error: str = ""
    processes: list[ProcessStatus] = Field(default=[], validation_alias=AliasChoices("processes", "entries"))

    @classmethod
    def failed(cls, error: str) -> "PlatformStatus":
        """The status of a supervisor that failed before its first step."""
        return cls(supervisor=ProcessHandle.mine(), phase=Phase.FAILED, error=error)

    def write(self, path: Path) -> None:
        """Replaces the file in one step: a reader never sees half of it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".new")
        temporary.write_text(self.model_dump_json(indent=2))
        temporary.replace(path)

    @classmethod
    def read(cls, path: Path) -> "PlatformStatus | None":
        """Returns None when there is no file: no supervisor runs, and none was killed."""
        try:
            return cls.model_validate_json(path.read_text())
        except FileNotFoundError:
            return None
