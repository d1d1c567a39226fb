"""Which tests one worker runs together, and in which order (`make test` runs several workers on files)."""

from xdist.scheduler.loadfile import LoadFileScheduling

ALONE = ("tests/e2e/", "tests/chaos/test_campaign.py")
"""Each test has a platform of its own, for minutes."""
SHARED = ("tests/desks/", "tests/portal/")
"""All files of the folder share a platform, which every worker with one of them would start. Two platforms, since days
pass at the desks and the calls of the other stay open."""
LONGEST = (*ALONE, *SHARED, "tests/integration/stack/")
LAST = ("tests/architecture/", "tests/bank/", "tests/contracts/", "tests/unit/")
"""Many short ones, which no other test waits for."""


def rank(nodeid: str) -> int:
    """What takes longest has the lowest rank; the rest keeps its order."""
    if nodeid.startswith(LAST):
        return len(LONGEST) + 1
    return next((at for at, start in enumerate(LONGEST) if nodeid.startswith(start)), len(LONGEST))


def together(nodeid: str) -> str:
    """The tests with this name are run by one worker: those of one file, if it is not of `ALONE` or `SHARED`."""
    if nodeid.startswith(ALONE):
        return nodeid
    return next((folder for folder in SHARED if nodeid.startswith(folder)), nodeid.partition("::")[0])


class ByPlatform(LoadFileScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return together(nodeid)
