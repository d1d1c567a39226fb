"""Anchors: heads of the hash chains, in files outside the database that only grow.

One file per service, one line of JSON per chain and programme day on which the chain grew. In production the folder is on another disk
than the database, best on one that can be written once only (WORM), and what is read back from it is believed, not the database.
"""

import contextlib
import os
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Anchor(BaseModel):
    """The head of a chain on a programme day: link number, its last position and its hash; `at` is real time.

    `restored`: not a new head but the one that a restored database has. It is older than the anchors before it: what they stood for
    and this link does not cover was lost with the database, and later anchors continue from here.
    """

    model_config = ConfigDict(frozen=True)

    day: date
    service: str
    chain: str
    link: int
    position: int
    hash: str
    at: datetime = Field(default_factory=lambda: datetime.fromtimestamp(int(time.time()), UTC))
    event: Literal["head", "restored"] = "head"


def file_of(folder: Path, service: str) -> Path:
    return folder / f"{service}.jsonl"


def read(folder: Path, service: str) -> list[Anchor]:
    """The anchors of a service in the order in which they were written. A line that a crash cut off is left out."""
    path, found = file_of(folder, service), list[Anchor]()
    for line in path.read_text().splitlines() if path.exists() else ():
        with contextlib.suppress(ValueError):
            found.append(Anchor.model_validate_json(line))
    return found


def append(folder: Path, anchor: Anchor) -> None:
    """Adds a line and returns when it is on the disk. A line that was cut off by a crash stays by itself."""
    path = file_of(folder, anchor.service)
    folder.mkdir(parents=True, exist_ok=True)
    cut_off = path.exists() and not path.read_bytes().endswith(b"\n") and path.stat().st_size > 0
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, ("\n" * cut_off + anchor.model_dump_json() + "\n").encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def append_once_a_day(folder: Path, anchor: Anchor) -> None:
    """Adds the anchor unless the last one of its chain is of the same day or of the same link."""
    last = next((one for one in reversed(read(folder, anchor.service)) if one.chain == anchor.chain), None)
    if last is None or (last.day != anchor.day and last.link < anchor.link):
        append(folder, anchor)
