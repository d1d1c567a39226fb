"""A process that runs the platform's own code. It is ready when its health address answers with 200."""

import sys
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import IO

from pydantic import TypeAdapter, ValidationError

from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.launched import Launcher, NotLaunched, common_environment
from deploy.embedded.launcher import Order
from deploy.embedded.linux import AdoptedChild
from deploy.embedded.ports import LOOPBACK
from deploy.embedded.process import ProcessFailed
from deploy.embedded.servers import Server, http_ok

_VARIABLES = TypeAdapter(dict[str, str])


class Program(Server):
    """Runs `python -m module`, in a process that `launcher` forks where it can. `environment` is called at each start; of our own
    environment only a few variables are inherited.

    The program reads its port from TRIPTYCH_PORT and answers GET /health there with 200 when it can work. A program without an
    HTTP port prints `ready_line` instead. `parts`: name → port of others that run in the same process; it is ready when they are, too.

    An operator can override variables of one process in `overrides/<name>.json` in the data directory: a JSON object of text values.
    The file is read at each start, so killing the process is enough to apply a change.
    """

    def __init__(
        self,
        name: str,
        module: str,
        data: DataDirectory,
        *,
        port: int,
        environment: Callable[[], Mapping[str, str]],
        ready_line: str | None = None,
        launcher: Launcher | None = None,
        parts: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self.name, self.parts = name, parts
        super().__init__(data.root, port=port, log=data.log(name))
        self.overrides_file = data.environment_overrides(name)
        self.module, self.ready_line, self._environment, self._launcher = module, ready_line, environment, launcher
        self._log_start = 0

    def prepare(self) -> None:
        self._log_start = self.log.stat().st_size if self.log.exists() else 0

    def environment(self) -> dict[str, str]:
        settings = {**self._environment(), **self._overrides(), "TRIPTYCH_PORT": str(self.port)}
        return {**common_environment(), **settings}

    def _overrides(self) -> dict[str, str]:
        """Raises `ProcessFailed` for an invalid file: the process must not start without the operator's variables."""
        try:
            return _VARIABLES.validate_json(self.overrides_file.read_bytes())
        except FileNotFoundError:
            return {}
        except ValidationError as error:
            raise ProcessFailed(f"{self.overrides_file} is not a JSON object of text values: {error}") from error

    def command(self) -> list[str]:
        return [sys.executable, "-m", self.module]

    def start_otherwise(self, output: IO[bytes]) -> AdoptedChild | None:
        if self._launcher is None or self.process is None:
            return None
        environment, folder = dict(self.process.env or {}), str(self.folder)
        order = Order(name=self.name, module=self.module, environment=environment, folder=folder, death_signal=int(self.death_signal))
        self.notice = ""
        try:
            return self._launcher.launch(order, output)
        except NotLaunched as reason:
            self.notice = f"is started without the launcher: {reason}"
            return None

    def is_ready(self) -> bool:
        if self.ready_line is None:
            return all(http_ok(f"http://{LOOPBACK}:{port}/health") for port in (self.port, *self.parts.values()))
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            return self.ready_line.encode() in log.read()
