"""Offers that are not money: what a policy may say, what an application asks for, when a record of attendance stands, what verify finds."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from operations.verify.bank_files import BankSide
from operations.verify.facts import Facts, Logged
from operations.verify.invariant_3_attendance import attendance
from services.applications.domain.benefit import with_its_costs
from services.applications.domain.core_answers import core_faults
from services.applications.domain.eligibility import assess
from services.applications.domain.form import read_form
from services.applications.domain.open_awards import Award as OpenAward
from services.applications.domain.open_awards import record_of
from services.vouchers.domain.agreement import terms_of as terms_of_agreement
from services.vouchers.domain.attendance import Session, terms_of
from services.vouchers.domain.bookings import (
    BookingState,
    check_minutes,
    confirm_by,
    may_answer,
    may_record,
    units_recorded,
)
from services.vouchers.domain.capacity import check_more
from services.vouchers.domain.review import Due, review
from services.vouchers.domain.stages import Stage, Voucher
from services.vouchers.letters import Agreed, agreement_of
from shared.kernel.errors import Conflict, Refused
from shared.policy.call import LARGEST_ENVELOPE_MINOR, CallDefinition, call_faults
from shared.policy.schema import Policy
from shared.web.figures import amount_of
from tests.support.applications import BOOK, form_with
from tests.unit.test_attendance import HOUR, NOON
from tests.unit.test_schemes import Award

POLICY = next(policy for policy in BOOK.all() if policy.scheme == "mentor-hours")
PLACES = next(policy for policy in BOOK.all() if policy.scheme == "training-places")
FORM = BOOK.form_in_force(POLICY.region, POLICY.scheme, POLICY.effective_from)
SESSION = Session(NOON, NOON + HOUR, 1)
NOTHING_EXCLUDED = {"sectors": ["none"], "purposes": ["none"]}


MOST = 720 * (LARGEST_ENVELOPE_MINOR // 108_000)


@pytest.mark.parametrize(("units", "waits", "code"), [(720, True, "capacity-not-confirmed"), (MOST - 720, False, "capacity-too-large")])
def test_more_capacity_needs_a_confirmed_call_and_has_a_bound(units: int, waits: bool, code: str) -> None:
    assert POLICY.benefit is not None
    with pytest.raises(Conflict) as raised:
        check_more(1440, units, POLICY.benefit, awaits_confirmation=waits)
    assert raised.value.code == code
    check_more(1440, MOST - 1440, POLICY.benefit, awaits_confirmation=False)


def test_two_regions_offer_what_is_not_money() -> None:
    kinds = {(one.region, one.benefit.kind, one.benefit.unit) for one in BOOK.all() if one.benefit}
    assert kinds == {("be-kortrijk", "mentoring", "minutes"), ("gr-central-macedonia", "training", "places")}


@pytest.mark.parametrize(
    ("table", "changed", "fault"),
    [
        ("value", {"largest_minor": 108_001}, "units_per_award × unit_value_minor"),
        ("value", {"intensity_bp": 9_000}, "no cost to share"),
        ("benefit", {"step": 7}, "whole steps"),
        ("benefit", {"unit": "places"}, "not counted in steps"),
        ("selection", {"when_short": "partial"}, "not given in part"),
    ],
)
def test_policy_that_mixes_hours_and_money_does_not_load(table: str, changed: dict[str, Any], fault: str) -> None:
    content = POLICY.model_dump(mode="json", exclude_unset=True, by_alias=True)
    content[table] |= changed
    content["sources"] |= {f"{table}.{name}": "default" for name in changed if name == "when_short"}
    with pytest.raises(ValidationError, match=fault):
        Policy.model_validate_json(json.dumps(content))


def test_form_without_costs_is_of_a_scheme_without_money() -> None:
    assert not [question.id for question in FORM.questions if question.id.startswith("costs.")]
    money = BOOK.resolve("be-kortrijk", "creative-voucher", date(2026, 12, 1))
    other = FORM.model_copy(update={"scheme": "creative-voucher"})
    assert [fault for fault in core_faults(other, [money]) if fault.startswith("without_costs")]


def test_every_application_asks_for_the_same_and_counts_as_aid() -> None:
    """Regulation (EU) 2023/2831, Article 3(5): the gross grant equivalent; 720 minutes at EUR 1.50. Whatever was sent for costs."""
    answers = form_with(
        applicant__country="BE", applicant__nuts="BE254", costs__requested_minor=1,
        de_minimis={"declared": True, **NOTHING_EXCLUDED},
    )  # fmt: skip
    form = with_its_costs(read_form(answers), POLICY)
    assert (form.costs.requested_minor, form.costs.total_cost_minor, form.costs.currency) == (108_000, 108_000, "EUR")
    verdict = assess(POLICY, form, POLICY.effective_from)
    assert (verdict.failed, verdict.amount_minor) == ([], 108_000)
    other = {"declared": True, **NOTHING_EXCLUDED, "aid": [{"granted_on": "2026-01-10", "amount_minor": 30_000_000 - 107_999}]}
    full = with_its_costs(read_form({**answers, "de_minimis": other}), POLICY)
    assert assess(POLICY, full, POLICY.effective_from).failed == ["de-minimis-ceiling"]


@pytest.mark.parametrize(("envelope", "faults"), [(540_000, []), (540_001, ["capacity-not-whole"])])
def test_capacity_of_a_call_comes_to_whole_vouchers(envelope: int, faults: list[str]) -> None:
    call = CallDefinition.model_validate_json(
        f"""{{"id": "hours", "region": "be-kortrijk", "scheme": "mentor-hours", "title": {{"nl": "Uren", "en": "Hours"}},
        "opens_at": "2026-12-10T09:00:00", "closes_at": "2027-01-20T17:00:00", "evaluation_due": "2027-02-01",
        "reserve_list_ends": "2027-04-01", "reminders_before_days": [], "envelope_minor": {envelope}, "currency": "EUR"}}"""
    )
    assert [fault.code for fault in call_faults(call, POLICY)] == faults


def test_hours_are_in_no_sum_of_money() -> None:
    money = next(policy for policy in BOOK.all() if policy.scheme == "creative-voucher")
    assert amount_of(BOOK, [(money.id, 700), (POLICY.id, 108_000), (PLACES.id, 1)]).minor == 700


@pytest.mark.parametrize(
    ("state", "minutes", "now", "refusal"),
    [
        (BookingState.BOOKED, 30, NOON, None),
        (BookingState.BOOKED, 30, NOON - timedelta(seconds=1), "session-not-begun"),
        (BookingState.BOOKED, 0, NOON + HOUR / 2, "session-not-over"),
        (BookingState.BOOKED, 0, NOON + HOUR, None),
        (BookingState.BOOKED, 61, NOON + HOUR, "minutes-too-many"),
        (BookingState.CANCELLED, 30, NOON + HOUR, "booking-not-open"),
        (BookingState.CONFIRMED, 30, NOON + HOUR, "booking-not-open"),
    ],
)
def test_attendance_is_recorded_from_the_begin_on(state: BookingState, minutes: int, now: datetime, refusal: str | None) -> None:
    if refusal is None:
        assert may_record(state, SESSION, minutes, now)
        return
    with pytest.raises(Refused) as raised:
        may_record(state, SESSION, minutes, now)
    assert raised.value.code == refusal


@pytest.mark.parametrize(
    ("policy", "minutes", "units"), [(POLICY, 1, 15), (POLICY, 46, 60), (POLICY, 0, 60), (PLACES, 5, 1), (PLACES, 0, 1)]
)
def test_what_a_record_uses_up(policy: Policy, minutes: int, units: int) -> None:
    """Each step that was begun; a place whole; who is absent without cancelling, the whole session."""
    assert policy.benefit is not None
    assert units_recorded(SESSION, terms_of(policy.benefit), minutes) == units


@pytest.mark.parametrize(
    ("state", "objects", "late", "answer"),
    [
        (BookingState.RECORDED, True, False, True),
        (BookingState.RECORDED, True, True, "objection-too-late"),
        (BookingState.RECORDED, False, True, True),
        (BookingState.OBJECTED, True, False, False),
        (BookingState.OBJECTED, False, False, "attendance-decided"),
        (BookingState.BOOKED, True, False, "attendance-not-recorded"),
        (BookingState.CONFIRMED, False, False, False),
    ],
)
def test_beneficiary_answers_a_record_in_time(state: BookingState, objects: bool, late: bool, answer: bool | str) -> None:
    now = NOON + HOUR if late else NOON
    if isinstance(answer, bool):
        assert may_answer(state, NOON + HOUR, now, POLICY.zone, objects=objects) is answer
        return
    with pytest.raises(Conflict) as raised:
        may_answer(state, NOON + HOUR, now, POLICY.zone, objects=objects)
    assert raised.value.code == answer


def test_silence_confirms_and_never_after_the_end_of_the_voucher() -> None:
    """Five working days from Monday, 4 May 2026 on, Ascension Day among them; the lifecycle wakes for it."""
    until = confirm_by(POLICY, NOON + 90 * 24 * HOUR, NOON)
    assert POLICY.local_day(until - timedelta(seconds=1)) == date(2026, 5, 11)
    assert confirm_by(POLICY, NOON + HOUR, NOON) == NOON + HOUR
    issued = Voucher(state=Stage.ISSUED, valid_until=NOON + 30 * 24 * HOUR, claim_window_until=NOON + 60 * 24 * HOUR, confirm_by=until)
    assert review(issued, POLICY, NOON).until == until
    assert review(issued, POLICY, until).due is Due.CONFIRMATION
    assert review(issued.model_copy(update={"confirm_by": None}), POLICY, NOON).until == issued.valid_until


def test_payments_is_late_about_aid_and_then_asked_nothing() -> None:
    waiting = Voucher(state=Stage.REQUESTED, state_since=NOON)
    assert review(waiting, POLICY, NOON + 100 * 24 * HOUR).due is Due.OVERDUE
    settling = Voucher(state=Stage.SETTLING, state_since=NOON)
    assert review(settling, POLICY, NOON + 1000 * 24 * HOUR).due is None
    assert replace(SESSION, seats=0).minutes == 60
    check_minutes(SESSION, 60)


def facts(**changed: Any) -> Facts:
    """A call of two vouchers of three places, the second one added: one reserved, one in use, with a place attended and one
    booked."""
    moves = [
        (None, "supplied", "supply", "available", 3), (None, "supplied", "supply", "available", 3),
        ("v1", "reserved", "available", "reserved", 3),
        ("v2", "reserved", "available", "reserved", 3), ("v2", "committed", "reserved", "committed", 3),
        ("v2", "attended", "committed", "attended", 1),
    ]  # fmt: skip
    names = ("voucher_id", "kind", "source", "target", "units")
    tables: dict[str, list[dict[str, Any]]] = {
        "vouchers.capacity_entries": [{"call_id": "c", **dict(zip(names, move, strict=True))} for move in moves],
        "vouchers.capacities": [
            {"call_id": "c", "unit": "places", "supplied": 6, "reserved": 3, "committed": 2, "attended": 1, "needs_confirmation": False}
        ],
        "vouchers.holdings": [
            {"voucher_id": "v1", "call_id": "c", "granted": 3, "reserved": 3, "committed": 0, "booked": 0, "attended": 0},
            {"voucher_id": "v2", "call_id": "c", "granted": 3, "reserved": 0, "committed": 2, "booked": 1, "attended": 1},
        ],
        "vouchers.sessions": [{"id": "s", "call_id": "c", "seats": 5, "taken": 2}],
        "vouchers.bookings": [
            {"session_id": "s", "voucher_id": "v2", "state": state, "units_held": 1, "units_used": int(state == "confirmed")}
            for state in ("confirmed", "booked")
        ],
        "vouchers.capacity_changes": [{"call_id": "c", "units": 3, "proposed_by": "officer", "decided_by": "finance"}],
        "vouchers.vouchers": [], "payments.envelopes": [], "payments.vouchers": [], "payments.entries": [], "payments.claims": [],
        "payments.disbursements": [],
    }  # fmt: skip
    for path, value in changed.items():
        table, number, name = path.split("__")
        tables[f"vouchers.{table}"][int(number)][name] = value
    assert PLACES.benefit is not None
    body = {"call_id": "c", "policy_id": PLACES.id, "envelope_minor": PLACES.benefit.award_minor}
    published = Logged("applications", 1, "e", "t", "c", "applications.CallPublished.v2", NOON, "p", "r", PLACES.id, "c", None, True, body)
    return Facts({"applications": [published]}, tables, BankSide(), {PLACES.id: PLACES})


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, set()),
        ({"capacity_entries__5__units": 4}, {"voucher v2", "call c"}),
        ({"capacity_entries__0__units": 2}, {"voucher v2", "call c"}),
        ({"capacity_changes__0__units": 6}, {"call c"}),
        ({"capacity_changes__0__decided_by": "officer"}, {"call c"}),
        ({"capacity_entries__5__target": "available"}, {"voucher v2", "call c"}),
        ({"capacities__0__supplied": 5}, {"call c"}),
        ({"holdings__1__granted": 2}, {"voucher v2"}),
        ({"holdings__1__booked": 0}, {"voucher v2"}),
        ({"sessions__0__taken": 1}, {"call c"}),
        ({"bookings__0__units_used": 0}, {"voucher v2"}),
    ],
)
def test_breach_of_hours_and_places_is_found(changed: dict[str, Any], found: set[str]) -> None:
    assert {each[0] for each in attendance(facts(**changed))} == found


@pytest.mark.parametrize(("policy", "given"), [(POLICY, "12 hours"), (PLACES, "3 places")])
def test_agreement_speaks_of_hours_and_of_no_claim(policy: Policy, given: str) -> None:
    award = Award(policy.id, policy.value.largest_minor, policy.currency, {})
    award.terms = None
    terms = terms_of_agreement(policy, award)
    written = agreement_of(terms, Agreed(NOON, NOON + HOUR, None, None, None), policy, "en")
    said = " ".join([*(text for part in written.parts for text in part.texts), *(f.value for part in written.parts for f in part.facts)])
    assert given in said
    assert "No money is paid" in said
    assert "claim" not in said.lower()


def test_open_data_has_the_quantity_and_no_amount() -> None:
    award = OpenAward("1", "Hours", "Kortrijk", 108_000, NOON, NOON, None, read_form({}))
    record = record_of(POLICY, award)
    assert (record["amountAwarded"], record["inKind"]) == ("0.00", {"unit": "minutes", "quantity": 720})
    assert "No money was awarded" in record["description"]
