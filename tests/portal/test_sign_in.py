"""Signing in and out: what is forged, replayed, old or somebody else's signs nobody in."""

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import asyncpg
import httpx
import pytest

from deploy.embedded.state import SUPERUSER
from portal.sessions.cookies import ATTEMPT, SESSION
from portal.sessions.vault import form_token, row_of
from shared.kernel.ids import new_id
from tests.portal.conftest import Platform, apart
from tests.portal.visitor import Visitor

pytestmark = pytest.mark.timeout(300)
USER = "applicant-3.koprivnica"


@pytest.fixture
def visitor(platform: Platform) -> Visitor:
    return Visitor(platform.address)


def changed(path: str, **changes: str) -> str:
    query = dict(parse_qsl(urlsplit(path).query)) | changes
    return f"{urlsplit(path).path}?{urlencode({name: value for name, value in query.items() if value})}"


def test_sign_in_gives_a_cookie_that_scripts_do_not_read(visitor: Visitor) -> None:
    answer = visitor.ask("GET", visitor.at_provider(visitor.begin(), USER))
    cookie = next(header for header in answer.headers.get_list("set-cookie") if header.startswith(SESSION))
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert visitor.is_signed_in


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "x"},
        {"state": ""},
        {"state": "ά"},
        {"code": "x"},
        {"code": ""},
        {"iss": "http://evil.test"},
        {"code": "", "error": "access_denied"},
    ],
)
def test_forged_answer_signs_nobody_in(visitor: Visitor, changes: dict[str, str]) -> None:
    answer = visitor.ask("GET", changed(visitor.at_provider(visitor.begin(), USER), **changes))
    assert answer.status_code == 400
    assert SESSION not in visitor.cookies
    assert not visitor.is_signed_in


def test_two_browsers_sign_in_at_once(visitor: Visitor) -> None:
    back = visitor.at_provider(visitor.begin(), USER)
    Visitor(visitor.address).begin()
    assert visitor.ask("GET", back).headers.get("location") == "/home"
    assert visitor.is_signed_in


def test_answer_counts_once(visitor: Visitor) -> None:
    back = visitor.at_provider(visitor.begin(), USER)
    kept = dict(visitor.cookies)
    assert visitor.ask("GET", back).status_code == 303
    replayed = Visitor(visitor.address)
    replayed.cookies = kept
    assert replayed.ask("GET", back).status_code == 400
    assert not replayed.is_signed_in


def test_answer_counts_in_the_browser_that_was_sent(visitor: Visitor) -> None:
    """Who is lured to the answer of somebody else's sign-in is not signed in as that person."""
    back = visitor.at_provider(visitor.begin(), USER)
    victim = Visitor(visitor.address)
    assert victim.ask("GET", back).status_code == 400
    victim.begin()
    assert victim.ask("GET", back).status_code == 400
    assert not victim.is_signed_in


def test_code_needs_the_verifier(visitor: Visitor, platform: Platform) -> None:
    code = dict(parse_qsl(urlsplit(visitor.at_provider(visitor.begin(), USER)).query))["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": platform.address + "/signed-in", "code_verifier": "x" * 64}
    answer = httpx.post(f"{platform.state.provider}/oauth/token", data=form, auth=("triptych", platform.state.provider_secret))
    assert answer.status_code == 400


def test_cookie_of_before_is_not_the_session(visitor: Visitor) -> None:
    """Somebody who has put a cookie into a browser does not share the session that begins there."""
    visitor.cookies[SESSION] = "known-to-somebody"
    visitor.sign_in(USER)
    assert visitor.cookies[SESSION] != "known-to-somebody"
    planted = visitor.cookies[SESSION]
    visitor.sign_in("applicant-2.koprivnica")
    other = Visitor(visitor.address)
    other.cookies[SESSION] = planted
    assert not other.is_signed_in


