"""Pages of vouchers that are hours or places: every state has its sentence, and each page is whole, also with what was typed."""

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, get_args
from uuid import UUID

import pytest

from portal.client.vouchers import AttendanceView, BookingView, GivenView, SessionView, VoucherView
from portal.kit.attendance import list_values
from portal.kit.formats import units
from portal.kit.pages import environment
from portal.kit.reader import Reader
from portal.kit.sessions import COLOURS, kinds, presence, sentence, states
from tests.unit.test_voucher_sentences import OUTCOMES, STATES, said

NOW, ZONE, DAY = datetime(2027, 3, 1, 9, tzinfo=UTC), "Europe/Brussels", timedelta(days=1)
BOOKING_STATES = get_args(BookingView.model_fields["state"].annotation)
SESSION = SessionView(
    id=UUID(int=1), call_id=UUID(int=2), region="be-kortrijk", title="Pricing of work", place="Budafabriek", mentor="Design strategist",
    starts_at=NOW + DAY, ends_at=NOW + DAY + timedelta(hours=1), minutes=60, unit="minutes", seats=3, free=2, host_organisation_id=None,
    cancelled_at=None, cancelled_reason=None, zone=ZONE, as_of=NOW,
)  # fmt: skip
OVER = SESSION.model_copy(update={"starts_at": NOW - DAY, "ends_at": NOW - DAY + timedelta(hours=1), "id": UUID(int=9)})


def booking(state: str, session: SessionView = OVER, **changed: Any) -> BookingView:
    recorded = {"minutes": 50, "recorded_at": NOW, "confirm_by": NOW + 5 * DAY} if state not in ("booked", "cancelled") else {}
    known = {
        "id": UUID(int=3), "session": session, "voucher_id": UUID(int=4), "application_id": UUID(int=5), "code_end": "92QM-5",
        "state": state,
        "units_held": 60, "units_used": 60 if recorded else 0, "minutes": None, "recorded_by": "officer-1", "objection": None,
        "confirm_by": None, "correction": None, "booked_at": NOW,
    }  # fmt: skip
    return BookingView.model_construct(**{**known, **recorded, **changed})


def visit(path: str = "/vouchers/1") -> Any:
    request = SimpleNamespace(url=SimpleNamespace(path=path), query_params={}, path_params={})
    return SimpleNamespace(
        request=request, session=None, roles=frozenset(), live="", place=None, form_token="t", language="en", path=path,
        with_query=lambda **changed: path,
    )  # fmt: skip


def page(template: str, **values: Any) -> str:
    shown = environment().get_template(template).render(visit=visit(), language="en", purpose="", **values)
    body = re.search("<main.*</main>", shown, re.DOTALL)
    assert body is not None
    assert "None" not in re.sub("<[^>]+>", " ", body[0])
    return shown


def voucher(state: str = "issued", **changed: Any) -> Any:
    known = {
        "id": UUID(int=4), "application_id": UUID(int=5), "state": state, "outcome": None, "acts_next": "beneficiary",
        "overdue_since": None, "code": "KRT-7F3K-92QM-5", "valid_until": NOW + 30 * DAY, "claim_window_until": NOW + 60 * DAY,
        "answer_by": NOW + 3 * DAY,
        "offered_at": NOW, "as_of": NOW, "zone": ZONE, "suspended": False, "settled_at": None, "extensions": 0, "until": NOW + 30 * DAY,
        "issued_at": NOW, "amendments": [], "currency": "EUR", "value_minor": 108_000,
        "benefit": GivenView(kind="mentoring", unit="minutes", units=720, free_until_hours=48),
        "terms": SimpleNamespace(
            validity=SimpleNamespace(value=6, unit="months"), programme_end=(NOW + 400 * DAY).date(), amount_minor=108_000, currency="EUR",
            extensions=1,
        ),
    }  # fmt: skip
    return SimpleNamespace(**{**known, **changed})


def held(*bookings: BookingView) -> AttendanceView:
    return AttendanceView.model_construct(
        voucher_id=UUID(int=4), kind="mentoring", unit="minutes", granted=720, left=600, booked=60, attended=60, free_until_hours=48,
        bookings=list(bookings),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("count", "unit", "words"),
    [(720, "minutes", "12 hours"), (75, "minutes", "1 hour 15 minutes"), (0, "minutes", "0 minutes"), (3, "places", "3 places")],
)
def test_hours_and_places_are_read_as_people_say_them(count: int, unit: str, words: str) -> None:
    assert units(count, unit, "en") == words


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("outcome", [None, *OUTCOMES])
def test_state_of_a_voucher_of_hours_has_a_sentence(state: str, outcome: str | None) -> None:
    dates = dict.fromkeys(("answer_by", "valid_until", "claim_window_until"), NOW)
    one = VoucherView.model_construct(**{"acts_next": "beneficiary", "overdue_since": None, "state": state, "outcome": outcome, **dates})
    stage, holder = (said("kit/units-stage.html", macro, one, *more) for macro, more in (("unit_stage", ()), ("unit_holder", (ZONE,))))
    assert re.fullmatch(r"[A-Z][a-z ]+", stage)
    assert re.match(r"(You|Nobody|The |An )", holder)
    assert holder.endswith(".")
    assert not {"claim", "money", "paid"} & set(holder.lower().split())


@pytest.mark.parametrize("state", BOOKING_STATES)
@pytest.mark.parametrize("minutes", [0, 50])
def test_state_of_a_booking_has_a_sentence(state: str, minutes: int) -> None:
    one = booking(state) if state in ("booked", "cancelled") else booking(state, minutes=minutes)
    words = sentence(one, "minutes", "en")
    assert words[0].isupper()
    assert words.endswith(".")
    assert state in states("en")
    assert ("object until" in words) == (state == "recorded")


