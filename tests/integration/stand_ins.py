"""A little platform of stand-in processes under the real supervisor: `python stand_ins.py FOLDER` runs it."""

import sys
from pathlib import Path

from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.process import ProcessFailed
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
    """Listens on its port; `children` more processes sleep behind it. While the file `hindrance` is there it cannot be started."""

    def __init__(self, name: str, data: DataDirectory, children: int = 0) -> None:
        self.name, self.children = name, children
        super().__init__(data.root, log=data.log(name))

    def prepare(self) -> None:
        if (self.folder / "hindrance").exists():
            raise ProcessFailed("There is a hindrance.")

    def command(self) -> list[str]:
        return [sys.executable, "-c", LISTEN, str(self.port), str(self.children)]


class Broken(StandIn):
    def command(self) -> list[str]:
        return [sys.executable, "-c", "raise SystemExit('no such table: calls')"]


class Once(StandIn):
    """Its first start fails."""

    def command(self) -> list[str]:
        fail = "import pathlib; first = pathlib.Path('begun'); first.exists() or (first.touch(), exit('not yet'));"
        return [sys.executable, "-c", fail + LISTEN, str(self.port), "0"]


class Leaning(StandIn):
    """Starts slowly, though sooner than what dies a second time is started again; ends when nobody listens at the port it leans on."""

    leans_on = 0

    def command(self) -> list[str]:
        lean = f"import socket, time; time.sleep(0.6); socket.create_connection(('127.0.0.1', {self.leans_on}));"
        return [sys.executable, "-c", lean + LISTEN, str(self.port), "0"]


class Deaf(StandIn):
    """Does not end when asked to."""

    def command(self) -> list[str]:
        return [sys.executable, "-c", "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + LISTEN, str(self.port), "0"]


def main(folder: Path) -> None:
    data = DataDirectory(folder)
    first, second = StandIn("first", data, children=2), StandIn("second", data)
    between = Task("between", lambda: (folder / "between").write_text(str(first.is_ready())) and None)
    with exclusive(data):
        Supervisor([Servers((first,)), between, Servers((second,))], data).run()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
