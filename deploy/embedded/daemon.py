"""The supervisor as a process of its own: start it, follow its start, stop it.

`python -m deploy.embedded.daemon CHOICE` is that process (CHOICE as JSON); it works in `TRIPTYCH_HOME`.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable

import psutil

from deploy.embedded import composition
from deploy.embedded.board import Board, Phase
from deploy.embedded.home import Home
from deploy.embedded.ports import claim, give_back
from deploy.embedded.process import ProcessFailed, log_tail
from deploy.embedded.state import AS_BEFORE, Choice, State
from deploy.embedded.supervisor import Supervisor, exclusive, remove_leftovers

START_SECONDS = 300
STOP_SECONDS = 120


def board_of(home: Home) -> Board | None:
    """What the supervisor of this home wrote last; None when none runs."""
    board = Board.read(home.running)
    return board if board is not None and board.supervisor.process() is not None else None


def prepare(home: Home, choice: Choice = AS_BEFORE) -> State:
    """Settles what the next start begins with, without starting: whoever puts links between must know the ports before.

    Raises `AlreadyRunning` while the platform runs, `ProcessFailed` when a link would lead nowhere.
    """
    with exclusive(home):
        state = composition.prepare(home, choice)
        give_back(state.ports.values())  # to the process that will start
        return state


def run(home: Home, choice: Choice, report: Callable[[str], None]) -> None:
    """Supervises until it is told to stop. Raises `AlreadyRunning`, `MissingServer` or `ProcessFailed`."""
    os.umask(0o077)  # bank files and logs are nobody else's
    with exclusive(home):
        try:
            if choice.gateway_port is not None and not claim(choice.gateway_port):
                raise ProcessFailed(f"Port {choice.gateway_port} is taken.")
            if home.restoring.exists():
                raise ProcessFailed("A restore was broken off here. Run `triptych restore` again.")
            _, steps = composition.compose(home, choice)
        except Exception as error:
            Board.failed(str(error)).write(home.running)
            raise
        Supervisor(steps, home, report).run()


def start(home: Home, choice: Choice = AS_BEFORE, seen: Callable[[Board], None] = lambda _: None) -> Board:
    """Starts the platform and returns once it is ready; `seen` is shown the progress. Does nothing when it runs already.

    Raises `ProcessFailed` with the reason when it does not come up.
    """
    board = board_of(home)
    supervisor = _spawn(home, choice) if board is None else None
    deadline = time.monotonic() + START_SECONDS
    while board is None or board.phase != Phase.READY:
        if board is not None:
            seen(board)
        elif supervisor is not None and supervisor.poll() is not None:
            raise ProcessFailed(_why_it_ended(home, supervisor.pid))
        if time.monotonic() > deadline:
            raise ProcessFailed(f"The platform was not ready within {START_SECONDS} s.\n{log_tail(home.log('supervisor'))}")
        time.sleep(0.1)
        board = board_of(home)
    seen(board)
    return board


def _why_it_ended(home: Home, pid: int) -> str:
    last = Board.read(home.running)
    if last is not None and last.supervisor.pid == pid and last.error:
        return last.error
    return log_tail(home.log("supervisor"))


def stop(home: Home) -> bool:
    """Stops the platform and whatever an earlier one left behind; False when none ran."""
    board = board_of(home)
    supervisor = board.supervisor.process() if board else None
    if supervisor is not None:
        supervisor.terminate()
        try:
            supervisor.wait(STOP_SECONDS)
        except psutil.TimeoutExpired:
            supervisor.kill()
    remove_leftovers(home)
    return supervisor is not None


def _spawn(home: Home, choice: Choice) -> subprocess.Popen[bytes]:
    """In a session of its own: it outlives the terminal."""
    home.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.logs.mkdir(mode=0o700, exist_ok=True)
    command = [sys.executable, "-m", "deploy.embedded.daemon", choice.model_dump_json()]
    with home.log("supervisor").open("ab") as log:
        return subprocess.Popen(
            command,
            env={**os.environ, "TRIPTYCH_HOME": str(home.root), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _report(line: str) -> None:
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {line}\n")


if __name__ == "__main__":
    run(Home.default(), Choice.model_validate_json(sys.argv[1]), _report)
