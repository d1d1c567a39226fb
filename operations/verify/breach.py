"""A breach: which invariant is broken, by which case, and how."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass

from operations.verify.facts import Facts

TITLES = {
    1: "Nothing that was accepted is lost",
    2: "At most one payment is in force",
    3: "No envelope is overspent",
    4: "One decision is in force, the same in any order of input",
    5: "No one acts outside role and region, or approves their own work",
    6: "Every lifecycle ends, every step says who, when, why",
    7: "Replay changes nothing",
    8: "Event logs and ledger are as they were written",
}


@dataclass(frozen=True, slots=True, order=True)
class Breach:
    """`subject` names the case: '<kind> <id>'. `in_flight`: work in flight may explain it; a breach only when no work is in flight."""

    invariant: int
    subject: str
    detail: str
    in_flight: bool = False

    def as_json(self) -> dict[str, object]:
        return asdict(self)


Found = Iterator[tuple[str, str] | tuple[str, str, bool]]
"""A check yields subject, detail and, where work in flight may explain the finding, True."""
Check = Callable[[Facts], Found]


def breaches(invariant: int, checks: Iterable[Check], facts: Facts) -> list[Breach]:
    """All findings of the checks. A check that fails on malformed data is a breach as well."""
    found = []
    for check in checks:
        try:
            found += [Breach(invariant, *one) for one in check(facts)]
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            subject = f"check {check.__name__.strip('_').replace('_', ' ')}"
            found.append(Breach(invariant, subject, f"cannot interpret the data: {error!r}"))
    return found
