"""A full disk where bank files are written."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from simulation.chaos.faults.registry import Missed, fault
from simulation.chaos.field import Field
from simulation.demo.dice import Dice

SIZE = "4m"


@fault("full-disk")
async def full_disk(field: Field, dice: Dice) -> str:
    """The outlet of bank files full to the last byte for some programme days."""
    folder, seconds = field.home.bank_outgoing, dice.between(4, 12, "seconds")
    if not folder.is_mount():
        raise Missed("the outlet has no disk of its own: only root can give it one")
    filler = folder / ".filler"
    try:
        _fill(filler)
        await asyncio.sleep(seconds)
    finally:
        filler.unlink(missing_ok=True)
    return f"for {seconds} s"


def _fill(filler: Path) -> None:
    with filler.open("wb", buffering=0) as file:
        for chunk in (65_536, 1):
            try:
                while file.write(bytes(chunk)):
                    pass
            except OSError:
                continue


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A file system of its own under the folder, as long as this lasts; nothing but the folder for who is not root."""
    folder.mkdir(parents=True, exist_ok=True)
    while folder.is_mount():  # left by a campaign that was killed
        subprocess.run(["umount", "--lazy", folder], check=True)
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", folder], check=False).returncode:
        yield
        return
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
