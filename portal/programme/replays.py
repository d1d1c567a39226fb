"""Past calls replayed under scenarios. `applications` says who would be eligible and with what amount, `evaluation` ranks them with that
answer: both are asked with the person's own token, and the portal adds up what belongs together."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from portal.client.applications import ReplayFactsView, ReplayValuesView
from portal.client.applications import ReplayInput as EligibilityInput
from portal.client.evaluation import ReplayedView, ReplayFactsInput, ReplayInput, ReplayView
from portal.kit.exports import Value
from portal.kit.visit import Visit
from shared.kernel.money import Money

ROUNDS = 100
"""Of the bootstrap; the service does fewer where there are many cases."""
FILE_COLUMNS = (
    *("region", "call", "application", "application_id", "sequence", "transitions", "requested", "currency"),
    *("scenario", "outcome", "rank", "score", "aid", "granted_in_percent_of_rounds", "failed_rules"),
)


@dataclass(frozen=True)
class Replay:
    """One call: what could be changed, who would be eligible, and its list under each scenario, of which the first is its own rules."""

    values: ReplayValuesView
    facts: ReplayFactsView
    view: ReplayView

    def moves(self, number: int) -> Iterator[tuple[UUID, str, str, str, int | None]]:
        """Of those whose outcome differs: application, receipt, outcome under the call's own rules and in the scenario, and in which share
        of the rounds it is granted there, in basis points."""
        own, other = self.view.scenarios[0], self.view.scenarios[number]
        columns = (self.facts.application_ids, self.facts.receipts, own.outcomes, other.outcomes, other.chances_bp)
        return (row for row in zip(*columns, strict=True) if row[2] != row[3])


async def values_of(visit: Visit, call_ids: Iterable[UUID]) -> list[ReplayValuesView]:
    """Raises `ApiProblem`, for instance 409 for a call that is not screened."""
    caller = await visit.caller()
    return list(await asyncio.gather(*(visit.services.applications.get_call_replay_values(caller, one) for one in call_ids)))


async def replayed(visit: Visit, calls: Sequence[ReplayValuesView], scenarios: Sequence[Mapping[str, Any]]) -> list[Replay]:
    """One call after another. Raises `ApiProblem`, with the fields of the scenarios that are refused."""
    services, found = visit.services, []
    for values in calls:
        asked = EligibilityInput.model_validate({"scenarios": scenarios})
        facts = await services.applications.post_call_replay(await visit.caller(), values.call_id, asked)
        columns = {name: getattr(facts, name) for name in ReplayFactsInput.model_fields}
        ranked = ReplayInput.model_validate({"scenarios": scenarios, "facts": columns, "rounds": ROUNDS})
        view = await services.evaluation.post_call_replay(await visit.caller(), values.call_id, ranked)
        found.append(Replay(values, facts, view))
    return found


@dataclass(frozen=True)
class Sum:
    """Of several calls or of one: counts, and money in euro cents and, where all have one currency, in its minor units."""

    applications: int
    eligible: int
    granted: int
    granted_eur_minor: int
    granted_minor: int


def sums(replays: Sequence[Replay], of: Callable[[ReplayedView], Any]) -> list[Sum]:
    """Of each scenario. `of` names the group: the sums of a scenario, or of one transition; None where a call has none."""
    if not replays:
        return []
    found = []
    for number in range(len(replays[0].view.scenarios)):
        parts = [part for replay in replays if (part := of(replay.view.scenarios[number])) is not None]
        found.append(Sum(*(sum(getattr(part, name) for part in parts) for name in Sum.__dataclass_fields__)))
    return found


def file_rows(replays: Sequence[Replay], names: Mapping[str, str], scenarios: Sequence[str]) -> list[list[Value]]:
    """One row for each application and scenario; `names`: of the regions. Amounts are numbers of `currency`, shares percent."""
    rows: list[list[Value]] = []
    for replay in replays:
        facts, currency = replay.facts, replay.view.currency
        title, region = next(iter(replay.values.title.values()), ""), names.get(replay.view.region, replay.view.region)
        for place, application_id in enumerate(facts.application_ids):
            about: list[Value] = [
                region, replay.values.title.get("en", title), facts.receipts[place], str(application_id),
                facts.sequences[place], " ".join(facts.transitions[place]), _amount(facts.requested_minor[place], currency), currency,
            ]  # fmt: skip
            for number, scenario in enumerate(replay.view.scenarios):
                amount, chance = facts.amounts_minor[number][place], scenario.chances_bp[place]
                score = scenario.scores_hundredths[place]
                rows.append(
                    [
                        *about, scenarios[number], scenario.outcomes[place], scenario.ranks[place],
                        None if score is None else Decimal(score) / 100, None if amount is None else _amount(amount, currency),
                        None if chance is None else Decimal(chance) / 100, " ".join(facts.failed_rules[number][place]),
                    ]
                )  # fmt: skip
    return rows


def _amount(minor: int, currency: str) -> Decimal:
    return Decimal(Money(minor, currency).decimal())