def test_page_of_a_voucher_shows_what_is_left_and_its_sessions() -> None:
    bookings = [booking(state, OVER if state != "booked" else SESSION, id=UUID(int=20 + n)) for n, state in enumerate(BOOKING_STATES)]
    values = {"name": "A studio", "report": None, "kinds": kinds("en"), "states": states("en"), "colours": COLOURS, "qr": "<svg></svg>"}
    whole = page(
        "applicant/voucher-units.html", voucher=voucher(), held=held(*bookings), sessions=[SESSION],
        said={one.id: sentence(one, "minutes", "en") for one in bookings}, **values,
    )  # fmt: skip
    assert "Mentoring: voucher for 12 hours" in whole
    assert all(f"/bookings/{one.id}/{act}" in whole for one, act in zip(bookings, ("cancellation",), strict=False))
    assert f"/sessions/{SESSION.id}" in whole
    empty = page("applicant/voucher-units.html", voucher=voucher(), held=held(), sessions=[], said={}, **values)
    assert "You have booked no session yet." in empty
    assert "claim" not in re.sub("<[^>]+>", " ", empty).lower()
    offer = page("applicant/offer-units.html", voucher=voucher("offered"), name="A studio", kinds=kinds("en"))
    assert "No money is paid to you either." in offer


def test_only_more_time_is_asked_for_a_voucher_of_hours() -> None:
    kinds_of_change = {"extension": "More time", "provider": "Another provider", "amount": "Another amount"}
    shown = page(
        "applicant/changes.html",
        voucher=voucher(),
        changes=[],
        form=Reader((), "en"),
        restored=False,
        kinds=kinds_of_change,
        name="A studio",
    )
    assert 'name="kind" value="extension"' in shown
    assert 'name="valid_until-day"' in shown
    assert "Another" not in shown
    assert "€" not in shown


def test_officer_decides_on_more_time_without_reading_of_money() -> None:
    asked = SimpleNamespace(
        kind="extension", state="open", valid_until=NOW + 60 * DAY, requested_at=NOW, explanation="Ill for a month.", decided_by=None
    )
    shown = page(
        "officer/change.html", change=asked, voucher=voucher(), funded=None, left_minor=None, kinds={"extension": "More time"}, person=str,
        form=Reader((), "en"), restored=False, name="A studio",
    )  # fmt: skip
    assert "sessions can be booked until then" in shown
    assert "12 hours" in shown
    assert "\N{EURO SIGN}" not in shown


def test_case_says_who_has_a_voucher_of_hours() -> None:
    call = SimpleNamespace(title={"en": "Mentor hours"}, zone=ZONE, benefit=SimpleNamespace(unit="minutes", units_per_award=720))
    application = SimpleNamespace(id=UUID(int=5), title="A studio", decision="granted", state="eligible")
    shown = page(
        "applicant/case.html", application=application, call=call, case=SimpleNamespace(missing=False, registration=None, decision=None),
        steps=[], voucher=voucher(),
    )  # fmt: skip
    assert "Book sessions and take part until" in shown


@pytest.mark.parametrize("template", ["provider/hosted.html", "officer/session.html"])
def test_attendance_list_keeps_what_was_typed(template: str) -> None:
    one, other = booking("booked"), booking("recorded", id=UUID(int=7))
    form = Reader({"booking": str(one.id), f"code-{one.id}": "KRT-1", f"minutes-{one.id}": "many"}.items(), "en")
    form.errors[f"minutes-{one.id}"] = "Enter how many minutes"
    shown = page(template, one=OVER, form=form, code="", records="/officer/attendance", **list_values(visit(), [one, other]))
    assert 'value="many"' in shown
    assert f'href="#minutes-{one.id}"' in shown
    assert "Record absence" in shown
    nobody = page(template, one=SESSION, form=Reader((), "en"), code="", records="/officer/attendance", **list_values(visit(), []))
    assert "Nobody has booked it yet." in nobody


def test_pages_of_hosts_and_officers_are_whole() -> None:
    assert "No session of your organisation is planned." in page("provider/hosting.html", to_come=[], over=[OVER], code="", form=None)
    form = Reader({"code": "KRT"}.items(), "en")
    assert "Choose the one" in page("provider/attend.html", sessions=[OVER, SESSION], code="KRT", place="/hosting", form=form)
    call = SimpleNamespace(id=UUID(int=2), title={"en": "Hours"})
    assert "Seats" in page("officer/session-new.html", form=Reader((), "en"), restored=False, call=call, hosts={"": "The agency"})
    correction = SimpleNamespace(minutes=20, reason="Typed wrongly.", proposed_by="officer-2")
    ways: list[tuple[str, dict[str, Any]]] = [("objected", {"objection": "I was there."}), ("confirmed", {"correction": correction})]
    for state, more in [*ways, ("confirmed", {}), ("booked", {})]:
        one = booking(state, **more)
        shown = page(
            "officer/attendance.html", one=one, form=Reader((), "en"), states=states("en"),
            who={"officer-1": "Ada", "officer-2": "Eve"}.get,
            colours=COLOURS, presence=presence(one, "en"),
        )  # fmt: skip
        assert ("Eve proposes 20 minutes" in shown) == bool(more.get("correction"))
    officer = page(
        "officer/voucher.html", voucher=voucher(), name="A studio", path="/officer/vouchers/1", held=held(booking("confirmed")),
        states=states("en"), colours=COLOURS,
    )  # fmt: skip
    assert "1 hour of 12 hours; 1 hour booked" in officer
