"""A full disk in the folder of outgoing bank files."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from simulation.chaos.faults.registry import Skipped, fault
from simulation.chaos.target import Target
from simulation.demo.seeded_random import SeededRandom

SIZE = "4m"


@fault("full-disk")
async def full_disk(target: Target, random: SeededRandom) -> str:
    """The disk of the outgoing bank files is full to the last byte for some programme days."""
    folder, seconds = target.data.bank_outgoing, random.between(4, 12, "seconds")
    if not folder.is_mount():
        raise Skipped("the folder is no file system of its own: only root can mount one")
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
    """Mounts a small file system on the folder and unmounts it on exit. Without root rights it only creates the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    while folder.is_mount():  # left by a campaign that was killed
        subprocess.run(["umount", "--lazy", folder], check=True)
    options = f"mode=0700,size={SIZE}"  # open to others, payments would refuse the folder
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False).returncode:
        yield
        return
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
