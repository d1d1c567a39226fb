"""The result of a verification, as tables for people and as JSON for programs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from operations.verify.breach import TITLES, Breach
from operations.verify.facts import Facts

MAX_LINES = 20
"""How many breaches are printed; the JSON has all of them."""


@dataclass(frozen=True)
class Report:
    facts: Facts
    found: Sequence[Breach]
    settled: bool
    replayed: int = 0

    def with_replay(self, sent: int, changed: Sequence[Breach]) -> "Report":
        """The same report with the result of sending `sent` events a second time."""
        return replace(self, found=sorted([*self.found, *changed]), replayed=sent)

    @property
    def breaches(self) -> list[Breach]:
        return [breach for breach in self.found if self.settled or not breach.in_flight]

    @property
    def pending(self) -> list[Breach]:
        """The findings that work in flight may explain, when work may be in flight."""
        return [breach for breach in self.found if breach.in_flight and not self.settled]

    @property
    def examined(self) -> dict[str, int]:
        """How much was examined, so that an empty platform is not mistaken for a correct one."""
        facts = self.facts
        counts = {
            "events": len(facts.events),
            "applications": len(facts.applications),
            "files of applications": len(facts.rows("applications.files")),
            "decisions": len(facts.rows("evaluation.decisions")),
            "vouchers": len(facts.rows("vouchers.vouchers")),
            "disbursements": len(facts.rows("payments.disbursements")),
            "ledger entries": len(facts.rows("payments.entries")),
            "payment files": len(facts.bank.payment_files),
            "booked lines": len(facts.bank.statements),
            "links of the hash chains": sum(len(chain.links) for chain in facts.chains.values()),
            "anchors": sum(len(chain.anchors) for chain in facts.chains.values()),
            "transfers in the bank's book": len(facts.bank.book or ()),
        }
        counts |= {"events replayed": self.replayed} if self.replayed else {}
        return counts | ({} if facts.workflows is None else {"workflows": len(facts.workflows)})

    def as_json(self) -> dict[str, Any]:
        return {
            "ok": not self.breaches,
            "settled": self.settled,
            "examined": self.examined,
            "notes": list(self.facts.notes),
            "invariants": [
                {
                    "number": number,
                    "title": title,
                    "breaches": [breach.as_json() for breach in self.breaches if breach.invariant == number],
                    "pending": [breach.as_json() for breach in self.pending if breach.invariant == number],
                }
                for number, title in TITLES.items()
            ],
        }

    def show(self, out: Console) -> None:
        """`out` takes no text for a style (`operations/cli/console.py`)."""
        summary = Table("", "invariant", "breaches", "in flight", title="The eight invariants", title_justify="left")
        for number, title in TITLES.items():
            broken, pending = (sum(breach.invariant == number for breach in group) for group in (self.breaches, self.pending))
            summary.add_row(str(number), title, Text(str(broken), "red") if broken else Text("none", "green"), str(pending or ""))
        out.print(summary)
        self._show(out, "Breaches", self.breaches)
        self._show(out, "In flight", self.pending)
        out.print("Examined: " + ", ".join(f"{count} {kind}" for kind, count in self.examined.items()) + ".", highlight=False)
        for note in self.facts.notes:
            out.print(note, style="yellow", highlight=False)
        if self.breaches and self.settled:
            out.print("While work is in flight, use `triptych verify --running`: it reports unfinished work separately.", highlight=False)

    def _show(self, out: Console, title: str, breaches: Sequence[Breach]) -> None:
        if not breaches:
            return
        table = Table("", Column("case", no_wrap=True), Column("what is wrong", overflow="fold"), title=title, title_justify="left")
        for breach in breaches[:MAX_LINES]:
            table.add_row(str(breach.invariant), breach.subject, breach.detail)
        out.print(table)
        if len(breaches) > MAX_LINES:
            out.print(f"... and {len(breaches) - MAX_LINES} more: see --json.", highlight=False)
