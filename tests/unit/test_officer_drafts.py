"""What an officer types of a call, between the fields of the page and the content that the API takes."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from portal.client.applications import CallContent, CallDraftView
from portal.kit.reader import Reader
from portal.officer.drafts import content_of, typed_of

CONTENT = CallContent(
    id="digital-voucher-2027-1",
    title={"en": "Vouchers", "hr": "Vaučeri"},
    text={"en": "First.\n\nSecond.", "pl": "Tekst."},
    opens_at="2026-12-14T10:00:00",
    closes_at="2027-01-15T12:30:00",
    evaluation_due=date(2027, 3, 1),
    reserve_list_ends=date(2027, 6, 1),
    reminders_before_days=[14, 3],
    envelope_minor=25_000_050,
)
NOW = datetime(2026, 11, 1, tzinfo=UTC)
DRAFT = CallDraftView(
    id=UUID(int=1), region="hr-koprivnica", scheme="digital-voucher", copy_of=None, state="draft", version=2, content=CONTENT,
    title=CONTENT.title or {}, currency="EUR", zone="Europe/Zagreb", languages=["hr", "en"], policy_id=None, form_id=None, faults=[],
    above_ceiling=False, own=True, created_at=NOW, changed_at=NOW, submitted_at=None, returned_words="",
)  # fmt: skip


@pytest.mark.parametrize("language", ["en", "hr", "pl"])
def test_what_stands_in_the_fields_is_what_was_saved(language: str) -> None:
    reader = Reader(typed_of(DRAFT, language).items(), language)
    assert (content_of(reader, DRAFT), reader.errors) == (CONTENT, {})


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("opens_at", "soon"),
        ("closes_at", "2027-01-15T12:00:00Z"),
        ("evaluation_due", "1.3.2027"),
        ("reminders_before_days", "14, x"),
        ("envelope", "much"),
    ],
)
def test_what_cannot_be_read_is_an_error_at_its_field(field: str, typed: str) -> None:
    reader = Reader((typed_of(DRAFT, "en") | {field: typed}).items(), "en")
    content_of(reader, DRAFT)
    assert list(reader.errors) == [field]
