"""De minimis aid of three years against its ceiling (Regulation (EU) 2023/2831, article 3). What the registers of the member states say
decides; this is what the applicant and this platform know."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.applications.domain.eligibility import declared_aid_minor
from services.applications.domain.form import Form
from shared.policy.schema import Policy
from shared.policy.state_aid import counts_on, unlisted, years_before


@dataclass(frozen=True, slots=True)
class Award:
    """Aid that was awarded to the organisation by a call of the same member state, on the local day of the decision."""

    granted_on: date
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Headroom:
    """Minor units of the call's currency. Aid counts from the day after `since` on. `declared_minor`: what the form lists;
    `awarded_minor`: what was awarded here and is not in that list; `left_minor`: what the ceiling leaves, at least 0; `asked_minor`:
    what this application asks for; `above_minor`: by how much that is more than what is left."""

    since: date
    ceiling_minor: int
    declared_minor: int
    awarded_minor: int
    left_minor: int
    asked_minor: int
    above_minor: int


def headroom(policy: Policy, form: Form, awards: Iterable[Award], on: date) -> Headroom:
    """On the local day `on`. An award with amount and day of a row of the list is in the list."""
    years = policy.de_minimis.window_years
    since = years_before(on, years)
    listed = ((aid.granted_on, aid.amount_minor) for aid in form.de_minimis.aid)
    known = ((award.granted_on, award.amount_minor) for award in awards if counts_on(award.granted_on, on, years))
    awarded = sum(amount * count for (_, amount), count in unlisted(known, listed).items())
    declared = declared_aid_minor(form, on, years)
    ceiling, asked = policy.from_eur_minor(policy.de_minimis.ceiling_minor), form.costs.requested_minor or 0
    left = max(0, ceiling - declared - awarded)
    return Headroom(since, ceiling, declared, awarded, left, asked, max(0, asked - left))
