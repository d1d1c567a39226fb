"""An open page is told that it has changed, with the rights of who reads it, as long as the session lasts."""

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

import httpx
import pytest

from portal.sessions.cookies import SESSION
from shared.kernel.ids import new_id
from tests.portal.conftest import Platform
from tests.portal.test_ended_sessions import PROFILE, USER, registered, sign_out
from tests.portal.visitor import Visitor

pytestmark = pytest.mark.timeout(120)
OTHER, OFFICER = "applicant-5.kortrijk", "officer-1.kortrijk"
OTHERS = "0432100059"
"""Tax number of another organisation."""


def signed_in(platform: Platform, user: str) -> Visitor:
    visitor = Visitor(platform.address)
    visitor.sign_in(user)
    return visitor


def begin(visitor: Visitor, platform: Platform) -> str:
    """The path of a new draft."""
    form = {"form-token": visitor.form_token(), "key": str(new_id())}
    return str(visitor.ask("POST", f"/applications/new?call={platform.calls['be-kortrijk']}", data=form).headers["location"])


def live_of(visitor: Visitor, path: str) -> str:
    """Where the page is told that it has changed."""
    found = re.search(r'data-live="([^"]+)"', visitor.ask("GET", path).text)
    assert found, path
    return html.unescape(found[1])


@contextmanager
def stream(visitor: Visitor, address: str) -> Iterator[httpx.Response]:
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in visitor.cookies.items()), "Accept-Encoding": "gzip"}
    with httpx.stream("GET", visitor.address + address, headers=headers, timeout=30, trust_env=False) as answer:
        yield answer


def test_open_page_is_told_of_a_change_and_of_the_end(platform: Platform) -> None:
    visitor = signed_in(platform, USER)
    registered(visitor)
    address = live_of(visitor, "/home")
    with stream(visitor, address) as answer:
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        assert answer.headers["cache-control"] == "no-store"
        lines = answer.iter_lines()
        assert next(line for line in lines if line).startswith("retry: ")
        begin(visitor, platform)
        assert next(line for line in lines if line.startswith("event: ")) == "event: changed"
        shown = next(lines).removeprefix("id: ")
        assert f"shown={shown}" in live_of(visitor, "/home")
        sign_out(visitor)
        assert [line for line in lines if line.startswith("event: ")] == ["event: ended"]
    with stream(visitor, address) as answer:
        assert "event: ended" in answer.read().decode()


def test_change_before_the_stream_is_told_at_once(platform: Platform) -> None:
    visitor = signed_in(platform, USER)
    registered(visitor)
    address = live_of(visitor, "/home")
    begin(visitor, platform)
    with stream(visitor, address) as answer:
        assert next(answer.iter_lines()) == "event: changed"


def test_stream_is_refused_as_the_page(platform: Platform) -> None:
    visitor = signed_in(platform, USER)
    registered(visitor)
    path = begin(visitor, platform)
    other, officer = signed_in(platform, OTHER), signed_in(platform, OFFICER)
    other.ask("POST", "/organisations/new", data={**PROFILE, "tax_number": OTHERS, "form-token": other.form_token()})
    asked = {
        (visitor, path): 200,
        (other, path): 403,
        (officer, path): 403,  # an open page is no reader of what is recorded
        (officer, "/officer"): 200,
        (visitor, "/officer"): 403,
        (visitor, "/account"): 404,
        (visitor, "//elsewhere.example/"): 404,
    }
    for (person, page), status in asked.items():
        with stream(person, "/live?" + urlencode({"page": page})) as answer:
            assert answer.status_code == status, (page, status)
    nobody = Visitor(platform.address)
    nobody.cookies[SESSION] = "no-such-session"
    with stream(nobody, "/live?" + urlencode({"page": path})) as answer:
        assert "event: ended" in answer.read().decode()
