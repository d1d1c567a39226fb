"""The texts of mails: every template in every language, and a region's own words."""

import re
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from starlette.routing import Match

from portal.app import ROUTES
from services.people.domain.mails import Template
from services.people.domain.tasks import ROLE_OF, SERVICE_OF
from services.people.letters import Letters
from shared.kernel.vocabulary import TaskKind
from shared.texts.catalogues import translations
from shared.texts.languages import ENGLISH, LANGUAGES
from tests.support.desk import REGIONS
from tools.errors import mail_texts

PORTAL = "https://grants.example"
AT = datetime(2026, 3, 1, 23, tzinfo=UTC)
FACTS = {
    "ended": False, "day": "2026-03-02", "organisation_id": str(UUID(int=3)),
    "name": "Ada", "organisation": "Studio", "receipt": "KRT-1", "case_id": "7", "role": "officer", "region": "be-kortrijk", "secret": "s",
    "expires_at": AT, "valid_from": AT, "valid_until": AT, "submitted_at": AT, "repair_by": AT, "closes_at": AT, "previous_closes_at": AT,
    "answer_by": AT, "claim_window_until": AT, "previous_valid_until": AT, "appeal_until": AT, "revision": 1, "requested_minor": 100,
    "correct_by": AT, "pay_by": AT, "ends_at": AT, "granted_minor": 1, "cut_lines": [2], "claim_id": "8",
    "amount_minor": 123_450, "currency": "EUR", "outcome": "refused", "rules": ["below-threshold"], "reasons": ["Because."], "position": 1,
    "number": 12, "voucher_id": "9", "kind": "provider", "granted": False, "lodged_at": AT, "assignment_id": "10",
    "order_id": "11", "provider_id": "12",
    "places": [{"name": "Kortrijk", "tasks": [{"kind": kind, "count": 2} for kind in TaskKind]}],
    "attended": True, "confirm_by": AT, "unit": None, "units": None,
    "reminders": [{"kind": "offer", "receipt": "KRT-1", "due_at": AT}, {"kind": "claims", "receipt": "KRT-2", "due_at": AT}],
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", Template)
def test_every_template_is_written_in_every_language(template: Template, language: str) -> None:
    letter = Letters(REGIONS, PORTAL).write(template, language, "Europe/Brussels", FACTS)
    assert letter.subject
    assert f'<a href="{PORTAL}/' in letter.html
    assert f'<html lang="{language}">' in letter.html
    assert not re.search(r"https?://(?!grants\.example)|src=", letter.html)  # nothing is loaded from elsewhere
    paragraphs = [part for part in letter.text.split("\n\n") if part.strip()]
    assert all(re.sub(r"\s+", "", part) for part in paragraphs)
    assert ("{" in letter.text, "%(" in letter.text) == (False, False)


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != ENGLISH])
def test_translations_have_the_values_of_the_text(language: str) -> None:
    values = re.compile(r"%\((\w+)\)s")
    known = translations(language)
    assert [text for text in mail_texts() if sorted(values.findall(text)) != sorted(values.findall(known[text]))] == []


LINK = re.compile(rf"{re.escape(PORTAL)}(/[^\s?]*)")


@pytest.mark.parametrize("template", Template)
def test_every_link_leads_to_a_page(template: Template) -> None:
    """Also those of each kind of task; its ids are numbers here, which a page takes where it wants an id."""
    facts = FACTS | {name: str(UUID(int=7)) for name in ("case_id", "claim_id", "voucher_id", "assignment_id", "order_id", "provider_id")}
    paths = LINK.findall(Letters(REGIONS, PORTAL).write(template, ENGLISH, "Europe/Brussels", facts).text)
    scopes = [{"type": "http", "method": "GET", "path": path, "path_params": {}, "headers": []} for path in paths]
    assert paths
    assert [scope["path"] for scope in scopes if not any(route.matches(scope)[0] is Match.FULL for route in ROUTES)] == []


def test_every_kind_of_task_has_its_service_and_role() -> None:
    assert set(SERVICE_OF) == set(ROLE_OF) == set(TaskKind)


def test_deadline_is_the_last_minute_in_the_zone_of_the_region() -> None:
    text = Letters(REGIONS, PORTAL).write("returned", ENGLISH, "Europe/Brussels", {**FACTS, "repair_by": AT}).text
    assert "Sunday 1 March 2026, 23:59 (Central European Standard Time)" in text


def test_region_has_its_own_words(tmp_path: Path) -> None:
    (tmp_path / "be-kortrijk" / "mail").mkdir(parents=True)
    (tmp_path / "be-kortrijk" / "mail" / "returned.txt").write_text(
        "Verbeter {{ receipt }}\n\nTot {{ last_moment(repair_by) }}.\n\n- een\n- twee\n"
    )
    letter = Letters(tmp_path, PORTAL).write("returned", "nl", "Europe/Brussels", FACTS, "be-kortrijk")
    assert (letter.subject, letter.text.split("\n")[0][:9]) == ("Verbeter KRT-1", "Tot zonda")
    assert "<li>een</li>" in letter.html
    assert Letters(tmp_path, PORTAL).write("receipt", "nl", "Europe/Brussels", FACTS, "be-kortrijk").subject.startswith("Aanvraag KRT-1")


@pytest.mark.parametrize("content", ["{{ unknown }}", "{% if %}", "{{ ().__class__.__mro__ }}"])
def test_region_cannot_stop_its_mail_or_read_the_process(tmp_path: Path, content: str) -> None:
    (tmp_path / "be-kortrijk" / "mail").mkdir(parents=True)
    (tmp_path / "be-kortrijk" / "mail" / "returned.txt").write_text(content)
    letter = Letters(tmp_path, PORTAL).write("returned", ENGLISH, "Europe/Brussels", FACTS, "be-kortrijk")
    assert letter.subject == "Application KRT-1 has to be corrected"
