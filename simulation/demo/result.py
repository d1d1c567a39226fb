"""What came of the demonstration, region by region: files, refusals with their reasons, vouchers, money."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table

from operations.client import Api
from shared.kernel.money import Money
from simulation.demo.play import Play

_MONEY = ("amount", "reserved", "committed", "paid", "recovered", "available")


async def read_envelopes(plays: Sequence[Play]) -> dict[str, Any]:
    """The ledger's view of each region's call."""
    return {
        play.region.id: await play.region.api.get(play.region.cast.preparer, f"/api/payments/envelopes/{play.region.call_id}")
        for play in plays
    }


def result(plays: Sequence[Play], envelopes: dict[str, Any]) -> RenderableType:
    return Group(_files(plays), _refusals(plays), _vouchers(plays), _money(plays, envelopes))


def _files(plays: Sequence[Play]) -> Table:
    columns = ("rows", "refused at import", "handed in", "withdrawn", "ineligible", "eligible", "scored", "third called", "granted")
    table = _table("Applications", *columns)
    for play in plays:
        files = play.files
        states = files.applications
        counts = (play.region.rows_read, len(play.region.refused), files.handed_in, states["withdrawn"], states["ineligible"])
        _row(table, play, *counts, files.cases.total(), files.scored, files.divergent, files.cases["granted"])
    return table


def _refusals(plays: Sequence[Play]) -> Table:
    """One line for each reason, the most frequent first; `where` is the import or the screening."""
    reasons: Counter[tuple[str, str]] = Counter()
    by_region: dict[tuple[str, str], Counter[str]] = {}
    for play in plays:
        for reason, count in _reasons(play).items():
            reasons[reason] += count
            by_region.setdefault(reason, Counter())[play.region.id] += count
    table = Table("refused because", "when", *(play.region.id for play in plays), "all", title="Refusals", title_justify="left")
    for (when, why), count in reasons.most_common():
        table.add_row(why, when, *(str(by_region[when, why][play.region.id] or "") for play in plays), str(count))
    return table


def _reasons(play: Play) -> Counter[tuple[str, str]]:
    """An application that fails several rules counts for each of them."""
    handed_in = Counter(("at import", code) for code in play.region.refused.values())
    return handed_in + Counter({("by a rule", rule): count for rule, count in play.files.rules.items()})


def _vouchers(plays: Sequence[Play]) -> Table:
    outcomes = sorted({outcome for play in plays for outcome in _outcomes(play)})
    table = _table("Vouchers", "awarded", *outcomes, "claims", "rejected", "payments", "bank refused", "returned", "unknown", "cancelled")
    for play in plays:
        claims, payments, ends = play.view.states("claims"), play.view.states("disbursements"), _outcomes(play)
        failed = (len(play.seen["rejected"]), len(play.seen["returned"]), len(play.seen["unknown"]), payments["cancelled"])
        counts = (len(play.view.vouchers), *(ends[outcome] for outcome in outcomes), claims.total(), claims["rejected"], payments["paid"])
        _row(table, play, *counts, *failed)
    return table


def _outcomes(play: Play) -> Counter[str]:
    return Counter(voucher["outcome"] or "open" for voucher in play.view.vouchers.values())


def _money(plays: Sequence[Play], envelopes: dict[str, Any]) -> Table:
    table = _table("Money", "envelope", *_MONEY[1:])
    for play in plays:
        envelope = envelopes[play.region.id]
        _row(table, play, *(Money(envelope[f"{name}_minor"], envelope["currency"]) for name in _MONEY))
    return table


def problems(api: Api) -> Iterator[str]:
    """What the APIs refused during the play, the most frequent first."""
    for (method, route, code), count in api.problems.most_common():
        yield f"{count} × {code}  {method} {route}"


def _table(title: str, *columns: str) -> Table:
    table = Table("region", *columns, title=title, title_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"
    return table


def _row(table: Table, play: Play, *values: object) -> None:
    table.add_row(play.region.id, *(str(value) for value in values))
