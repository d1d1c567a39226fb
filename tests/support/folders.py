"""Where the databases of tests are kept."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM_BYTES = 4 << 30
"""Some 300 MB are used by each worker; a container has 64 MB by default."""


def is_roomy(memory: Path, room: int = ROOM_BYTES) -> bool:
    return memory.is_dir() and shutil.disk_usage(memory).free >= room


@contextmanager
def quick_folder(memory: Path = MEMORY, room: int = ROOM_BYTES) -> Iterator[Path]:
    """In memory where there is room, otherwise on the disk.

    A copy of a database is hundreds of files, and each test has one: on ext4 it takes 80 to 200 ms of processor time, the longer the more
    were removed before, and 14 ms in memory. Not pytest's own folder: when root runs the tests, the account of PostgreSQL cannot read
    that one.
    """
    folder = Path(tempfile.mkdtemp(prefix="triptych-tests-", dir=memory if is_roomy(memory, room) else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
