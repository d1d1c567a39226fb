"""The result of the demonstration by region: applications, refusals with their reasons, vouchers, money."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table

from operations.client import Api
from shared.kernel.money import Money
from simulation.demo.actors.appeals import UPHELD
from simulation.demo.scenario import Scenario

_MONEY = ("amount", "reserved", "committed", "paid", "recovered", "available")


async def read_envelopes(scenarios: Sequence[Scenario]) -> dict[str, Any]:
    """Reads the envelope of each region's call from the ledger; of one that gives hours or places its capacity."""
    found = {}
    for scenario in (one for one in scenarios if one.region.gives):
        region = scenario.region
        path = "/api/payments/envelopes/{}" if region.policy.benefit is None else "/api/vouchers/calls/{}/capacity"
        found[region.label] = await region.api.get(region.actors.preparer, path.format(region.call_id))
    return found


def result(scenarios: Sequence[Scenario], envelopes: dict[str, Any]) -> RenderableType:
    special = _providers_aid_appeals(scenarios)
    money, units = _money(scenarios, envelopes), _units(scenarios, envelopes)
    return Group(_applications(scenarios), _refusals(scenarios), special, _vouchers(scenarios), money, units)


def _applications(scenarios: Sequence[Scenario]) -> Table:
    columns = (
        "rows",
        "refused at import",
        "submitted",
        "withdrawn",
        "ineligible",
        "eligible",
        "scored",
        "third called",
        "invited",
        "granted",
    )
    table = _table("Applications", *columns)
    for scenario in scenarios:
        counts = scenario.counts
        states = counts.applications
        first = (scenario.region.rows_read, len(scenario.region.refused), counts.submitted, states["withdrawn"], states["ineligible"])
        chosen = (counts.cases["invited"], counts.cases["granted"])
        _row(table, scenario, *first, counts.cases.total(), counts.scored, counts.divergent, *chosen)
    return table


def _refusals(scenarios: Sequence[Scenario]) -> Table:
    """One line for each reason, the most frequent first."""
    reasons: Counter[tuple[str, str]] = Counter()
    by_region: dict[tuple[str, str], Counter[str]] = {}
    for scenario in scenarios:
        for reason, count in _reasons(scenario).items():
            reasons[reason] += count
            by_region.setdefault(reason, Counter())[scenario.region.label] += count
    table = Table(
        "refused because", "when", *(scenario.region.label for scenario in scenarios), "all", title="Refusals", title_justify="left"
    )
    for (when, why), count in reasons.most_common():
        table.add_row(why, when, *(str(by_region[when, why][scenario.region.label] or "") for scenario in scenarios), str(count))
    return table


def _reasons(scenario: Scenario) -> Counter[tuple[str, str]]:
    """An application that fails several rules counts for each of them."""
    refused_at_import = Counter(("at import", code) for code in scenario.region.refused.values())
    return refused_at_import + Counter({("by a rule", rule): count for rule, count in scenario.counts.rules.items()})


def _providers_aid_appeals(scenarios: Sequence[Scenario]) -> Table:
    """Orders from the catalogue of providers; awards that the ceiling of de minimis aid refused; appeals against the list."""
    columns = ("orders", "confirmed", "declined", "re-routed", "paid to providers", "above aid ceiling", "appeals", "upheld", "dismissed")
    table = _table("Providers, state aid, appeals", *columns)
    for scenario in scenarios:
        orders, snapshot, appeals = scenario.snapshot.states("orders"), scenario.snapshot, Counter(scenario.appeals.states)
        to_providers = [item for item in snapshot.disbursements if item["state"] == "paid" and snapshot.provider_of(item)]
        paid = Money(sum(item["amount_minor"] for item in to_providers), scenario.region.policy.currency)
        counts = (orders.total(), orders["confirmed"], orders["declined"], orders["rerouted"], paid, scenario.counts.above_ceiling)
        _row(table, scenario, *counts, appeals.total(), sum(appeals[state] for state in UPHELD), appeals["dismissed"])
    return table


def _vouchers(scenarios: Sequence[Scenario]) -> Table:
    outcomes = sorted({outcome for scenario in scenarios for outcome in _outcomes(scenario)})
    table = _table("Vouchers", "awarded", *outcomes, "claims", "rejected", "payments", "bank refused", "returned", "unknown", "cancelled")
    for scenario in scenarios:
        claims, payments, ends = scenario.snapshot.states("claims"), scenario.snapshot.states("disbursements"), _outcomes(scenario)
        failed = (
            len(scenario.failed_payments["rejected"]),
            len(scenario.failed_payments["returned"]),
            len(scenario.failed_payments["unknown"]),
            payments["cancelled"],
        )
        counts = (
            len(scenario.snapshot.vouchers),
            *(ends[outcome] for outcome in outcomes),
            claims.total(),
            claims["rejected"],
            payments["paid"],
        )
        _row(table, scenario, *counts, *failed)
    return table


def fruitless(scenario: Scenario) -> str | None:
    """What of a scheme's aim did not happen at all: money, or hours and places, or invitations to the second step."""
    if not scenario.region.gives:
        return None if scenario.counts.cases["invited"] else "nobody was invited"
    if scenario.region.policy.benefit:
        return None if _outcomes(scenario)["settled"] else "nobody came"
    return None if scenario.snapshot.states("disbursements")["paid"] else "nothing was paid"


def _outcomes(scenario: Scenario) -> Counter[str]:
    return Counter(voucher["outcome"] or "open" for voucher in scenario.snapshot.vouchers.values())


def _money(scenarios: Sequence[Scenario], envelopes: dict[str, Any]) -> Table:
    table = _table("Money", "envelope", *_MONEY[1:])
    for scenario in scenarios:
        if scenario.region.policy.benefit is not None or not scenario.region.gives:
            continue
        envelope = envelopes[scenario.region.label]
        _row(table, scenario, *(Money(envelope[f"{name}_minor"], envelope["currency"]) for name in _MONEY))
    return table


def _units(scenarios: Sequence[Scenario], capacities: dict[str, Any]) -> Table:
    """Minutes or places of the calls that give no money."""
    names = ("supplied", "reserved", "committed", "attended", "available")
    table = _table("Hours and places", "unit", *names)
    for scenario in scenarios:
        if scenario.region.policy.benefit is not None:
            capacity = capacities[scenario.region.label]
            _row(table, scenario, capacity["unit"], *(capacity[name] for name in names))
    return table


def problems(api: Api) -> Iterator[str]:
    """Yields what the APIs refused, the most frequent first."""
    for (method, route, code), count in api.problems.most_common():
        yield f"{count} × {code}  {method} {route}"


def _table(title: str, *columns: str) -> Table:
    table = Table("region", *columns, title=title, title_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"
    return table


def _row(table: Table, scenario: Scenario, *values: object) -> None:
    table.add_row(scenario.region.label, *(str(value) for value in values))
