"""A case history: the order of its events, its text, and what the case waits for."""

import io
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

from rich.console import Console

from operations.cases.gather import CaseHistory
from operations.cases.order import CaseEvent
from operations.cases.render import details, render, rule_version, words
from operations.cases.waiting import waiting_for
from operations.contract_versions import with_present_names
from shared.kernel.causes import in_order

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


def history(*events: CaseEvent, **parts: Any) -> CaseHistory:
    return CaseHistory(ref="R", kind="application", call_id=CALL, region="dk-kolding", events=list(events), **parts)


def shown(history: CaseHistory) -> str:
    console = Console(width=220, record=True, file=io.StringIO())
    console.print(render(history))
    return console.export_text()


def test_events_are_in_the_order_of_time() -> None:
    events = [event(number, after=number) for number in range(4)]
    assert all(in_order(shuffled) == events for shuffled in permutations(events))


def test_effect_is_never_before_its_cause() -> None:
    cause, effect, other = event(1, after=5), event(2, "vouchers.VoucherOffered.v1", after=3, cause=1), event(3, after=4)
    assert all(in_order(shuffled) == [other, cause, effect] for shuffled in permutations([cause, effect, other]))


def test_events_of_one_instant_keep_the_service_order() -> None:
    first, second = event(1), event(2)
    assert in_order([second, first]) == [first, second]


def test_event_in_two_lists_is_shown_once() -> None:
    assert in_order([event(1), event(1)]) == [event(1)]


def test_event_is_shown_with_its_amounts_and_dates() -> None:
    shown_details = list(
        details(event(1, amount_minor=123_450, currency="DKK", answer_by="2026-02-01T22:59:00Z", voucher_id="x", rules=[], divergent=True))
    )
    assert shown_details == ["amount 1234.50 DKK", "answer by 2026-02-01 22:59", "divergent yes"]
    assert words("ApplicationFoundEligible") == "application found eligible"
    assert rule_version("dk-kolding/growth-voucher/2025-12-01@abcdef012345") == "2025-12-01@abcdef012345"


def test_history_shows_mails_without_an_address() -> None:
    mail = {"template": "receipt", "written_at": "2026-01-05T09:31:00Z", "recipient_id": "0197", "language": "da"}
    mails = [
        mail | {"state": "bounced", "reason": "status-5.1.1", "answer": "550 No mailbox"},
        mail | {"state": "sent", "reason": None, "answer": None},
    ]
    text = shown(history(event(1), mails=mails))
    for part in ("2026-01-05 09:31", "receipt", "0197", "bounced: status-5.1.1: 550 No mailbox", "sent  "):
        assert part in text


def test_history_shows_actor_reason_and_rule_version() -> None:
    text = shown(history(event(1), application={"state": "submitted", "receipt": "KOL-1"}))
    for part in ("KOL-1", "2026-01-05 09:30", "application submitted", "officer-1", "complete", "2025-12-01@abcdef012345"):
        assert part in text


def test_scores_are_shown_with_evaluator_and_total() -> None:
    sheet = {"evaluator_id": "evaluator-7", "scores": {"relevance": 21}, "total_points": 21}
    text = shown(history(event(1), case={"state": "evaluated", "sheets": [sheet], "total_hundredths": 2150}))
    for part in ("evaluator-7", "relevance", "21.50"):
        assert part in text


def test_waiting_for_names_the_actor_and_the_date() -> None:
    assert waiting_for(history(application={"state": "returned", "repair_by": "2026-01-20T23:00:00Z"})).endswith(
        "until 20 Jan 2026 23:00 UTC"
    )
    offered = {"stage": "offered", "acts_next": "beneficiary", "until": "2026-03-01T23:00:00Z", "suspended": False}
    assert waiting_for(history(lifecycle=offered)) == "beneficiary acts next (the voucher is offered) until 01 Mar 2026 23:00 UTC"
    overdue = {"stage": "requested", "acts_next": "payments", "until": None, "overdue_since": "2026-01-08T23:00:00Z", "suspended": False}
    assert waiting_for(history(lifecycle=overdue)) == "payments acts next (the voucher is requested), overdue since 08 Jan 2026 23:00 UTC"


def test_waiting_for_names_an_unconfirmed_envelope() -> None:
    requested = {"stage": "requested", "acts_next": "platform", "until": None, "suspended": False}
    waits = waiting_for(history(lifecycle=requested, envelope={"awaits_confirmation": True}))
    assert waits.startswith("the confirmation of the call's envelope, from finance")
    assert waiting_for(history(lifecycle=requested, envelope={"awaits_confirmation": False})).startswith("platform acts next")


def test_waiting_for_uses_the_last_date_of_the_call() -> None:
    published = event(1, "applications.CallPublished.v1", reserve_list_ends_at="2026-04-30T21:00:00Z")
    extended = event(2, "applications.CallExtended.v1", after=1, reserve_list_ends_at="2026-05-14T21:00:00Z")
    assert waiting_for(history(published, extended, case={"state": "reserve"})).endswith("until 14 May 2026 21:00 UTC")


def test_waiting_for_includes_payments_in_flight() -> None:
    issued = {"stage": "issued", "acts_next": "beneficiary", "until": None, "suspended": False}
    waits = waiting_for(history(lifecycle=issued, disbursements=[{"state": "unknown"}, {"state": "paid"}]))
    assert "unanswered and is being enquired about" in waits


def test_closed_case_waits_for_nothing() -> None:
    assert waiting_for(history(lifecycle={"stage": "closed"})).startswith("nothing")
    assert waiting_for(history(application={"state": "ineligible"})).startswith("nothing")


def test_event_of_an_older_contract_version_has_present_names() -> None:
    """Version 1 of CallPublished calls the selection method `selection`."""
    assert with_present_names("applications.CallPublished.v1", {"selection": "draw", "slug": "a"}) == {
        "selection_method": "draw",
        "slug": "a",
        "form_id": None,
        "title": None,
        "series": None,
        "round_number": None,
    }
    for event_type in ("applications.CallPublished.v2", "applications.Unknown.v1"):
        assert with_present_names(event_type, {"selection": "draw"}) == {"selection": "draw"}
