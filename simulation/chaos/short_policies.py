"""Copies of the regions' policies with shorter terms: call to last payment takes five weeks of programme time instead of ten months."""

import re
import shutil
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

from deploy.embedded.data_directory import REPOSITORY
from shared.policy.call import CallDefinition
from shared.policy.form import COMMON
from shared.policy.loader import FORM, REPORT, form_files, policy_files
from shared.policy.schema import Policy
from simulation.demo.behaviour import Answer, BehaviourProfile, PlannedOutcome

TERMS = {
    "validity": "11 calendar-days",
    "appeal": "4 calendar-days",
    "extension.longest": "10 calendar-days",
    "offer.accept_within": "6 working-days",
    "evaluation.due": "6 working-days",
    "claims.within": "6 calendar-days",
    "deposit.within": "6 calendar-days",
    "report.within": "6 calendar-days",
    "claims.check_within": "8 working-days",
    "bank.silence_after": "2 working-days",
}
_MOVES = "moves_to_next_working_day"
NUMBERS = {"offer.reminders_before_days": "[2]", "approvals.account_cooling_off_days": "1"}
OPENS_AFTER, OPEN_FOR = timedelta(days=2), timedelta(days=8)
"""A call opens so long after it is published, and is open so long: longer than most faults last, or nobody applies in time."""
EVALUATED_AFTER, RESERVE_ENDS_AFTER = timedelta(days=14), timedelta(days=26)
"""Both count from the opening of the call."""

PROFILE = BehaviourProfile(
    individual_percent=30,
    claim_rejected_percent=10,
    claim_cut_percent=10,
    answers=((Answer.ACCEPT, 78), (Answer.DECLINE, 10), (Answer.NO_REPLY, 12)),
    outcomes=(
        (PlannedOutcome.PLAIN, 46),
        (PlannedOutcome.NEVER_CLAIMS, 6),
        (PlannedOutcome.EXTENDED, 12),
        (PlannedOutcome.SUSPENDED, 10),
        (PlannedOutcome.WITHDRAWN, 8),
        (PlannedOutcome.REVOKED_REPAID, 10),
        (PlannedOutcome.REVOKED_WRITTEN_OFF, 8),
    ),
    answer_days=(0, 2),
    claim_days=(1, 3),
    check_days=(0, 2),
    late_claim_after=timedelta(days=13),
    withdraws_after=timedelta(days=5),
    extended_after=timedelta(days=3),
    extended_by=timedelta(days=7),
    suspended_after=timedelta(days=2),
    resumed_after=timedelta(days=6),
    call_extended_before=timedelta(days=2),
    call_extended_by=timedelta(days=2),
    seal_every=timedelta(days=2),
    recovered_after=timedelta(days=3),
    order_declined_percent=10,
    order_objected_percent=15,
    deliver_days=(0, 1),
    provider_suspended_for=timedelta(days=3),
    appeals=3,
    linked_firms=6,
    deposit_missing_percent=8,
)
BANK_PERCENT = {"REJECTED": "12", "RETURNED": "8", "LATE": "6", "UNANSWERED_BOOKED": "6", "UNANSWERED_REJECTED": "4"}
"""Percent of all transfers, by the names of the simulated bank's settings. The failure rates are much higher than at a real bank."""


def write_regions(folder: Path) -> None:
    """Writes to `folder` the newest form of every scheme, and the newest policy of those that give money in one step and without types of
    vouchers. A policy has `TERMS` and `NUMBERS` instead of the real values. Both are in force since the first ones: else a new platform
    would wait."""
    regions = REPOSITORY / "regions"
    _write_forms(regions, folder)
    for _, of_scheme in groupby(policy_files(regions), key=lambda path: path.parent):
        files = list(of_scheme)
        first, newest = files[0], files[-1]
        text = newest.read_text(encoding="utf-8")
        if any(table in text for table in ("[[voucher_types]]", "[benefit]", "[expression]", "[by_invitation]")):
            continue  # the sample applications choose no type of voucher, and nobody plays sessions or invites
        policy = shorten(text)
        copy = folder / first.relative_to(regions)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(policy.replace(f"effective_from = {newest.stem}", f"effective_from = {first.stem}"), encoding="utf-8")


def _write_forms(regions: Path, folder: Path) -> None:
    """The rules of a policy ask for what its form asks. The core of all forms, too, is the newest one, in force since the first."""
    by_folder = {place: sorted(paths) for place, paths in groupby(form_files(regions), key=lambda path: path.parent)}
    core = by_folder[regions / COMMON][0].stem.removeprefix(FORM)
    for files in by_folder.values():
        first, newest = files[0].stem.removeprefix(FORM), files[-1].stem.removeprefix(FORM)
        text = files[-1].read_text(encoding="utf-8").replace(f"effective_from = {newest}", f"effective_from = {first}")
        form = folder / files[0].relative_to(regions)
        form.parent.mkdir(parents=True, exist_ok=True)
        form.write_text(re.sub(r"^extends = .*$", f"extends = {core}", text, flags=re.MULTILINE), encoding="utf-8")
    for report in regions.glob(f"{COMMON}/{REPORT}*.toml"):
        shutil.copyfile(report, folder / report.relative_to(regions))


def shorten(policy: str, terms: Mapping[str, str] = TERMS, numbers: Mapping[str, str] = NUMBERS) -> str:
    """Returns a policy's TOML text with the values of `terms` and `numbers` where the policy states them. A shorter term does not move to
    the next working day."""
    lines, section = [], ""
    for line in policy.splitlines():
        if header := re.fullmatch(r"\[([\w.]+)\]", line):
            section = f"{header[1]}."
        name = line.partition(" = ")[0]
        value = _value(section + name, terms, numbers)
        if value and _MOVES in line:
            value = value.replace(" }", f", {_MOVES} = false }}")
        lines.append(f"{name} = {value}" if value else line)
    return "\n".join(lines) + "\n"


def _value(path: str, terms: Mapping[str, str], numbers: Mapping[str, str]) -> str | None:
    if path in terms:
        number, unit = terms[path].split()
        return f'{{ value = {number}, unit = "{unit}", start = "day-after" }}'
    return numbers.get(path)


def call_from(now: datetime, policy: Policy, slug: str, envelope_minor: int) -> CallDefinition:
    """Returns a call of the policy's scheme that opens `OPENS_AFTER` after programme instant `now`."""
    opens_at = (now + OPENS_AFTER).astimezone(ZoneInfo(policy.zone)).replace(tzinfo=None, microsecond=0)
    return CallDefinition(
        id=slug,
        region=policy.region,
        scheme=policy.scheme,
        title=dict.fromkeys(policy.languages, f"Call of the campaign, {slug}"),
        opens_at=opens_at,
        closes_at=opens_at + OPEN_FOR,
        evaluation_due=(opens_at + EVALUATED_AFTER).date(),
        reserve_list_ends=(opens_at + RESERVE_ENDS_AFTER).date(),
        reminders_before_days=(1,),
        envelope_minor=max(envelope_minor, policy.value.smallest_minor),
        currency=policy.currency,
    )
