"""A running platform in real time with open calls, and Debian's Chromium."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from deploy.embedded import daemon
from deploy.embedded.data_directory import REGIONS, DataDirectory
from deploy.embedded.ports import free_port
from deploy.embedded.state import StartOptions, State, read_state
from operations.cli.actors import api_of
from operations.client import Person
from shared.kernel.clock import DAY_SECONDS
from tests.support.browser import chromium, launched, playwright
from tests.support.sign_ins import age_sign_ins

__all__ = ["chromium", "launched", "playwright"]

T = TypeVar("T")
DATES = {
    "opens_at": "2025-11-24T10:00:00",
    "closes_at": "2026-01-16T12:00:00",
    "evaluation_due": "2026-03-13",
    "reserve_list_ends": "2026-05-30",
}
"""Of every call, so that all are open on the first day of the programme, in which a platform in real time stays."""
EARLIER = {"2025-12-01": "2025-11-01", "2025-12-02": "2025-11-02"}
"""The first days of the rules and forms that are in force when a call of the demonstration opens."""


def apart(work: Coroutine[Any, Any, T]) -> T:
    """Runs it in a loop of its own: Playwright has that of this thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


@dataclass(frozen=True)
class Platform:
    """`calls`: region → number of its open call."""

    data: DataDirectory
    state: State
    calls: dict[str, int]

    @property
    def address(self) -> str:
        return self.state.gateway

    def triptych(self, *arguments: str) -> str:
        """What the command line says, in a wide terminal."""
        return _triptych(self.data, *arguments)

    def send_back(self, application: str, region: str, words: Mapping[str, str]) -> None:
        """An officer of the region returns the application at this path, with words for each question."""
        officer = Person(f"officer-1.{region.partition('-')[2]}")
        apart(self._send_back(application, officer, words))

    def age_sign_ins(self, minutes: int) -> None:
        """Of everybody: who is signed in has been so for longer."""
        apart(age_sign_ins(self.state, minutes))

    async def _send_back(self, application: str, officer: Person, words: Mapping[str, str]) -> None:
        api = api_of(self.data, self.state)
        try:
            body = {"fields": list(words), "words": dict(words)}
            await api.post(officer, f"/api/applications{application}/return", body)
        finally:
            await api.close()


@pytest.fixture(scope="package")
def platform(tmp_path_factory: pytest.TempPathFactory, server_folder: Path) -> Iterator[Platform]:
    regions = _open_regions(tmp_path_factory.mktemp("regions"))
    data = DataDirectory(server_folder / "portal")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRIPTYCH_DAY_SECONDS", str(DAY_SECONDS))
        daemon.start(data, StartOptions(gateway_port=free_port(), regions=regions, compact=True))
    try:
        yield Platform(data, read_state(data), _published(data, regions))
    finally:
        daemon.stop(data)


def _open_regions(folder: Path) -> Path:
    """The rules and calls of the regions, in force and open on the first day."""
    regions = folder / "regions"
    shutil.copytree(REGIONS, regions)
    for path in sorted(regions.rglob("*.toml")):
        text, name = path.read_text(), path.name
        for day, earlier in EARLIER.items():
            text, name = text.replace(day, earlier), name.replace(day, earlier)
        if path.parent.name == "calls":
            for field, value in DATES.items():
                text = re.sub(rf"^{field} = .*$", f"{field} = {value}", text, flags=re.MULTILINE)
        path.write_text(text)
        path.rename(path.with_name(name))
    return regions


def _published(data: DataDirectory, regions: Path) -> dict[str, int]:
    files = sorted(map(str, regions.glob("*/calls/*.toml")))
    _triptych(data, "calls", "load", *files)
    return {Path(file).parents[1].name: number for number, file in enumerate(files, start=1)}


def _triptych(data: DataDirectory, *arguments: str) -> str:
    environment = {**os.environ, "TRIPTYCH_HOME": str(data.root), "COLUMNS": "300"}  # noqa: TID251 (of a child process)
    command = [str(Path(sys.executable).with_name("triptych")), *arguments]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
