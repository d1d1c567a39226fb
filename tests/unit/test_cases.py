"""A case's story: its order whatever the services' order, and what people are told."""

import io
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

from rich.console import Console

from operations.cases.gather import Story
from operations.cases.order import CaseEvent, in_order
from operations.cases.render import details, render, rule_version, words
from operations.cases.waiting import waiting_for

CASE, CALL = UUID(int=1), UUID(int=2)
START = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


def event(
    number: int, kind: str = "applications.ApplicationSubmitted.v1", *, after: int = 0, cause: int | None = None, **body: Any
) -> CaseEvent:
    return CaseEvent(
        service=kind.split(".", maxsplit=1)[0],
        event_id=UUID(int=100 + number),
        position=number,
        type=kind,
        subject=CASE,
        time=START + timedelta(minutes=after),
        actor="officer-1",
        reason="complete",
        policy_id="dk-kolding/growth-voucher/2025-12-01@abcdef012345",
        causation_id=UUID(int=100 + cause) if cause is not None else None,
        body={"application_id": str(CASE), **body},
    )


def story(*events: CaseEvent, **parts: Any) -> Story:
    return Story(ref="R", kind="application", call_id=CALL, region="dk-kolding", events=list(events), **parts)


def shown(told: Story) -> str:
    console = Console(width=220, record=True, file=io.StringIO())
    console.print(render(told))
    return console.export_text()


def test_events_come_in_the_order_of_time_whatever_the_order_of_the_services() -> None:
    events = [event(number, after=number) for number in range(4)]
    assert all(in_order(shuffled) == events for shuffled in permutations(events))


def test_an_effect_is_never_told_before_its_cause() -> None:
    cause, effect, other = event(1, after=5), event(2, "vouchers.VoucherOffered.v1", after=3, cause=1), event(3, after=4)
    assert all(in_order(shuffled) == [other, cause, effect] for shuffled in permutations([cause, effect, other]))


def test_at_the_same_instant_a_service_keeps_its_own_order() -> None:
    first, second = event(1), event(2)
    assert in_order([second, first]) == [first, second]


def test_an_event_that_two_lists_hold_is_told_once() -> None:
    assert in_order([event(1), event(1)]) == [event(1)]


def test_an_event_is_told_in_words_with_its_amounts_and_days() -> None:
    told = list(
        details(event(1, amount_minor=123_450, currency="DKK", answer_by="2026-02-01T22:59:00Z", voucher_id="x", rules=[], divergent=True))
    )
    assert told == ["amount 1234.50 DKK", "answer by 2026-02-01 22:59", "divergent yes"]
    assert words("ApplicationFoundEligible") == "application found eligible"
    assert rule_version("dk-kolding/growth-voucher/2025-12-01@abcdef012345") == "2025-12-01@abcdef012345"


def test_the_story_shows_who_did_what_why_and_under_which_rules() -> None:
    text = shown(story(event(1), application={"state": "submitted", "receipt": "KOL-1"}))
    for part in ("KOL-1", "2026-01-05 09:30", "application submitted", "officer-1", "complete", "2025-12-01@abcdef012345"):
        assert part in text


def test_scores_stand_beside_their_evaluator_with_the_total_that_counted() -> None:
    sheet = {"evaluator_id": "evaluator-7", "scores": {"relevance": 21}, "total_points": 21}
    text = shown(story(event(1), case={"state": "evaluated", "sheets": [sheet], "total_hundredths": 2150}))
    for part in ("evaluator-7", "relevance", "21.50"):
        assert part in text


def test_what_is_awaited_names_the_person_and_the_end() -> None:
    assert waiting_for(story(application={"state": "returned", "repair_by": "2026-01-20T23:00:00Z"})).endswith("until 20 Jan 2026 23:00 UTC")
    offered = {"stage": "offered", "acts_next": "beneficiary", "until": "2026-03-01T23:00:00Z", "suspended": False}
    assert waiting_for(story(lifecycle=offered)) == "beneficiary acts next (the voucher is offered) until 01 Mar 2026 23:00 UTC"
    silent = {"stage": "requested", "acts_next": "payments", "until": None, "overdue_since": "2026-01-08T23:00:00Z", "suspended": False}
    assert waiting_for(story(lifecycle=silent)) == "payments acts next (the voucher is requested), overdue since 08 Jan 2026 23:00 UTC"


def test_a_date_of_the_call_is_told_as_it_was_last_set() -> None:
    published = event(1, "applications.CallPublished.v1", reserve_list_ends_at="2026-04-30T21:00:00Z")
    extended = event(2, "applications.CallExtended.v1", after=1, reserve_list_ends_at="2026-05-14T21:00:00Z")
    assert waiting_for(story(published, extended, case={"state": "reserve"})).endswith("until 14 May 2026 21:00 UTC")


def test_money_on_its_way_is_awaited_beside_the_voucher() -> None:
    issued = {"stage": "issued", "acts_next": "beneficiary", "until": None, "suspended": False}
    waits = waiting_for(story(lifecycle=issued, disbursements=[{"state": "unknown"}, {"state": "paid"}]))
    assert "unanswered and is enquired" in waits


def test_a_closed_case_awaits_nothing() -> None:
    assert waiting_for(story(lifecycle={"stage": "closed"})).startswith("nothing")
    assert waiting_for(story(application={"state": "ineligible"})).startswith("nothing")
