"""Reads the last lines of log files and follows what is added."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

_POLL_SECONDS = 0.3


def last_lines(file: Path, count: int) -> list[str]:
    """The last `count` lines; none when there is no such file."""
    if not file.exists():
        return []
    with file.open(errors="replace") as lines:
        return [line.rstrip("\n") for line in deque(lines, maxlen=count)]


def follow(files: Sequence[Path], show: Callable[[Path, str], None]) -> None:
    """Calls `show` for each complete line that is added, until Ctrl-C."""
    handles = [(file, file.open(errors="replace")) for file in files]
    rest = dict.fromkeys(files, "")
    for _, handle in handles:
        handle.seek(0, 2)
    try:
        while True:
            for file, handle in handles:
                *whole, rest[file] = (rest[file] + handle.read()).split("\n")
                for line in whole:
                    show(file, line)
            time.sleep(_POLL_SECONDS)
    except KeyboardInterrupt:
        return
    finally:
        for _, handle in handles:
            handle.close()
