"""The two calls of a two-step scheme of Kolding, and the actors there."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from services.applications.domain.form import Form, answers_of, dump_form, read_form, with_answers
from shared.contracts.evaluation import ExpressionChosen
from shared.identity.actor import Actor, Role, grants
from shared.kernel.ids import new_id
from simulation.demo.organisations import fictional_tax_number
from simulation.demo.seeded_random import SeededRandom
from simulation.sample_answers import with_own_answers
from tests.integration.applications.conftest import Desk
from tests.support.applications import BOOK, FIRM, form_with

KOLDING, INTEREST, FULL = "dk-kolding", "design-partnerships-interest", "design-partnerships"
OFFICER = Actor("officer-1", grants({Role.OFFICER}, {KOLDING}))
OPEN, DECIDED = datetime(2026, 12, 20, 9, tzinfo=UTC), datetime(2027, 2, 20, 9, tzinfo=UTC)
ENDS = datetime(2027, 3, 22, 23, tzinfo=UTC)
"""30 days after the day of the decision, at midnight in Copenhagen."""


def firm(organisation: UUID = FIRM, name: str = "") -> Actor:
    return Actor(name or f"applicant-{organisation.int}", grants({Role.APPLICANT}, {KOLDING}), organisation)


def form_of(scheme: str, **changed: Any) -> dict[str, Any]:
    """The sample answers that the form of the scheme asks for."""
    definition = BOOK.form_in_force(KOLDING, scheme, date(2027, 1, 1))
    place = {"applicant__country": "DK", "applicant__nuts": "DK032", "costs__currency": "DKK", "language": "en"}
    money = {"costs__total_cost_minor": 20_000_000, "costs__requested_minor": 10_000_000, "costs__own_contribution_minor": 10_000_000}
    dates = {"project__starts_on": "2027-09-01", "project__ends_on": "2027-12-01"}
    answers = answers_of(read_form(with_own_answers(form_with(**{**place, **money, **dates, **changed}), definition)))
    return dump_form(with_answers(Form(), {name: value for name, value in answers.items() if name in definition.by_id}))


def definition_of(scheme: str, slug: str, opens: str, closes: str, due: str, **changed: Any) -> dict[str, Any]:
    title = dict.fromkeys(("da", "en"), f"The call {slug}")
    dates = {"opens_at": f"{opens}T12:00:00", "closes_at": f"{closes}T12:00:00", "evaluation_due": due, "reserve_list_ends": due}
    what = {"id": slug, "region": KOLDING, "scheme": scheme, "title": title, "reminders_before_days": [], "currency": "DKK"}
    return {**what, **dates, "envelope_minor": 100_000_000, **changed}


INTEREST_CALL = definition_of(INTEREST, "interest-2027", "2026-12-15", "2027-01-15", "2027-02-15")
FULL_CALL = definition_of(FULL, "partnerships-2027", "2027-02-01", "2027-06-01", "2027-07-01", invites_from=["interest-2027"])


async def publish(desk: Desk, definition: dict[str, Any], expect: int = 201) -> Any:
    return await desk.request(OFFICER, "POST", "/calls", expect, json=definition)


async def draft(desk: Desk, actor: Actor, call_id: str, form: dict[str, Any], expect: int = 201) -> Any:
    return await desk.request(actor, "POST", "/applications", expect, key=f"key-{new_id()}", json={"call_id": call_id, "form": form})


async def express(desk: Desk, call_id: str, organisation: UUID) -> str:
    """An expression of interest that is submitted, and found eligible."""
    number = fictional_tax_number("DK", SeededRandom(str(organisation)))
    identity: str = (await draft(desk, firm(organisation), call_id, form_of(INTEREST, applicant__tax_number=number)))["id"]
    await desk.request(firm(organisation), "POST", f"/applications/{identity}/submission")
    found = await desk.request(OFFICER, "POST", f"/applications/{identity}/screening")
    assert found["state"] == "eligible", found
    return identity


def chosen(identity: str, call_id: str, organisation: UUID) -> ExpressionChosen:
    about = {"application_id": UUID(identity), "call_id": UUID(call_id), "region": KOLDING}
    return ExpressionChosen(**about, organisation_id=organisation, rank=1, from_reserve=False)
