"""Past calls replayed under scenarios, by the public APIs: `applications` says who would be eligible and with what amount, `evaluation`
ranks them with that answer. Services never ask one another, so a client joins their answers, here the operator's. Nothing is written."""

import csv
import io
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from operations.client import Api, Person
from shared.kernel.errors import Malformed, Refused, render_english
from shared.kernel.money import Money
from shared.policy.loader import LoadError
from shared.policy.scenario import Scenario, Scenarios, changed_policies
from shared.policy.schema import Policy
from shared.web.validation import message_of

CALLS = "/api/applications/calls"
FACTS = ("application_ids", "sequences", "requested_minor", "transitions", "amounts_minor", "voucher_types")
"""What evaluation needs of the answer of applications."""
OWN = "rules of the call"
COLUMNS = (
    *("region", "call", "application", "application_id", "sequence", "transitions", "requested", "currency"),
    *("scenario", "outcome", "rank", "score", "aid", "granted_in_percent_of_rounds", "failed_rules"),
)


class ScenarioFile(BaseModel):
    """The file of the command: one table `[[scenarios]]` each."""

    model_config = ConfigDict(extra="forbid")

    scenarios: Scenarios


@dataclass(frozen=True)
class Replay:
    """One call: itself, who would be eligible, and its list under each scenario, as the APIs answer. The first one is its own rules."""

    call: Mapping[str, Any]
    facts: Mapping[str, Any]
    view: Mapping[str, Any]


def read_scenarios(path: Path) -> list[Scenario]:
    """Raises `LoadError` with one line for each fault: file, field and reason."""
    try:
        return ScenarioFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).scenarios
    except ValidationError as error:
        faults = [f"{path}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
        raise LoadError("\n".join(faults)) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LoadError(f"{path}: {error}") from error


def check_scenarios(path: Path, policy: Policy, scenarios: Sequence[Scenario]) -> None:
    """Raises `LoadError` as `read_scenarios` where the policy excludes a value. The APIs check the same; here the file can be named."""
    try:
        changed_policies(policy, scenarios)
    except Malformed as error:
        lines = []
        for place, kind, facts in error.faults:
            reason = render_english(*message_of({"type": kind, "ctx": dict(facts)}))
            lines.append(f"{path}: {'.'.join(map(str, place))}: {reason}")
        raise LoadError("\n".join(lines)) from error
    except Refused as error:
        raise LoadError(f"{path}: {error.field}: {error.detail}") from error


async def find_calls(api: Api, person: Person, refs: Sequence[str]) -> list[Mapping[str, Any]]:
    """The calls with these ids or slugs, in their order; without any, all whose screening is complete. Raises `LookupError`."""
    known = [call async for call in api.list_items(person, CALLS)]
    if not refs:
        return [call for call in known if call["screening_completed_at"]]
    found = []
    for ref in refs:
        matching = [call for call in known if ref in (call["id"], call["slug"], f"{call['region']}/{call['slug']}")]
        if len(matching) != 1:
            raise LookupError(f"{ref}: {'there is no such call' if not matching else 'several regions have one: name it REGION/SLUG'}")
        found += matching
    return found


async def replay_call(api: Api, person: Person, call: Mapping[str, Any], scenarios: Sequence[Scenario], rounds: int) -> Replay:
    """Raises `Problem`, for instance 'not-screened'."""
    asked = {"scenarios": [scenario.model_dump() for scenario in scenarios]}
    facts = await api.post(person, f"{CALLS}/{call['id']}/replay", asked)
    body = {**asked, "facts": {name: facts[name] for name in FACTS}, "rounds": rounds}
    return Replay(call, facts, await api.post(person, f"/api/evaluation/calls/{call['id']}/replay", body))


def csv_text(replays: Sequence[Replay]) -> str:
    """RFC 4180: a row for each application and scenario, without any name; amounts in units of `currency`."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows(row for replay in replays for row in _rows(replay))
    return out.getvalue()


def _rows(replay: Replay) -> Iterator[list[str]]:
    facts, view = replay.facts, replay.view
    for place, application_id in enumerate(facts["application_ids"]):
        about = [
            view["region"], replay.call["slug"], facts["receipts"][place], application_id, str(facts["sequences"][place]),
            " ".join(facts["transitions"][place]), Money(facts["requested_minor"][place], view["currency"]).decimal(), view["currency"],
        ]  # fmt: skip
        for number, scenario in enumerate(view["scenarios"]):
            aid = facts["amounts_minor"][number][place]
            yield [
                *about, scenario["name"] if number else OWN, scenario["outcomes"][place], _text(scenario["ranks"][place]),
                hundredths(scenario["scores_hundredths"][place]), "" if aid is None else Money(aid, view["currency"]).decimal(),
                hundredths(scenario["chances_bp"][place]), " ".join(facts["failed_rules"][number][place]),
            ]  # fmt: skip


def _text(value: int | None) -> str:
    return "" if value is None else str(value)


def hundredths(value: int | None) -> str:
    """'72.50' of 7250; empty of nothing."""
    return "" if value is None else f"{value // 100}.{value % 100:02}"
