"""How far the play is: a table that redraws itself, or a plain line now and then where nobody watches."""

from collections.abc import Sequence
from datetime import timedelta

from rich.table import Table

from simulation.demo.play import Play

HEADINGS = ("files", "refused", "eligible", "scored", "awarded", "issued", "claims", "paid", "returned", "unknown", "settled")


def numbers(play: Play) -> dict[str, int]:
    """The counts of one region. `returned` and `unknown`: payments that ever were; `settled`: vouchers closed."""
    vouchers, payments = play.view.vouchers.values(), play.view.states("disbursements")
    return dict(
        zip(
            HEADINGS,
            (
                play.files.handed_in,
                len(play.region.refused) + play.files.applications["ineligible"],
                play.files.cases.total(),
                play.files.scored,
                len(play.view.vouchers),
                sum(voucher["code"] is not None for voucher in vouchers),
                len(play.view.claims),
                payments["paid"],
                len(play.seen["returned"]),
                len(play.seen["unknown"]),
                play.view.states("vouchers")["closed"],
            ),
            strict=True,
        )
    )


def live_table(plays: Sequence[Play], elapsed: timedelta) -> Table:
    table = Table("region", *HEADINGS, title=title(plays, elapsed), title_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"
    rows = [(play, numbers(play)) for play in plays]
    for play, row in rows:
        table.add_row(play.region.id, *(str(number) for number in row.values()), style="green" if play.ended and not play.open else None)
    table.add_section()
    table.add_row("all", *(str(sum(row[name] for _, row in rows)) for name in HEADINGS), style="bold")
    return table


def line(plays: Sequence[Play], elapsed: timedelta) -> str:
    """All regions in one line."""
    rows = [numbers(play) for play in plays]
    counts = ", ".join(f"{name} {sum(row[name] for row in rows)}" for name in HEADINGS)
    return f"{title(plays, elapsed)}: {counts}"


def title(plays: Sequence[Play], elapsed: timedelta) -> str:
    return f"{plays[0].region.now:%d %b %Y}, {int(elapsed.total_seconds())} s"
