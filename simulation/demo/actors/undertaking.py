"""Applicants of one call that are one undertaking: the first declares so much aid of others that the ceiling of de minimis aid leaves
what it asks for itself, and the links by which the other firms are one with it. So an award to one leaves too little for the next."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from shared.kernel.vocabulary import LinkKind
from simulation.demo.region import Json, Region, attempt

_GRANTED_BEFORE = timedelta(days=120)
_LINKED_SINCE = timedelta(days=400)


def link_firms(region: Region) -> None:
    """Chooses the cases of the undertaking, `region.linked`: those that are most likely to be awarded, the one that asks for most first,
    which declares the aid. None where amounts would be converted at another rate than that of the rule, or too few could be awarded."""
    if region.policy.currency != "EUR":
        return
    cases = [row["organisation_id"] for row in region.rows]
    fit = [row for row in region.rows if cases.count(row["organisation_id"]) == 1 and _may_be_awarded(region, row)]
    if region.uses_ranking:
        fit.sort(key=lambda row: -region.behaviour.quality(row["organisation_id"]))
    chosen = sorted(fit[: region.behaviour.profile.linked_firms], key=lambda row: -row["form"]["costs"]["requested_minor"])
    if len(chosen) > 1:
        region.linked = [str(row["organisation_id"]) for row in chosen]
        region.rows = [_near_the_ceiling(region, row) if row is chosen[0] else row for row in region.rows]


async def declare_links(region: Region) -> None:
    """By the owner of the first firm. What is declared already, by an earlier run, is refused and stays."""
    path = "/api/people/organisations"
    for case in region.linked[1:]:
        owner, other = region.actors.applicant(region.linked[0]), region.actors.applicant(case)
        firm = await region.api.get(other, f"{path}/{other.organisation}")
        body = {
            "kind": LinkKind.MAJORITY_OF_VOTES,
            "country": firm["country"],
            "tax_number": firm["tax_number"],
            "name": firm["name"],
            "valid_from": (region.now - _LINKED_SINCE).date().isoformat(),
        }
        await attempt(region.api.post(owner, f"{path}/{owner.organisation}/links", body))


def _may_be_awarded(region: Region, row: Json) -> bool:
    """It breaks no rule, and its people neither give up nor leave a correction undone."""
    form, case, behaviour = row["form"], row["organisation_id"], region.behaviour
    eligibility = region.policy.eligibility
    return bool(
        form["de_minimis"]["declared"]
        and not form["de_minimis"]["aid"]
        and form["firm"].get("public_control_bp", 0) == 0
        and form["applicant"]["nuts"].startswith(tuple(eligibility.places))
        and form["applicant"]["activity_code"].startswith(tuple(eligibility.activity_codes))
        and not behaviour.withdraws_application(case)
        and (behaviour.corrects(case) or not behaviour.is_returned(case))
    )


def _near_the_ceiling(region: Region, row: Json) -> Json:
    form: Mapping[str, Any] = row["form"]
    ceiling = region.policy.from_eur_minor(region.policy.de_minimis.ceiling_minor)
    granted_on = (region.closes_at - _GRANTED_BEFORE).date().isoformat()
    aid: Sequence[Json] = [{"granted_on": granted_on, "amount_minor": ceiling - form["costs"]["requested_minor"]}]
    return {**row, "form": {**form, "de_minimis": {**form["de_minimis"], "aid": aid}}}
