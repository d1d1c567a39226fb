"""Progress of the demonstration: a table that is redrawn, or plain lines if the output is not a terminal."""

from collections.abc import Sequence
from datetime import timedelta

from rich.table import Table

from simulation.demo.scenario import Scenario

HEADINGS = ("submitted", "refused", "eligible", "scored", "awarded", "issued", "claims", "paid", "returned", "unknown", "settled")


def numbers(scenario: Scenario) -> dict[str, int]:
    """The counts of one region. `returned`, `unknown`: payments that were ever in that state. `settled`: closed vouchers."""
    vouchers, payments = scenario.snapshot.vouchers.values(), scenario.snapshot.states("disbursements")
    return dict(
        zip(
            HEADINGS,
            (
                scenario.counts.submitted,
                len(scenario.region.refused) + scenario.counts.applications["ineligible"],
                scenario.counts.cases.total(),
                scenario.counts.scored,
                len(scenario.snapshot.vouchers),
                sum(voucher["code"] is not None for voucher in vouchers),
                len(scenario.snapshot.claims),
                payments["paid"],
                len(scenario.failed_payments["returned"]),
                len(scenario.failed_payments["unknown"]),
                scenario.snapshot.states("vouchers")["closed"],
            ),
            strict=True,
        )
    )


def live_table(scenarios: Sequence[Scenario], elapsed: timedelta) -> Table:
    table = Table("region", *HEADINGS, title=title(scenarios, elapsed), title_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"
    rows = [(scenario, numbers(scenario)) for scenario in scenarios]
    for scenario, row in rows:
        finished = scenario.ended and not scenario.unfinished
        table.add_row(scenario.region.label, *(str(number) for number in row.values()), style="green" if finished else None)
    table.add_section()
    table.add_row("all", *(str(sum(row[name] for _, row in rows)) for name in HEADINGS), style="bold")
    return table


def line(scenarios: Sequence[Scenario], elapsed: timedelta) -> str:
    """All regions in one line."""
    rows = [numbers(scenario) for scenario in scenarios]
    counts = ", ".join(f"{name} {sum(row[name] for row in rows)}" for name in HEADINGS)
    return f"{title(scenarios, elapsed)}: {counts}"


def title(scenarios: Sequence[Scenario], elapsed: timedelta) -> str:
    return f"{scenarios[0].region.now:%d %b %Y}, {int(elapsed.total_seconds())} s"
