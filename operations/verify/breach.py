"""What a check says: which invariant is broken, by which case, how."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass

from operations.verify.facts import Facts

TITLES = {
    1: "Nothing that was accepted is lost",
    2: "At most one payment stands",
    3: "No envelope is overspent",
    4: "One decision is in force, the same in any order of input",
    5: "Nobody acts outside role and region, or approves the own work",
    6: "Every lifecycle ends, every step says who, when, why",
    7: "Replay changes nothing",
}


@dataclass(frozen=True, slots=True, order=True)
class Breach:
    """`subject` names the case: '<kind> <id>'. `settling`: may be under way still, a breach only once all has come to rest."""

    invariant: int
    subject: str
    detail: str
    in_flight: bool = False

    def as_json(self) -> dict[str, object]:
        return asdict(self)


Found = Iterator[tuple[str, str] | tuple[str, str, bool]]
"""What a check yields: subject, detail and, where it may still be under way, True."""
Check = Callable[[Facts], Found]


def breaches(invariant: int, checks: Iterable[Check], facts: Facts) -> list[Breach]:
    """All that the checks find. A check that stumbles over the data has found something too."""
    found = []
    for check in checks:
        try:
            found += [Breach(invariant, *one) for one in check(facts)]
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            subject = f"check {check.__name__.strip('_').replace('_', ' ')}"
            found.append(Breach(invariant, subject, f"cannot make sense of the data: {error!r}"))
    return found
