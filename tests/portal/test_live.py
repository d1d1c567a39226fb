"""An open page learns that it has changed, with the rights of who reads it, as long as the session lasts."""

import html
import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

import httpx
import pytest

from deploy.embedded import daemon
from deploy.embedded.process_status import ProcessStatus
from portal.sessions.cookies import SESSION
from portal.sessions.vault import row_of
from shared.kernel.ids import new_id
from tests.portal.conftest import Platform
from tests.portal.test_ended_sessions import PROFILE, USER, registered, sign_out
from tests.portal.test_sign_in import in_database
from tests.portal.visitor import Visitor

pytestmark = pytest.mark.timeout(120)
OTHER, OFFICER = "applicant-5.kolding", "officer-1.kortrijk"
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
    """Where the page learns that it has changed."""
    found = re.search(r'data-live="([^"]+)"', visitor.ask("GET", path).text)
    assert found, path
    return html.unescape(found[1])


@contextmanager
def stream(visitor: Visitor, address: str) -> Iterator[httpx.Response]:
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in visitor.cookies.items()), "Accept-Encoding": "gzip"}
    with httpx.stream("GET", visitor.address + address, headers=headers, timeout=30, trust_env=False) as answer:
        yield answer


def test_open_page_learns_of_a_change_and_of_the_end(platform: Platform) -> None:
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


def test_change_before_the_stream_is_sent_at_once(platform: Platform) -> None:
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


def test_open_page_does_not_keep_the_session(platform: Platform) -> None:
    visitor = signed_in(platform, USER)
    session = row_of(visitor.cookies[SESSION])
    old = in_database(platform, "UPDATE sessions SET seen_at = now() - interval '5 minutes' WHERE id = $1 RETURNING seen_at", session)
    with stream(visitor, "/live?page=/home") as answer:
        assert next(answer.iter_lines()) == "event: changed"
    assert visitor.ask("GET", "/home", headers={"Triptych-Live": "1"}).status_code == 200
    assert in_database(platform, "SELECT seen_at FROM sessions WHERE id = $1", session) == old
    visitor.ask("GET", "/home")
    assert in_database(platform, "SELECT seen_at FROM sessions WHERE id = $1", session) > old


def test_portal_ends_at_once_with_open_pages(platform: Platform) -> None:
    """Without that it would wait ten seconds for them, and then say that it had failed. It is started again."""
    visitor = signed_in(platform, USER)
    portal = next(one for one in status_of(platform) if one.name == "portal")
    assert portal.handle
    with stream(visitor, live_of(visitor, "/home")) as answer:
        lines = answer.iter_lines()
        next(lines)
        began = time.monotonic()
        os.kill(portal.handle.pid, signal.SIGTERM)
        assert not [line for line in lines if line.startswith("event: ")]
        assert time.monotonic() - began < 4
    while not any(one.name == "portal" and one.restarts and one.state == "ready" for one in status_of(platform)):
        time.sleep(0.1)
    assert visitor.is_signed_in


def status_of(platform: Platform) -> list[ProcessStatus]:
    status = daemon.platform_status(platform.data)
    assert status is not None
    return status.processes
