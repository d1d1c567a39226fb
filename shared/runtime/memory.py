"""What the C library keeps of memory that is free."""

import ctypes
import sys

_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def give_back_memory() -> None:
    """Returns to the system what is kept for later: the children of a process that forks hold it too, and each thread keeps its own."""
    if _LIBC is not None and hasattr(_LIBC, "malloc_trim"):  # glibc
        _LIBC.malloc_trim(0)
