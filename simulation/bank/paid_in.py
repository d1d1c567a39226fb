"""Money that people pay into an account that the bank keeps: a folder of notes, one for each payment, which the bank reads."""

import json
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PaidIn:
    """`id` is the payer's, in the form of a file name: a note with the same one is one payment. `text`: what the payer writes."""

    id: str
    account: str
    amount_minor: int
    currency: str
    text: str


def pay_in(folder: Path, payment: PaidIn) -> None:
    """In one step, since the bank may be reading."""
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".{payment.id}.part"
    temporary.write_text(json.dumps(asdict(payment)), encoding="utf-8")
    temporary.replace(folder / f"{payment.id}.json")


def read_paid_in(folder: Path, known: Collection[str]) -> Iterator[tuple[str, PaidIn]]:
    """The notes whose names are not `known`, each with its name."""
    for path in sorted(folder.glob("*.json")):
        if path.name not in known:
            yield path.name, PaidIn(**json.loads(path.read_text(encoding="utf-8")))
