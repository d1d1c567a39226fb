"""Two-step calls: what the policies say, who may begin an application, until when, with which answers. Source: issue 15, point 4."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.applications.domain.answers import check_form
from services.applications.domain.form import Form, answers_of, with_answers
from services.applications.domain.invitations import Invitation, InvitationState, invitation_for, stands_until, state_of, taken_over
from shared.kernel.errors import Malformed, Refused
from shared.policy.call import CallDefinition, call_faults
from shared.policy.schema import Policy
from shared.policy.two_step import invitation_ends
from tests.support.applications import BOOK

DAY = timedelta(days=1)
CLOSES = datetime(2027, 6, 1, 10, tzinfo=UTC)
FIRST, SECOND = UUID(int=1), UUID(int=2)
FULL = BOOK.resolve("dk-kolding", "design-partnerships", date(2027, 1, 1))
INTEREST = BOOK.resolve("dk-kolding", "design-partnerships-interest", date(2027, 1, 1))


@pytest.mark.parametrize(
    ("ends", "used", "now", "found"),
    [
        ({}, (), CLOSES - DAY, "not-invited"),
        ({FIRST: None}, (), CLOSES - DAY, FIRST),
        ({FIRST: None}, (), CLOSES, "invitation-ended"),
        ({FIRST: CLOSES - DAY}, (), CLOSES - DAY - timedelta(microseconds=1), FIRST),
        ({FIRST: CLOSES - DAY}, (), CLOSES - DAY, "invitation-ended"),
        ({FIRST: CLOSES + DAY}, (), CLOSES, "invitation-ended"),
        ({FIRST: None}, (FIRST,), CLOSES - DAY, "invitation-taken"),
        ({FIRST: CLOSES - 9 * DAY, SECOND: CLOSES - DAY}, (), CLOSES - 2 * DAY, SECOND),
        ({FIRST: CLOSES - 9 * DAY, SECOND: CLOSES - DAY}, (SECOND,), CLOSES - 2 * DAY, "invitation-ended"),
    ],
)
def test_application_is_begun_on_an_invitation(ends: dict[UUID, Any], used: tuple[UUID, ...], now: datetime, found: object) -> None:
    invitations = [Invitation(key, end) for key, end in ends.items()]
    try:
        result: object = invitation_for(invitations, used, CLOSES, now, "Europe/Copenhagen").expression_id
    except Refused as refusal:
        result = refusal.code
    assert result == found


@pytest.mark.parametrize(
    ("state", "now", "found"),
    [
        (None, CLOSES - DAY, InvitationState.NOT_BEGUN),
        (None, CLOSES, InvitationState.ENDED),
        ("draft", CLOSES - DAY, InvitationState.DRAFT),
        ("draft", CLOSES, InvitationState.ENDED),
        ("submitted", CLOSES, InvitationState.SUBMITTED),
        ("returned", CLOSES, InvitationState.SUBMITTED),
    ],
)
def test_state_of_an_invitation(state: str | None, now: datetime, found: InvitationState) -> None:
    assert state_of(state, None, CLOSES, now) is found


@pytest.mark.parametrize(
    ("invited_at", "opens_at", "ends"),
    [
        # 30 days from the day after, to the end of the day in Copenhagen; Easter Monday 29 March 2027 moves to the day after it.
        ("2027-02-20T09:00", "2027-02-01T11:00", "2027-03-22T23:00"),
        ("2027-02-27T09:00", "2027-02-01T11:00", "2027-03-30T22:00"),
        ("2027-02-20T23:30", "2027-02-01T11:00", "2027-03-23T23:00"),
        ("2027-01-20T09:00", "2027-02-20T11:00", "2027-03-22T23:00"),
    ],
)
def test_time_to_submit_is_whole_days_of_the_region(invited_at: str, opens_at: str, ends: str) -> None:
    found = invitation_ends(FULL, *(datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (invited_at, opens_at)))
    assert found == datetime.fromisoformat(ends).replace(tzinfo=UTC)
    assert invitation_ends(INTEREST, CLOSES, CLOSES) is None
    assert stands_until(found, CLOSES) == found < CLOSES == stands_until(None, CLOSES)


def test_answers_are_taken_over_where_the_form_takes_them() -> None:
    form, said = (
        BOOK.form_in_force(FULL.region, FULL.scheme, date(2027, 1, 1)),
        {"project.title": "A chair", "extra.partners": "Two schools"},
    )
    expression = with_answers(Form(), {**said, "project.summary": "Old", "extra.unknown": "x", "de_minimis.declared": True})
    found = answers_of(taken_over(with_answers(Form(), {"project.summary": "New"}), expression, form))
    assert {name: found.get(name) for name in said} == said
    assert (found["project.summary"], found["de_minimis.declared"]) == ("New", False), "what is given wins; a declaration is made again"
    assert "extra.unknown" not in found


def test_short_form_takes_what_it_does_not_ask_for_as_blank() -> None:
    short = BOOK.form_in_force(INTEREST.region, INTEREST.scheme, date(2027, 1, 1))
    check_form(Form(), short)
    with pytest.raises(Malformed):
        check_form(with_answers(Form(), {"de_minimis.declared": True}), short)


def test_first_step_gives_no_money() -> None:
    assert (INTEREST.gives_money, FULL.gives_money) == (False, True)


@pytest.mark.parametrize(
    ("policy", "changed", "fault"),
    [
        (INTEREST, {"registration": {"repair_keeps_place": True}}, "registration: nothing is given"),
        (INTEREST, {"selection": {**INTEREST.content()["selection"], "when_short": "partial"}}, "invited in part"),
        (INTEREST, {"expression": {"leads_to": INTEREST.scheme}}, "of another scheme"),
        (INTEREST, {"by_invitation": {"expressions": "other"}}, "is the first step"),
        (FULL, {"by_invitation": {**FULL.content()["by_invitation"], "expressions": FULL.scheme}}, "of another scheme"),
    ],
)
def test_policy_that_contradicts_its_step_does_not_load(policy: Policy, changed: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        Policy.model_validate_json(
            json.dumps({**policy.content(), **changed, "sources": {**policy.sources, **dict.fromkeys(changed, "x")}})
        )


@pytest.mark.parametrize(
    ("policy", "sources", "code"),
    [
        (FULL, None, "call-without-expressions"),
        (FULL, ["interest"], None),
        (INTEREST, ["interest"], "call-not-by-invitation"),
        (INTEREST, None, None),
    ],
)
def test_call_by_invitation_names_where_it_invites_from(policy: Policy, sources: list[str] | None, code: str | None) -> None:
    call = {
        "id": "a-call", "region": policy.region, "scheme": policy.scheme, "title": policy.title, "currency": policy.currency,
        "opens_at": "2027-02-01T12:00:00", "closes_at": "2027-03-01T12:00:00", "evaluation_due": "2027-04-01",
        "reserve_list_ends": "2027-04-01", "reminders_before_days": [], "envelope_minor": 10**8, "invites_from": sources,
    }  # fmt: skip
    found = [fault.code for fault in call_faults(CallDefinition.model_validate_json(json.dumps(call)), policy)]
    assert found == ([code] if code else [])
