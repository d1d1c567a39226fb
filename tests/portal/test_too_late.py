"""Answers that come too late, or that cannot be sent yet: the page says why and where, and shows what was typed."""

import re
import subprocess
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from deploy.embedded.data_directory import REGIONS
from shared.kernel.ids import new_id
from simulation.demo.organisations import fictional_tax_number
from simulation.demo.seeded_random import SeededRandom
from tests.portal.conftest import Platform
from tests.portal.test_journeys import COSTS, FIRM, PROJECT
from tests.portal.test_mail import wait_for
from tests.portal.visitor import Visitor

pytestmark = pytest.mark.timeout(240)
ANSWERS: dict[str, dict[str, Any]] = {
    "firm": {"firm.staff": "2", "firm.turnover_minor": "80.000", "firm.balance_minor": "12.000", "firm.public_control_bp": "0"},
    "project": {**PROJECT, "project.topics": "design"},
    "costs": {**COSTS, "costs.currency": "EUR"},
    "state-aid": {"de_minimis.declared": "yes"},
}


class Draft:
    """A draft of a person in Koprivnica, whose pages are English. `path` is empty until it is begun."""

    def __init__(self, platform: Platform, user: str, seed: str) -> None:
        self.visitor, self.path = Visitor(platform.address), ""
        self.visitor.sign_in(user)
        self.get("/home?language=en")
        firm = {**FIRM, "country": "HR", "tax_number": fictional_tax_number("HR", SeededRandom(seed)), "nuts": "HR063"}
        call = platform.calls["hr-koprivnica"]
        registered = self._post(f"/organisations/new?call={call}", firm)
        assert registered.headers.get("location") == f"/applications/new?call={call}&done=registered", "back to what it was for"

    def begin(self, call: int) -> httpx.Response:
        answer = self._post(f"/applications/new?call={call}", {"key": str(new_id())})
        self.path = answer.headers.get("location", "")
        return answer

    @classmethod
    def complete(cls, platform: Platform, user: str, seed: str) -> "Draft":
        draft = cls(platform, user, seed)
        draft.begin(platform.calls["hr-koprivnica"])
        for section, answers in ANSWERS.items():
            assert draft.save(section, answers).status_code == 303
        return draft

    def _post(self, path: str, form: dict[str, Any]) -> httpx.Response:
        return self.visitor.ask("POST", path, data={**form, "form-token": self.visitor.form_token()})

    def get(self, path: str) -> httpx.Response:
        return self.visitor.ask("GET", self.path + path)

    def version(self, section: str) -> str:
        found = re.search(r'name="version" value="(\d+)"', self.get(f"/sections/{section}").text)
        assert found
        return found[1]

    def save(self, section: str, answers: dict[str, Any], version: str = "", way: str = "") -> httpx.Response:
        """As a page sends it that was loaded at this version; the digests of what it was loaded with are left out."""
        return self._post(f"{self.path}/sections/{section}{way}", {**answers, "version": version or self.version(section)})

    def send(self) -> httpx.Response:
        return self._post(self.path + "/submission", {"declared": "yes"})


def test_what_is_typed_after_the_sending_is_shown(platform: Platform) -> None:
    """A colleague has sent the application meanwhile."""
    draft = Draft.complete(platform, "applicant-4.koprivnica", "late")
    version, typed = draft.version("project"), ANSWERS["project"] | {"project.title": "Typed too late"}
    assert draft.send().status_code == 303
    saved = draft.save("project", typed, version)
    assert saved.status_code == 422
    assert 'value="Typed too late"' in saved.text
    assert "it is not saved. The application is submitted." in saved.text
    at_once = draft.save("project", typed, version, "/autosave")
    assert "it is not saved. The application is submitted." in at_once.json()["errors"][""]
    assert draft.get("/sections/project").headers["location"] == draft.path


