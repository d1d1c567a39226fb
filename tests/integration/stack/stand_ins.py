"""A small platform of stand-in processes under the real supervisor. `python stand_ins.py FOLDER` runs it; with `launcher` behind it, one
of a launcher that imports the module `holder` of the folder, and a program of the module `sleeper`."""

import sys
from pathlib import Path

from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.launched import Launcher
from deploy.embedded.process import ProcessFailed
from deploy.embedded.program import Program
from deploy.embedded.servers import Server
from deploy.embedded.supervisor import Servers, Supervisor, Task, exclusive

LISTEN = """
import os, socket, sys, time
for _ in range(int(sys.argv[2])):
    if os.fork() == 0:
        time.sleep(600)
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    listener.accept()
"""


class StandIn(Server):
    """Listens on its port and forks `children` sleeping processes. While the file `blocked` exists it cannot be started."""

    def __init__(self, name: str, data: DataDirectory, children: int = 0) -> None:
        self.name, self.children = name, children
        super().__init__(data.root, log=data.log(name))

    def prepare(self) -> None:
        if (self.folder / "blocked").exists():
            raise ProcessFailed("The file `blocked` exists.")

    def command(self) -> list[str]:
        return [sys.executable, "-c", LISTEN, str(self.port), str(self.children)]


class Broken(StandIn):
    def command(self) -> list[str]:
        return [sys.executable, "-c", "raise SystemExit('no such table: calls')"]


class FailsOnce(StandIn):
    """Its first start fails."""

    def command(self) -> list[str]:
        fail = "import pathlib; seen = pathlib.Path('started'); seen.exists() or (seen.touch(), exit('not yet'));"
        return [sys.executable, "-c", fail + LISTEN, str(self.port), "0"]


class Dependent(StandIn):
    """Ends when nothing listens on `required_port`. Starts slowly, but faster than the delay before a second restart."""

    required_port = 0

    def command(self) -> list[str]:
        connect = f"import socket, time; time.sleep(0.6); socket.create_connection(('127.0.0.1', {self.required_port}));"
        return [sys.executable, "-c", connect + LISTEN, str(self.port), "0"]


class IgnoresStop(StandIn):
    """Ignores SIGTERM."""

    def command(self) -> list[str]:
        return [sys.executable, "-c", "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + LISTEN, str(self.port), "0"]


def main(folder: Path) -> None:
    data = DataDirectory(folder)
    first, second = StandIn("first", data, children=2), StandIn("second", data)
    between = Task("between", lambda: (folder / "between").write_text(str(first.is_ready())) and None)
    with exclusive(data):
        Supervisor([Servers((first,)), between, Servers((second,))], data).run()


def main_with_launcher(folder: Path) -> None:
    data = DataDirectory(folder)
    launcher = Launcher(folder, ["holder"], data.log("launcher"))
    sleeper = Program("sleeper", "sleeper", data, port=0, environment=dict, ready_line="sleeps", launcher=launcher)
    with exclusive(data):
        Supervisor([Servers((launcher,), awaited=False), Servers((launcher,)), Servers((sleeper,))], data).run()


if __name__ == "__main__":
    (main_with_launcher if sys.argv[2:] else main)(Path(sys.argv[1]))
