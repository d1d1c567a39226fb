"""The rounds of a rolling call: when each ends, what money it has, and what does not fit."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from portal.client.applications import CutOffs as TypedCutOffs
from portal.kit.reader import Reader
from portal.officer.cut_offs import read_cut_offs, typed_cut_offs
from services.applications.domain.call_drafts import CallContent, faults_of
from services.applications.queries.drafted_calls import hash_of
from shared.policy.call import CallDefinition, rounds_of
from shared.policy.cut_offs import CutOffs
from tests.support.applications import BOOK

OPENS, CLOSES = datetime(2027, 1, 31, 10), datetime(2027, 4, 30, 12)  # noqa: DTZ001 (local times, as in a file)
POLICY = BOOK.resolve("pl-malopolska", "bony-na-innowacje", date(2027, 3, 1))


def call(cut_offs: CutOffs | None = None, **changed: Any) -> CallDefinition:
    """Open from 31 January to 30 April 2027, as long as the rolling call of Małopolska in 2017."""
    values = {
        "id": "bony-2027",
        "region": POLICY.region,
        "scheme": POLICY.scheme,
        "title": {"pl": "Nabór", "en": "Call"},
        "opens_at": OPENS,
        "closes_at": CLOSES,
        "evaluation_due": date(2027, 6, 30),
        "reserve_list_ends": date(2027, 8, 31),
        "reminders_before_days": (3,),
        "envelope_minor": 100_000_001,
        "currency": "PLN",
    }
    return CallDefinition(**{**values, "cut_offs": cut_offs, **changed})


def test_rounds_follow_one_another_and_share_the_money() -> None:
    """Source: stages of a month, each decided within two months of its end. A month that is too short ends on its last day."""
    rounds = rounds_of(call(CutOffs(every_months=1)))
    assert [(one.id, f"{one.opens_at:%d %b %H}", f"{one.closes_at:%d %b %H}") for one in rounds] == [
        ("bony-2027-1", "31 Jan 10", "28 Feb 10"), ("bony-2027-2", "28 Feb 10", "31 Mar 10"), ("bony-2027-3", "31 Mar 10", "30 Apr 12"),
    ]  # fmt: skip
    assert sum(one.envelope_minor for one in rounds) == 100_000_001
    assert [one.envelope_minor for one in rounds] == [33_330_000, 33_330_000, 33_340_001]
    assert [one.evaluation_due - one.closes_at.date() for one in rounds] == [timedelta(days=61)] * 3
    assert [one.reserve_list_ends - one.closes_at.date() for one in rounds] == [timedelta(days=123)] * 3
    assert {(one.cut_offs, one.round and one.round.series, one.round and one.round.count) for one in rounds} == {(None, "bony-2027", 3)}
    assert [one.title["en"] for one in rounds] == ["Call (1/3)", "Call (2/3)", "Call (3/3)"]


def test_rounds_by_dates_have_their_own_parts_of_the_money() -> None:
    dates = (datetime(2027, 3, 1, 12), datetime(2027, 4, 1, 12))  # noqa: DTZ001 (local times, as in a file)
    rounds = rounds_of(call(CutOffs(dates=dates, parts_bp=(5_000, 3_000, 2_000))))
    assert [one.envelope_minor for one in rounds] == [50_000_000, 30_000_000, 20_000_001]
    assert [one.closes_at for one in rounds[:2]] == list(dates)


def test_call_with_one_end_is_as_before() -> None:
    plain = call()
    assert rounds_of(plain) == (plain,)
    assert "cut_offs" not in plain.model_dump_json(exclude_none=True)
    assert hash_of(plain) != hash_of(call(CutOffs(every_months=1)))


LATE, EARLY = datetime(2027, 5, 1), datetime(2027, 1, 1)  # noqa: DTZ001 (local times)


@pytest.mark.parametrize(
    ("cut_offs", "fault"),
    [
        ({}, "either dates, or every_months"),
        ({"every_months": 1, "dates": [LATE]}, "either dates, or every_months"),
        ({"dates": [LATE, LATE]}, "one after the other"),
        ({"dates": [LATE, EARLY]}, "one after the other"),
        ({"dates": [LATE]}, "between opens_at and closes_at"),
        ({"dates": [EARLY]}, "between opens_at and closes_at"),
        ({"dates": [LATE.replace(tzinfo=UTC)]}, "without a zone"),
        ({"every_months": 12}, "two to 24 rounds"),
        ({"every_months": 1, "parts_bp": (5_000, 5_000)}, "3 rounds, and 2 parts"),
        ({"every_months": 1, "parts_bp": (5_000, 4_999)}, "make the whole together"),
        ({"every_months": 0}, "greater than 0"),
    ],
)
def test_cut_offs_that_do_not_fit_are_refused(cut_offs: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        call(CutOffs(**{**cut_offs, "dates": tuple(cut_offs["dates"])} if "dates" in cut_offs else cut_offs))


def test_draft_says_what_is_wrong_with_its_cut_offs() -> None:
    whole = call()
    values = {name: getattr(whole, name) for name in ("id", "title", "opens_at", "closes_at", "evaluation_due", "reserve_list_ends")}
    texts = {"text": {"pl": "Opis", "en": "Text"}, "reminders_before_days": (3,)}
    now = datetime(2027, 1, 1, tzinfo=UTC)

    def codes(envelope_minor: int, **cut_offs: Any) -> list[str]:
        content = CallContent(**values, **texts, envelope_minor=envelope_minor, cut_offs=CutOffs(**cut_offs))
        return [fault.code for fault in faults_of(content, POLICY, now)]

    assert codes(100_000_000, every_months=1) == []
    assert codes(100_000_000, dates=(LATE,)) == ["cut-offs-do-not-fit"]
    assert codes(3 * POLICY.value.smallest_minor - 3, every_months=1) == ["envelope-too-small"]


@pytest.mark.parametrize(
    ("typed", "read", "errors"),
    [
        ({}, None, []),
        ({"every_months": "2"}, {"every_months": 2}, []),
        ({"every_months": "13"}, {}, ["every_months"]),
        ({"every_months": "2", "cut_offs": "2027-03-01 12:00"}, {}, ["every_months"]),
        ({"cut_offs": "2027-03-01 12:00, 2027-04-01T09:30"}, {"dates": ["2027-03-01T12:00:00", "2027-04-01T09:30:00"]}, []),
        ({"cut_offs": "1 March"}, {"dates": []}, ["cut_offs"]),
        ({"every_months": "1", "parts": "40, 30.5 %, 29.5"}, {"every_months": 1, "parts_bp": [4_000, 3_050, 2_950]}, []),
        ({"every_months": "1", "parts": "a half"}, {"every_months": 1, "parts_bp": []}, ["parts"]),
        ({"parts": "50, 50"}, None, ["every_months"]),
    ],
)
def test_cut_offs_are_read_as_they_are_typed(typed: dict[str, str], read: dict[str, Any] | None, errors: list[str]) -> None:
    reader = Reader(typed.items(), "en")
    assert (read_cut_offs(reader), list(reader.errors)) == (read, errors)
    if read and not errors:
        assert typed_cut_offs(TypedCutOffs.model_validate(read), "en").keys() >= typed.keys()