def test_answer_that_may_not_change_is_not_offered(platform: Platform) -> None:
    """A browser sends no choices that are disabled: they stay as they are."""
    draft = Draft.complete(platform, "applicant-4.koprivnica", "returned")
    assert draft.send().status_code == 303
    platform.send_back(draft.path, "hr-koprivnica", {"project.summary": "Say for whom."})
    page = draft.get("/sections/project").text
    choices = re.findall(r"<input[^>]*name=\"project\.(?:topics|s3_field)\"[^>]*>", page)
    assert choices
    assert all(" disabled" in choice for choice in choices)
    texts = {name: value for name, value in ANSWERS["project"].items() if name != "project.topics"}
    assert draft.save("project", texts | {"project.summary": "For the neighbours."}).status_code == 303
    page = draft.get("/sections/project").text
    assert "For the neighbours." in page
    assert re.search(r'value="design"[^>]* checked', page)
    assert 'name="more"' not in draft.get("/sections/state-aid").text


def test_contradiction_is_said_at_once_and_at_the_sending(platform: Platform) -> None:
    """It is saved all the same: the other answer may be the wrong one."""
    draft = Draft.complete(platform, "applicant-4.koprivnica", "dates")
    wrong = ANSWERS["project"] | {"project.ends_on": "2026-02-01"}
    at_once = draft.save("project", wrong, way="/autosave").json()
    assert (at_once["errors"], at_once["remarks"]) == ({}, {"project.ends_on": "The project ends before it starts."})
    saved = draft.save("project", wrong)
    assert saved.status_code == 422
    assert '<a href="#project.ends_on">The project ends before it starts.</a>' in saved.text
    assert "The project ends before it starts." in draft.get("/submission").text
    refused = draft.send()
    assert refused.status_code == 422
    assert f'<a href="{draft.path}/sections/project#project.ends_on">' in refused.text


def test_draft_of_a_closed_call_says_so(platform: Platform, tmp_path: Path) -> None:
    """Nothing of it waits for the person, and what was written can be read, also what is typed now."""
    draft = Draft(platform, "applicant-5.koprivnica", "closed")
    call = begin_in_a_call_that_closes(draft, platform, tmp_path)
    wait_for(lambda: "This call closed on" in draft.visitor.ask("GET", f"/calls/{call}").text, 120)
    tasks = draft.get("").text
    assert "This draft was not sent" in tasks
    assert f'href="{draft.path}/submission"' not in tasks
    home = draft.visitor.ask("GET", "/home").text
    assert "Nothing waits for you now." in home
    assert "Nobody: the call closed on" in home
    assert draft.save("project", ANSWERS["project"]).status_code == 303
    again = draft.visitor.ask("GET", f"/applications/new?call={call}").text
    assert "This call closed on" in again
    assert 'name="key"' not in again


def begin_in_a_call_that_closes(draft: Draft, platform: Platform, folder: Path) -> int:
    """The number of a new call of Koprivnica that closes soon: in some seconds, in more where that was too soon to begin a draft."""
    for seconds in (15, 45, 90):
        with suppress(subprocess.CalledProcessError):
            call = publish_call(platform, folder, seconds)
            if draft.begin(call).status_code == 303:
                return call
    raise AssertionError("no draft was begun within 90 seconds")


def publish_call(platform: Platform, folder: Path, open_seconds: int) -> int:
    file = next((REGIONS / "hr-koprivnica" / "calls").glob("*.toml"))
    now = datetime.fromisoformat(httpx.get(platform.address + "/calls.json").json()[0]["as_of"]).astimezone(ZoneInfo("Europe/Zagreb"))
    closes = now + timedelta(seconds=open_seconds)
    text = re.sub(r'^id = ".*"$', f'id = "digital-voucher-2026-{open_seconds}"', file.read_text(), flags=re.MULTILINE)
    for field, moment in {"opens_at": now - timedelta(days=1), "closes_at": closes}.items():
        text = re.sub(rf"^{field} = .*$", f"{field} = {moment:%Y-%m-%dT%H:%M:%S}", text, flags=re.MULTILINE)
    written = folder / "call.toml"
    written.write_text(text)
    platform.triptych("calls", "load", str(written))
    return max(int(call["number"]) for call in httpx.get(platform.address + "/calls.json").json())
