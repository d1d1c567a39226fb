"""The supervisor's side of the launcher (launcher.py)."""

import json
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from deploy.embedded.launcher import READY, Order
from deploy.embedded.linux import AdoptedChild
from deploy.embedded.servers import Server

ANSWER_SECONDS = 5
"""A fork takes milliseconds. A launcher that does not answer is killed, so that it cannot start the program later beside another one."""
_OF_OUR_SYSTEM = ("PATH", "HOME", "LANG", "TMPDIR")
_OURS = "TRIPTYCH_"


class NotLaunched(Exception):
    """The launcher did not start a program. The text says why."""


def common_environment() -> dict[str, str]:
    """The variables that every program has: of our own environment only a few."""
    return {**{name: os.environ[name] for name in _OF_OUR_SYSTEM if name in os.environ}, "TZ": "UTC", "PYTHONUNBUFFERED": "1"}


class Launcher(Server):
    """`modules`: what it imports. It has no port. Without it programs start as well, later and with more memory."""

    name, optional = "launcher", True

    def __init__(self, folder: Path, modules: Sequence[str], log: Path) -> None:
        super().__init__(folder, port=0, log=log)
        self.modules = modules
        self._connection: socket.socket | None = None
        self._ready = False

    def start(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection, its_end = socket.socketpair()
        with its_end:
            self.pass_fds, self._ready = (its_end.fileno(),), False
            super().start()

    def environment(self) -> dict[str, str]:
        return common_environment()

    def command(self) -> list[str]:
        return [sys.executable, "-m", "deploy.embedded.launcher", *map(str, self.pass_fds), *self.modules]

    def is_ready(self) -> bool:
        if self._connection is not None and not self._ready:
            with suppress(BlockingIOError, ConnectionError):
                self._ready = self._connection.recv(1, socket.MSG_DONTWAIT) == READY
        return self._ready

    def launch(self, order: Order, log: IO[bytes]) -> AdoptedChild:
        """Raises `NotLaunched` when the program has to be started in another way; then no process of it is left."""
        if self._connection is None or not (self.running and self.is_ready()):
            raise NotLaunched("it is not ready")
        if others := _differing(order["environment"]):
            raise NotLaunched(f"its environment has other values of {', '.join(sorted(others))}")
        ours, its = socket.socketpair()
        with ours:
            ours.settimeout(ANSWER_SECONDS)
            try:
                with its:
                    socket.send_fds(self._connection, [READY], [its.fileno(), log.fileno()])
                answer = ours.recv(1_000).decode()
                if answer.isdecimal():
                    ours.sendall(json.dumps(order).encode())
            except TimeoutError as error:
                self.stop(0)
                raise NotLaunched(f"it did not answer within {ANSWER_SECONDS} s") from error
            except OSError as error:
                raise NotLaunched(str(error)) from error
        if not answer.isdecimal():
            raise NotLaunched(answer or "it ended")
        return AdoptedChild(int(answer))


def _differing(environment: Mapping[str, str]) -> set[str]:
    """Variables that are not our settings, and differ from the launcher's: Python reads some when it starts, libraries when imported."""
    return {name for name, _ in environment.items() ^ common_environment().items() if not name.startswith(_OURS)}