@pytest.mark.parametrize(
    "path",
    [
        "//evil.test",
        "https://evil.test/",
        "/\\evil.test",
        "\\\\evil.test",
        "/%0d%0aSet-Cookie: a=b",
        "javascript:alert(1)",
        "evil",
        "/\t/e",
    ],
)
def test_sign_in_leads_nowhere_else(visitor: Visitor, path: str) -> None:
    answer = visitor.ask("GET", visitor.at_provider(visitor.begin("/sign-in?" + urlencode({"next": path})), USER))
    assert answer.status_code == 303
    assert answer.headers["location"] == "/home" or urlsplit(answer.headers["location"]).path.startswith("/%")


def test_sign_out_holds_at_both_ends(visitor: Visitor, platform: Platform) -> None:
    visitor.sign_in(USER)
    kept, token = dict(visitor.cookies), visitor.form_token()
    answer = visitor.ask("POST", "/sign-out", data={"form-token": token})
    there = answer.headers["location"]
    assert there.startswith(platform.state.provider + "/oauth/end_session")
    assert visitor.cookies == kept
    assert not visitor.is_signed_in
    visitor.http.get(there)
    assert 'name="login"' in visitor.http.get(visitor.begin(), follow_redirects=True).text


def test_form_of_another_site_changes_nothing(visitor: Visitor) -> None:
    visitor.sign_in(USER)
    stranger = Visitor(visitor.address)
    stranger.sign_in("applicant-2.koprivnica")
    for token in ({}, {"form-token": ""}, {"form-token": stranger.form_token()}):
        assert visitor.ask("POST", "/account/sign-ins/end", data=token).status_code == 400
    assert visitor.is_signed_in


def in_database(platform: Platform, statement: str, *values: object) -> Any:
    """The first value of the first row."""

    async def run() -> Any:
        admin = await asyncpg.connect(platform.state.database_url("portal", SUPERUSER, driver="postgresql"))
        try:
            return await admin.fetchval(statement, *values)
        finally:
            await admin.close()

    return apart(run())


KEPT = "SELECT coalesce(sum(length(content)), 0) FROM attempts WHERE length(content) > 50000"
TYPED = {"project.title": "x" * 100_000}


def test_form_of_nobody_is_not_kept(visitor: Visitor, platform: Platform) -> None:
    """Neither without a cookie, as from another site, nor with one that no sign-in gave, and its form token."""
    path = f"/applications/{new_id()}/sections/project"
    assert visitor.ask("POST", path, data=TYPED).status_code == 303
    visitor.cookies[SESSION] = "made-up"
    assert visitor.ask("POST", path, data=TYPED | {"form-token": form_token("made-up")}).status_code == 303
    assert in_database(platform, KEPT) == 0


def test_form_of_an_ended_session_is_kept_once(visitor: Visitor, platform: Platform) -> None:
    visitor.sign_in(USER)
    session, token = visitor.cookies[SESSION], visitor.form_token()
    in_database(platform, "UPDATE sessions SET seen_at = now() - interval '2 hours' WHERE id = $1", row_of(session))
    path = f"/applications/{new_id()}/sections/project"
    for _ in range(3):
        visitor.cookies[SESSION] = session
        assert visitor.ask("POST", path, data=TYPED | {"form-token": token}).status_code == 303
    assert 100_000 < in_database(platform, KEPT) < 150_000
    assert visitor.ask("POST", path, data=TYPED | {"form-token": "ά"}).status_code == 400
    answer = visitor.ask("GET", visitor.at_provider(visitor.begin("/sign-in"), USER))
    assert answer.status_code == 303
    assert in_database(platform, KEPT) == 0


def test_session_ended_elsewhere_ends_here(visitor: Visitor) -> None:
    visitor.sign_in(USER)
    elsewhere = Visitor(visitor.address)
    elsewhere.sign_in(USER)
    assert elsewhere.ask("POST", "/account/sign-ins/end", data={"form-token": elsewhere.form_token()}).status_code == 303
    assert ATTEMPT not in elsewhere.cookies
    assert not elsewhere.is_signed_in


@pytest.mark.parametrize(("path", "page"), [("/sign-out", "/home"), ("/account/language", "/account")])
def test_address_of_a_form_leads_to_its_page(visitor: Visitor, path: str, page: str) -> None:
    """Loaded again, or kept as a bookmark."""
    visitor.sign_in(USER)
    assert visitor.ask("GET", path).headers["location"] == page
