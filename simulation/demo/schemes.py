"""Schemes that regions really run, beside the calls of the regions: a few applications each, with types, rates and limits of their own.

Their rules take effect after the year in which the demonstration plays. It plays them as if they had held from its first day on: in a copy
of the regions that is dated back, which a new platform starts with. A platform that was started without it does not play them.
"""

import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from services.applications.domain.form import Form, answers_of, dump_form, read_form, with_answers
from shared.kernel.errors import NotFound
from shared.kernel.money import Money
from shared.policy.call import CallDefinition
from shared.policy.case_terms import CaseTerms, case_terms
from shared.policy.form import EXTRA
from shared.policy.resolver import PolicyBook
from shared.policy.schema import Policy
from simulation.demo.behaviour import Answer, Behaviour, BehaviourProfile, PlannedOutcome
from simulation.demo.organisations import fictional_tax_number
from simulation.demo.published_operations import COUNTRIES, Refusal, TargetCall
from simulation.demo.region import Region
from simulation.demo.sample_applications import to_import_row
from simulation.demo.seeded_random import SeededRandom
from simulation.sample_answers import with_own_answers

Json = dict[str, Any]
IN_FORCE, DATED = date(2026, 12, 1), date(2025, 12, 1)
"""The first day of the rules, and that of the demonstration, on which its copy says that they hold."""
CORE_DATED = date(2025, 11, 30)
"""Of the copy of the forms' core: no other form of the demonstration extends it."""


@dataclass(frozen=True)
class PlayedScheme:
    """`kinds`: the types of vouchers that are applied for, one an application. `cost_minor`: of each project, at which the rates and the
    largest amounts of the scheme show; of hours or places what a voucher is worth. `number`: of the call; the firms of the first one apply
    in each later one again. `interest`: the scheme of the first step, whose firms are invited to this one."""

    region: str
    scheme: str
    kinds: tuple[str, ...]
    cost_minor: int
    number: int = 1
    interest: str = ""

    @property
    def firms(self) -> str:
        """From what the firms are made up."""
        return self.interest or self.scheme

    @property
    def later(self) -> timedelta:
        """How much later than the region's own call."""
        return INVITED_LATER if self.interest else (self.number - 1) * CALLS_APART

    @property
    def slug(self) -> str:
        return f"{self.scheme}-2026-{self.number}"


SCHEMES = (
    PlayedScheme("hr-koprivnica", "vauceri-za-digitalizaciju", ("digital-skills", "digital-marketing", "cyber-resilience"), 1_500_000),
    *(PlayedScheme("pl-malopolska", "bony-na-innowacje", ("small", "large"), 9_000_000, number) for number in (1, 2, 3)),
    PlayedScheme("be-kortrijk", "mentor-hours", ("", "", ""), 108_000),
    PlayedScheme("dk-kolding", "smv-digital", ("grant-25", "grant-100", "grant-250"), 30_000_000),
    PlayedScheme("be-kortrijk", "kmo-portefeuille", ("training", "cybersecurity"), 1_000_000),
    PlayedScheme("dk-kolding", "design-partnerships-interest", ("", "", ""), 20_000_000),
    PlayedScheme("dk-kolding", "design-partnerships", ("", "", ""), 20_000_000, interest="design-partnerships-interest"),
)
EVERYBODY_CLAIMS = BehaviourProfile(
    individual_percent=0, returned_percent=0, withdrawn_application_percent=0, conflict_percent=0, divergent_percent=0,
    answers=((Answer.ACCEPT, 100),), outcomes=((PlannedOutcome.PLAIN, 100),), parts=(((100,), 100),), check_days=(2, 4),
)  # fmt: skip
INVITED_APPLY = replace(EVERYBODY_CLAIMS, individual_percent=100)
"""An officer's list has no invited ones: who is invited begins the application."""
CALLS_APART = timedelta(days=21)
"""Time to screen a call before the next one of the scheme opens: a later voucher has a lower rate."""
INVITED_LATER = timedelta(days=90)
"""Time to evaluate the expressions of interest, and for appeals, before the call to which they lead."""
POINTS_PERCENT = 85
"""Of each criterion, by every evaluator."""


