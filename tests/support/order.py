"""Which tests one worker runs together, and in which order (`make test` runs several workers on files)."""

from collections.abc import Sequence

from xdist.scheduler.loadfile import LoadFileScheduling
from xdist.workermanage import WorkerController

SHARED = ("tests/desks/", "tests/portal/")
"""All files of the folder share a platform, which every worker with one of them would start. Two platforms, since days
pass at the desks and the calls of the other stay open."""
ALONE = ("tests/e2e/", "tests/chaos/test_campaign.py")
"""Each test has a platform of its own, for minutes."""
WAITING, WORKERS_THAT_WAIT = (*SHARED, *ALONE), 2
"""They wait for the programme clock more than for a processor, so they run on two workers beside tests that only compute: with three
platforms at once each waits for the others, and processors are idle none the less."""
LONGEST = (*WAITING, "tests/integration/stack/")
LAST = ("tests/architecture/", "tests/bank/", "tests/contracts/", "tests/unit/")
"""Many short ones, which no other test waits for. Those of the architecture read all code: they begin first."""


def rank(nodeid: str) -> int:
    """What takes longest has the lowest rank; the rest keeps its order."""
    if nodeid.startswith(LAST):
        return len(LONGEST) + 1 + (not nodeid.startswith(LAST[0]))
    return next((at for at, start in enumerate(LONGEST) if nodeid.startswith(start)), len(LONGEST))


def together(nodeid: str) -> str:
    """The tests with this name are run by one worker: those of one file, if it is not of `ALONE` or `SHARED`."""
    if nodeid.startswith(ALONE):
        return nodeid
    return next((folder for folder in SHARED if nodeid.startswith(folder)), nodeid.partition("::")[0])


def next_of(names: Sequence[str], *, waits: bool) -> str:
    """Which of the names, in order of rank, is taken by a worker that `waits`, or by one that computes: of its kind, or of the other when
    there is none."""
    of_its_kind = [name for name in names if name.startswith(WAITING) is waits]
    return (of_its_kind or names)[0]


class ByPlatform(LoadFileScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return together(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        """A worker is given the next tests before it has ended the last ones. It has one of `WAITING` at a time: others may be free."""
        is_waiting = any(name.startswith(WAITING) and not all(tests.values()) for name, tests in self.assigned_work[node].items())
        waits = self.nodes.index(node) < WORKERS_THAT_WAIT and not is_waiting
        self.workqueue.move_to_end(next_of([*self.workqueue], waits=waits), last=False)
        super()._assign_work_unit(node)
