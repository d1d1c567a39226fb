"""How a process keeps its memory: what Python looks through, and what the C library keeps although it is free."""

import ctypes
import gc
import sys

COLLECT_AFTER = 10_000
"""New objects until the next search for forgotten ones that refer to each other. A request, an event and a step make hundreds that are gone
at its end: with Python's 700 such a search comes several times in a request and finds little."""
_GLIBC = ctypes.CDLL(None) if sys.platform == "linux" and hasattr(ctypes.CDLL(None), "malloc_trim") else None
_MOST_ARENAS = -8
"""M_ARENA_MAX of glibc's malloc.h."""


def tune_memory() -> None:
    """For the whole process, once it has what stays and before it has threads.

    All threads share one heap. The C library gives each its own otherwise, of which `malloc_trim` leaves up to 64 MiB: a thread that has
    read a large file would never give them back.
    """
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)
    if _GLIBC is not None:
        _GLIBC.mallopt(_MOST_ARENAS, 1)


def give_back_memory() -> None:
    """Returns to the system what is kept for later: the children of a process that forks would hold it too."""
    if _GLIBC is not None:
        _GLIBC.malloc_trim(0)
