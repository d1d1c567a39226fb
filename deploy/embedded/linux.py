"""What Linux does for a supervisor: it ends a child whose parent dies, and gives the supervisor the orphans among its descendants.

On other systems these functions do nothing.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Container

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(death_signal: int, parent: int) -> None:
    """Called in the child: from now on the kernel sends it `death_signal` when the parent dies, however that dies."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # the parent died before the request took effect
            os._exit(1)


def adopt_orphans(adopting: bool) -> None:
    """From now on (or no longer) a process below this one becomes a child of this one when its parent ends, not one of process 1."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, int(adopting), 0, 0, 0)


def collect_orphans(own: Container[int | None]) -> None:
    """Takes adopted processes that have ended off the system's list. Those in `own` stay: somebody waits for their status."""
    if _LIBC is None:
        return
    try:
        while (ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) and ended.si_pid not in own:
            os.waitpid(ended.si_pid, 0)
    except ChildProcessError:  # no children at all
        return


class AdoptedChild:
    """A child that another process has forked for this one; it is used as a `subprocess.Popen` is."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit status, negative for a signal; None while it runs."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.Signals(number))
