"""`python -m deploy.embedded.launcher DESCRIPTOR MODULE[:FUNCTION=TEXT] ...`: imports the modules once, calls the functions
with the text, then forks a process for each program.

Our programs import the same libraries, which takes most of the time and the memory of their start. The supervisor
(`launched.Launcher`) holds the other end of the socket DESCRIPTOR. For each program it sends two descriptors: the program's own
connection to the supervisor, and its log. The launcher forks and reads nothing of what is said there, so no program's secrets are ever in
its memory, from where every later program would have them.

A new process becomes a child of the supervisor and says its pid; the supervisor answers with the order. When it gives up before, the
process reads an empty order and ends. The process then is as if it had been started by `python -m`.
"""

import gc
import importlib
import importlib.util
import json
import os
import runpy
import signal
import socket
import sys
import time
from pathlib import Path
from typing import TypedDict

from setproctitle import setproctitle

from deploy.embedded.linux import die_with_parent
from shared.runtime.memory import give_back_memory

READY = b"."


class Order(TypedDict):
    """What a new process runs: as `python -m module` with this environment, in this folder, under this name."""

    name: str
    module: str
    environment: dict[str, str]
    folder: str
    death_signal: int


def title(name: str) -> str:
    """What `ps` shows."""
    return f"triptych: {name}"


def _serve(control: socket.socket) -> tuple[socket.socket, int]:
    """Forks on request until the supervisor ends. Returns in each new process: its connection to the supervisor, and its log."""
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1, 2)
        if not message:
            sys.exit()
        connection, log = socket.socket(fileno=descriptors[0]), descriptors[1]
        if obstacle := _obstacle({control.fileno(), *descriptors}):
            connection.sendall(obstacle.encode())
        elif _fork_twice():
            control.close()
            return connection, log
        connection.close()
        os.close(log)


def _obstacle(expected: set[int]) -> str:
    """Why a fork would not be safe: another thread would be missing in the new process, perhaps with a lock; an open connection, or an
    event loop, would be used by both."""
    threads = len(list(Path("/proc/self/task").iterdir()))
    descriptors = {int(each.name): each for each in Path("/proc/self/fd").iterdir()}
    unexpected = [link for number, link in descriptors.items() if number not in {0, 1, 2, *expected} and link.is_symlink()]
    if threads > 1:
        return f"it has {threads} threads"
    return f"it has open: {', '.join(str(link.readlink()) for link in unexpected)}" if unexpected else ""


def _fork_twice() -> bool:
    """True in the new process: its parent has ended, so that it belongs to the supervisor. False in the launcher."""
    between = os.fork()
    if between:
        os.waitpid(between, 0)
        return False
    between = os.getpid()
    try:
        if os.fork():
            os._exit(0)
    except OSError:
        os._exit(1)
    while os.getppid() == between:
        time.sleep(0.0005)
    return True


def _become(connection: socket.socket, log: int, supervisor: int) -> Order:
    """Makes this new process the program's: in a session of its own, with its log and environment."""
    os.setsid()
    connection.sendall(str(os.getpid()).encode())
    with connection, connection.makefile("rb") as said:
        text = said.read()
    if not text:
        os._exit(1)
    order: Order = json.loads(text)
    die_with_parent(order["death_signal"], supervisor)
    setproctitle(title(order["name"]))
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    time.tzset()
    _reset_signals()
    gc.enable()
    return order


def _reset_signals() -> None:
    """As at the start of Python, whatever an import has set."""
    for number in signal.valid_signals() - {signal.SIGINT}:
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _main_module(module: str) -> str:
    """The module that `python -m` runs: of a package its `__main__`."""
    found = importlib.util.find_spec(module)
    return f"{module}.__main__" if found and found.submodule_search_locations is not None else module


def _prepare(wanted: str) -> None:
    module, _, call = wanted.partition(":")
    imported = importlib.import_module(_main_module(module))
    if call:
        function, _, text = call.partition("=")
        getattr(imported, function)(text)


def main() -> Order:
    """Returns in each new process, with what it is to run."""
    control, supervisor = socket.socket(fileno=int(sys.argv[1])), os.getppid()
    os.set_inheritable(control.fileno(), False)
    setproctitle(title("launcher"))
    gc.disable()
    for wanted in sys.argv[2:]:
        _prepare(wanted)
    give_back_memory()
    gc.freeze()  # what the new processes share stays as it is; a collection here would leave gaps in it, for each of them to fill
    control.sendall(READY)
    connection, log = _serve(control)
    return _become(connection, log, supervisor)


if __name__ == "__main__":
    program = main()
    sys.argv = [program["module"]]
    sys.modules.pop(_main_module(program["module"]), None)  # runpy runs it again, as `__main__`
    runpy.run_module(program["module"], run_name="__main__", alter_sys=True)