@dataclass(frozen=True)
class Claiming(Behaviour):
    """Everybody claims the whole voucher, so that each rate of a scheme is seen in a payment."""

    profile: BehaviourProfile = EVERYBODY_CLAIMS

    def score_sheet(self, evaluator: str, case: str, points_max: Mapping[str, int], *, raised: int = 0) -> dict[str, int]:
        return {criterion: most * POINTS_PERCENT // 100 for criterion, most in points_max.items()}


def dated_back(regions: Path, folder: Path) -> Path:
    """The copy of the regions, in this folder, in which the schemes hold from the demonstration's first day on."""
    shutil.copytree(regions, folder, dirs_exist_ok=True)
    hold_from_the_first_day(folder, {(one.region, one.scheme) for one in SCHEMES})
    return folder


def hold_from_the_first_day(regions: Path, schemes: Collection[tuple[str, str]]) -> None:
    """Adds to the folder the rules of these schemes, each with its region, as they would be dated."""
    date_back(regions / "common", "form-", CORE_DATED)
    for place in schemes:
        for name in ("", "form-"):
            date_back(regions.joinpath(*place), name, DATED)


def date_back(place: Path, name: str, day: date) -> None:
    """`name`: what the file's begins with before its day."""
    text = (place / f"{name}{IN_FORCE}.toml").read_text(encoding="utf-8")
    for setting, dated in (("effective_from", day), ("extends", CORE_DATED)):
        text = text.replace(f"{setting} = {IN_FORCE}", f"{setting} = {dated}")
    (place / f"{name}{day}.toml").write_text(text, encoding="utf-8")


def calls_of_schemes(book: PolicyBook, calls: Sequence[CallDefinition]) -> Iterator[tuple[PlayedScheme, CallDefinition, Policy]]:
    """The calls of each scheme whose rules hold, from the dates of the region's own call on."""
    for one in SCHEMES:
        own = next((call for call in calls if call.region == one.region), None)
        if own is None:
            continue
        try:
            policy = book.resolve(one.region, one.scheme, own.opens_at.date())
        except NotFound:
            continue
        awards = 10 if policy.benefit is None else len(one.kinds) - 1  # of hours there is one too few, until the region gives more
        changes = {"id": one.slug, "scheme": one.scheme, "title": dict(policy.title), "envelope_minor": awards * policy.value.largest_minor}
        days = ("opens_at", "closes_at", "evaluation_due", "reserve_list_ends")
        changes |= {name: getattr(own, name) + one.later for name in days}
        longest = own.evaluation_due + one.later + timedelta(days=policy.selection.reserve_list_days)
        changes["reserve_list_ends"] = min(own.reserve_list_ends + one.later, longest)
        if one.interest:
            changes["invites_from"] = [next(other.slug for other in SCHEMES if (other.region, other.scheme) == (one.region, one.interest))]
        yield one, own.model_copy(update=changes), policy


def rows_of(scheme: PlayedScheme, target: TargetCall, seed: str) -> list[Mapping[str, Any]]:
    """An application for each kind, made up as those of the demonstration, by a firm that passes every rule."""
    country = next(name for name, (region, *_) in COUNTRIES.items() if region == scheme.region)
    rows: list[Mapping[str, Any]] = []
    for number, kind in enumerate(scheme.kinds, 1):
        operation = {
            "country": country, "region": scheme.scheme, "currency": target.policy.currency, "start": "2020-01-01", "end": "2020-05-01",
            "total_eligible": f"{scheme.cost_minor // 100}", "hash": SeededRandom(f"scheme {seed}").text(scheme.firms, number)[:16],
        }  # fmt: skip
        row = to_import_row(operation, {scheme.region: target})
        assert not isinstance(row, Refusal), row
        json = row.as_json()
        form = with_own_answers(_fitted(json["form"], target, scheme, kind, str(operation["hash"])), target.form)
        rows.append({**json, "row_key": f"{json['row_key']}-{scheme.number}", "form": _asked(form, target), "profile": form})
    return rows


def _asked(form: Json, target: TargetCall) -> Json:
    """Of a first step the answers alone that its short form asks for; `profile` has the rest, by which the firm is registered."""
    if target.policy.expression is None:
        return form
    answers = {name: value for name, value in answers_of(read_form(form)).items() if name in target.form.by_id}
    return {**dump_form(with_answers(Form(), answers)), "synthetic": True}


def _fitted(form: Json, target: TargetCall, scheme: PlayedScheme, kind: str, seed: str) -> Json:
    """The form of a micro firm of the region that asks for all that its type of voucher gives for this cost, and gets its VAT back."""
    policy, asks = target.policy, f"{EXTRA}recovers-vat" in target.form.by_id
    cost = Money(scheme.cost_minor, policy.currency)
    asked = cost.minor if policy.benefit else terms_of(policy, kind, scheme.number).aid_for(cost).minor
    country, rules = policy.calendar.country, policy.eligibility
    applicant = {
        "tax_number": fictional_tax_number(country, SeededRandom(f"scheme {seed}")), "nuts": rules.places[0], "country": country,
        "activity_code": next(code for code in ("74.10", "62.01") if code.startswith(rules.activity_codes)),
    }  # fmt: skip
    firm = {"staff": 4, "turnover_minor": 250_000_000, "balance_minor": 100_000_000, "public_control_bp": 0}
    costs = {
        "currency": policy.currency, "total_cost_minor": cost.minor, "requested_minor": asked, "own_contribution_minor": cost.minor - asked,
    }  # fmt: skip
    extra = {**form.get("extra", {}), **({"voucher-type": kind} if kind else {})} | ({"recovers-vat": True} if asks else {})
    extra.pop("own-hours", None)
    return {
        **form, "applicant": {**form["applicant"], **applicant}, "firm": firm, "costs": costs, "de_minimis": {"declared": True, "aid": []},
        "extra": extra, "project": {**form["project"], "title": f"{form['project']['title']} {scheme.number}"},
    }  # fmt: skip


def terms_of(policy: Policy, kind: str, number: int) -> CaseTerms:
    """Of the voucher of this number of a micro firm."""
    return case_terms(policy, kind, "micro", number, recovers_vat=True if policy.vat else None)


def rate_of(region: Region, case: str) -> int:
    """Of the case's voucher, in basis points: a scheme may have one for each type of voucher, and its form asks for the type only then."""
    if not region.scheme_call:
        return region.policy.value.intensity_bp
    form = next(row["form"] for row in region.rows if row["organisation_id"] == case)
    return terms_of(region.policy, form.get("extra", {}).get("voucher-type", ""), region.scheme_call).intensity_bp
