"""The real servers that the platform and its tests run on: PostgreSQL, Temporal, a broker with the Kafka protocol, Caddy.

All are used in the same way and stop when the `with` block ends:

    with PostgreSQL(folder) as server:      # start() and wait_ready()
        connect(server.url("postgres"))
"""

import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import IO, Self

import psutil

from deploy.embedded import binaries
from deploy.embedded.linux import AdoptedChild
from deploy.embedded.ports import LOOPBACK, free_port, listens
from deploy.embedded.process import Process, ProcessFailed, log_tail

READY_SECONDS = 120
"""How long a server may take to start on a machine that does much else."""


class Server(ABC):
    """A server process with a folder for its state and its log.

    `port`: None for a free port, 0 for none. `log`: None for `<name>.log` in the folder. `optional`: the others work without it.
    """

    name: str
    stop_signal = signal.SIGTERM
    death_signal = signal.SIGKILL
    optional = False
    pass_fds: tuple[int, ...] = ()
    notice = ""
    """What the operator should know of the last start."""
    parts: Mapping[str, int] = MappingProxyType({})
    """Name → port of others that run in the same process."""

    def __init__(self, folder: Path, *, port: int | None = None, log: Path | None = None) -> None:
        self.folder = folder
        self.port = free_port() if port is None else port
        self.log = log or folder / f"{self.name}.log"
        self.process: Process | None = None

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.running

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process else None

    @property
    def exit_code(self) -> int | None:
        return self.process.exit_code if self.process else None

    def log_tail(self) -> str:
        return log_tail(self.log)

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        user = self.prepare()
        self.process = Process(
            self.name,
            self.command(),
            self.log,
            env=self.environment(),
            cwd=self.folder,
            user=user,
            stop_signal=self.stop_signal,
            death_signal=self.death_signal,
            pass_fds=self.pass_fds,
        )
        self.process.start(self.start_otherwise)

    def wait_ready(self, timeout: float = READY_SECONDS) -> None:
        """Returns once the server is ready. Raises `ProcessFailed` with the end of its log when it ends or after `timeout` seconds."""
        if self.process is None:
            raise ProcessFailed(f"{self.name} was not started.")
        self.process.wait_until(self.is_ready, timeout)

    def wait_ended(self) -> None:
        """Returns once the process has ended."""
        if self.process is not None:
            self.process.wait()

    def request_stop(self) -> None:
        """Sends the stop signal and does not wait."""
        if self.process is not None:
            self.process.request_stop()

    def stop(self, timeout: float = 15) -> None:
        """Sends the stop signal, waits up to `timeout` seconds, then kills the process."""
        if self.process is not None:
            self.process.stop(timeout)

    def prepare(self) -> str | None:
        """Creates what the server needs before it starts. Returns the account to run it as, None for our own."""
        return None

    def environment(self) -> dict[str, str]:
        return {"PATH": os.defpath, "HOME": str(self.folder), "TZ": "UTC", "LC_ALL": "C.UTF-8"}

    @abstractmethod
    def command(self) -> list[str]: ...

    def start_otherwise(self, output: IO[bytes]) -> AdoptedChild | None:
        """Starts the process in another way than by running `command`; None to run that."""
        return None

    def is_ready(self) -> bool:
        return listens(self.port)

    def __enter__(self) -> Self:
        self.start()
        try:
            self.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class PostgreSQL(Server):
    """PostgreSQL 18 on the loopback address; every role logs in with a password. `folder/data` holds the cluster.

    `password` is that of the superuser `postgres`. It is set when the cluster is created, so later starts need the same one.
    `settings` are PostgreSQL settings that override those of `command`. The server is run directly, not by `pg_ctl`, so that it is
    a child of the process that starts it.
    """

    name = "postgres"
    stop_signal = death_signal = signal.SIGINT  # "fast" shutdown: ends open sessions, leaves the data clean

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        log: Path | None = None,
        password: str | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(folder, port=port, log=log)
        self.password = password or secrets.token_urlsafe(24)
        self.settings = settings or {}
        self.data = folder / "data"
        self.programs = binaries.postgres()

    def url(self, database: str, user: str = "postgres", password: str | None = None, driver: str = "postgresql+asyncpg") -> str:
        return f"{driver}://{user}:{password or self.password}@{self.address}/{database}"

    def prepare(self) -> str | None:
        user = binaries.unprivileged_user()
        if user is not None:
            binaries.allow_traversal(self.data)
            binaries.allow_traversal(self.programs)
            binaries.allow_reading(self.programs.parent)
        if not self.data.exists():
            self._create_cluster(user)
        self._end_left_sessions()
        return user

    def _end_left_sessions(self) -> None:
        """Of a server that was killed: a session that computes does not notice, and a new server does not start beside it."""
        left = [process for process in psutil.process_iter() if self._is_left_session(process)]
        for process in left:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(left, timeout=5)

    def _is_left_session(self, process: psutil.Process) -> bool:
        """A process of this cluster whose server has ended. A session shows a title as its command, and works in the folder of the data."""
        with suppress(psutil.Error):
            if process.name() == "postgres" and process.cmdline()[:1] and process.cmdline()[0].startswith("postgres: "):
                server = process.parent()
                return Path(process.cwd()) == self.data.resolve() and (server is None or server.name() != "postgres")
        return False

    def _create_cluster(self, user: str | None) -> None:
        """Uses a temporary name until it is complete: after a power cut, half a cluster must not be taken for a whole one."""
        unfinished = self.folder / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        binaries.change_owner(unfinished, user)
        with tempfile.NamedTemporaryFile("w", dir=self.folder) as password:
            print(self.password, file=password, flush=True)
            binaries.change_owner(Path(password.name), user)
            initdb = subprocess.run(
                [
                    *(str(self.programs / "initdb"), "--pgdata", str(unfinished), "--username=postgres", f"--pwfile={password.name}"),
                    *("--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
                ],
                check=False,
                text=True,
                capture_output=True,
                env=self.environment(),
                cwd=unfinished,
                user=user,
                group=user,
                extra_groups=None if user is None else [],
            )
        if initdb.returncode != 0:
            raise ProcessFailed(f"initdb failed:\n{initdb.stdout}{initdb.stderr}")
        unfinished.rename(self.data)

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": LOOPBACK,
            "unix_socket_directories": "",
            "max_connections": "200",
            "shared_buffers": "128MB",
            "max_wal_size": "1GB",
            "timezone": "UTC",
            "log_timezone": "UTC",
            **self.settings,
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        return [str(self.programs / "postgres"), "-D", str(self.data), "-p", str(self.port), *options]

    def is_ready(self) -> bool:
        """Reads postmaster.pid: its eighth line says "ready", its first line is the pid, which excludes the file of an earlier process."""
        try:
            lines = (self.data / "postmaster.pid").read_text().split("\n")
        except OSError:
            return False
        return len(lines) > 7 and self.process is not None and lines[0] == str(self.process.pid) and lines[7].strip() == "ready"


class Tansu(Server):
    """A broker with the Kafka protocol that keeps all data in memory. `address` is the bootstrap address.

    Its producers must not be idempotent or transactional (`enable_idempotence=False`). `advertised`: the address that clients are
    directed to, if it differs from the one it listens on.
    """

    name = "broker"

    def __init__(self, folder: Path, *, port: int | None = None, advertised: str | None = None, log: Path | None = None) -> None:
        super().__init__(folder, port=port, log=log)
        self.advertised = advertised or self.address

    def command(self) -> list[str]:
        addresses = ["--listener-url", f"tcp://{self.address}", "--advertised-listener-url", f"tcp://{self.advertised}"]
        return [str(binaries.tansu()), "broker", "--silent", *addresses, "--storage-engine", "memory://tansu/"]


class Temporal(Server):
    """Temporal's development server with its state in a SQLite file. `address` is for gRPC, `ui_port` for the web pages, if wanted.

    A web page in a browser of this machine can send requests to any local port. Temporal's HTTP port cannot be closed and asks for no
    token: it answers only to a host name that is made up at each start, which no page can send. Its web pages answer to any host name,
    so they are off unless somebody needs them.
    """

    name = "temporal"

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        log: Path | None = None,
        ui_port: int | None = None,
        namespace: str = "triptych",
    ) -> None:
        super().__init__(folder, port=port, log=log)
        self.ui_port = ui_port
        self.http_port, self.http_host = free_port(), secrets.token_hex(16)
        self.namespace = namespace

    def command(self) -> list[str]:
        ports = {"--port": self.port, "--http-port": self.http_port, "--metrics-port": free_port()}
        pages = ["--headless"] if self.ui_port is None else ["--ui-port", str(self.ui_port), "--ui-disable-news-fetch"]
        return [
            *(str(binaries.temporal()), "server", "start-dev", "--ip", LOOPBACK, "--namespace", self.namespace),
            *("--db-filename", str(self.folder / "temporal.db"), "--log-level", "warn", *pages),
            *("--dynamic-config-value", f'frontend.httpAllowedHosts=["{self.http_host}"]'),
            # Without it a timer of less than a second fires after a whole one, and at a programme day a second a deadline comes a day late.
            *("--dynamic-config-value", 'history.timerProcessorMaxTimeShift="10ms"'),
            # Nearly twice the workflows per second. A killed process loses no data, only a power cut can.
            *("--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=NORMAL"),
            *(text for flag, port in ports.items() for text in (flag, str(port))),
        ]

    def is_ready(self) -> bool:
        return http_ok(self._namespace_url, self.http_host)

    def keeps_finished_workflows_for(self) -> timedelta:
        """The retention of the namespace. OSError when the server does not answer."""
        with urllib.request.urlopen(urllib.request.Request(self._namespace_url, headers={"Host": self.http_host}), timeout=2) as answer:
            seconds = json.load(answer)["config"]["workflowExecutionRetentionTtl"]
        return timedelta(seconds=float(seconds.removesuffix("s")))

    @property
    def _namespace_url(self) -> str:
        return f"http://{LOOPBACK}:{self.http_port}/api/v1/namespaces/{self.namespace}"


class Caddy(Server):
    """The single origin in front of all services. The configuration file reads `variables` as {$NAME}, and `port` as {$PORT}."""

    name = "caddy"

    def __init__(
        self, folder: Path, configuration: Path, variables: Mapping[str, str], *, port: int | None = None, log: Path | None = None
    ) -> None:
        super().__init__(folder, port=port, log=log)
        self.configuration, self.variables = configuration, variables

    def environment(self) -> dict[str, str]:
        return {**super().environment(), **self.variables, "PORT": str(self.port)}

    def command(self) -> list[str]:
        return [str(binaries.caddy()), "run", "--config", str(self.configuration), "--adapter", "caddyfile"]


def http_ok(url: str, host: str | None = None) -> bool:
    """True when a GET request is answered with 200 within 2 s. `host`: the host name to ask for, if not that of the URL."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers={"Host": host} if host else {}), timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
