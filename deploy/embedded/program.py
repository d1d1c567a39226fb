"""A process of the platform's own code, ready when its health address answers."""

import os
import sys
from collections.abc import Callable, Mapping

from pydantic import TypeAdapter, ValidationError

from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.ports import LOOPBACK
from deploy.embedded.process import ProcessFailed
from deploy.embedded.servers import Server, http_ok

_INHERITED = ("PATH", "HOME", "LANG", "TMPDIR")
_VARIABLES = TypeAdapter(dict[str, str])


class Program(Server):
    """`python -m module` with just the environment it is given, which is asked for at each start.

    It finds its port in TRIPTYCH_PORT and answers GET /health there with 200 when it can work; one without a port of
    its own prints `ready_line` instead.

    An operator's file `overrides/<name>.json` in the home, an object of variables (all values are text), has the last word. It is
    read at each start of the process, so killing the process is enough to apply a change.
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
    ) -> None:
        self.name = name
        super().__init__(data.root, port=port, log=data.log(name))
        self.override = data.environment_overrides(name)
        self.module, self.ready_line, self._environment = module, ready_line, environment
        self._log_begins = 0

    def prepare(self) -> None:
        self._log_begins = self.log.stat().st_size if self.log.exists() else 0

    def environment(self) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        settings = {**self._environment(), **self._overrides(), "TRIPTYCH_PORT": str(self.port)}
        return {**inherited, "TZ": "UTC", "PYTHONUNBUFFERED": "1", **settings}

    def _overrides(self) -> dict[str, str]:
        """A file that cannot be read is no reason to start without what the operator wanted."""
        try:
            return _VARIABLES.validate_json(self.override.read_bytes())
        except FileNotFoundError:
            return {}
        except ValidationError as error:
            raise ProcessFailed(f"{self.override} is not an object of texts: {error}") from error

    def command(self) -> list[str]:
        return [sys.executable, "-m", self.module]

    def is_ready(self) -> bool:
        if self.ready_line is None:
            return http_ok(f"http://{LOOPBACK}:{self.port}/health")
        with self.log.open("rb") as log:
            log.seek(self._log_begins)
            return self.ready_line.encode() in log.read()
