"""A form of a session that has ended is shown again as it was typed, on the page where it belongs, and changes nothing."""

import re
from html import unescape
from uuid import UUID

import pytest

from portal.sessions.cookies import SESSION
from portal.sessions.vault import form_token
from shared.kernel.ids import new_id
from tests.portal.conftest import Platform
from tests.portal.test_journeys import FIRM
from tests.portal.visitor import Visitor

pytestmark = pytest.mark.timeout(120)
USER = "applicant-4.kortrijk"
PROFILE = {**FIRM, "country": "BE", "tax_number": "12", "nuts": "BE254"}


@pytest.fixture
def visitor(platform: Platform) -> Visitor:
    visitor = Visitor(platform.address)
    visitor.sign_in(USER)
    return visitor


def sign_out(visitor: Visitor) -> str:
    """The form token of the session that has ended."""
    token = visitor.form_token()
    assert visitor.ask("POST", "/sign-out", data={"form-token": token}).status_code == 303
    return token


def registered(visitor: Visitor) -> str:
    """The path of the person's organisation."""
    form = {**PROFILE, "tax_number": "0421363545", "form-token": visitor.form_token()}
    visitor.ask("POST", "/organisations/new", data=form)
    found = re.search(r'href="(/organisations/[0-9a-f-]{36})"', visitor.ask("GET", "/account").text)
    assert found
    return found[1]


def drafted(visitor: Visitor, platform: Platform) -> str:
    registered(visitor)
    path = f"/applications/new?call={platform.calls['be-kortrijk']}"
    answer = visitor.ask("POST", path, data={"form-token": visitor.form_token(), "key": str(new_id())})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_profile_of_an_ended_session_is_shown_again(visitor: Visitor) -> None:
    token = sign_out(visitor)
    answer = visitor.ask("POST", "/organisations/new", data={**PROFILE, "form-token": token})
    back = visitor.ask("GET", visitor.at_provider(answer.headers["location"], USER))
    assert back.headers["location"] == "/organisations/new"
    shown = visitor.ask("GET", "/organisations/new").text
    assert 'value="Demo Street 1"' in shown
    assert "govuk-notification-banner" in shown
    assert "Demo Street 1" not in visitor.ask("GET", "/organisations/new").text  # once


@pytest.mark.parametrize("query", ["", "?language=nl"])
def test_section_of_an_ended_session_is_shown_again(visitor: Visitor, platform: Platform, query: str) -> None:
    """Also when the language was chosen on the page, which is then in its address."""
    page = drafted(visitor, platform) + "/sections/project"
    answer = visitor.ask("POST", page + query, data={"project.title": "Typed before", "form-token": sign_out(visitor)})
    back = visitor.ask("GET", visitor.at_provider(answer.headers["location"], USER))
    assert 'value="Typed before"' in visitor.ask("GET", back.headers["location"]).text


def test_form_is_kept_when_the_sign_in_fails(visitor: Visitor) -> None:
    """The link on the page that says so begins the same sign-in again."""
    answer = visitor.ask("POST", "/organisations/new", data={**PROFILE, "form-token": sign_out(visitor)})
    visitor.at_provider(answer.headers["location"], USER)
    failed = visitor.ask("GET", "/signed-in?error=server_error&state=x")
    assert failed.status_code == 400
    found = re.search(r'href="([^"]+)">Sign in<', failed.text)
    assert found
    back = visitor.ask("GET", visitor.at_provider(unescape(found[1]), USER))
    assert back.headers["location"] == "/organisations/new"
    assert 'value="Demo Street 1"' in visitor.ask("GET", "/organisations/new").text


def test_invitation_of_an_ended_session_is_shown_again(visitor: Visitor) -> None:
    organisation = registered(visitor)
    form = {"email": "somebody@firm.example", "form-token": sign_out(visitor)}
    answer = visitor.ask("POST", organisation + "/invitations", data=form)
    back = visitor.ask("GET", visitor.at_provider(answer.headers["location"], USER))
    assert back.headers["location"] == organisation
    assert 'value="somebody@firm.example"' in visitor.ask("GET", organisation).text


@pytest.mark.parametrize("path", ["/account/language", "/account/sign-ins/end", "/sign-out", f"/account/sign-ins/{UUID(int=7)}/end"])
def test_sign_in_leads_back_to_a_page(visitor: Visitor, path: str) -> None:
    """An address that only takes forms is none."""
    answer = visitor.ask("POST", path, data={"form-token": sign_out(visitor)})
    back = visitor.ask("GET", visitor.at_provider(answer.headers["location"], USER))
    assert visitor.ask("GET", back.headers["location"]).status_code == 200


def test_form_of_the_session_before_is_shown_again(visitor: Visitor, platform: Platform) -> None:
    """The person has signed in again in another tab, and saves in the first one."""
    page = drafted(visitor, platform) + "/sections/project"
    token = sign_out(visitor)
    visitor.sign_in(USER)
    typed = {"project.title": "Typed before", "form-token": token}
    for path in (page, page + "/autosave"):
        answer = visitor.ask("POST", path, data=typed)
        assert (answer.status_code, answer.headers["location"]) == (303, page)
        shown = visitor.ask("GET", page).text
        assert 'value="Typed before"' in shown
        assert visitor.form_token() in shown
        assert "Typed before" not in visitor.ask("GET", page).text, "nothing was saved"
    assert visitor.ask("POST", "/account/sign-ins/end", data={"form-token": token}).headers["location"] == "/account"
    assert visitor.is_signed_in


def test_token_of_two_sessions_before_is_refused(visitor: Visitor) -> None:
    token = sign_out(visitor)
    for _ in range(2):
        visitor.sign_in(USER)
        sign_out(visitor)
    visitor.sign_in(USER)
    assert visitor.ask("POST", "/organisations/new", data={**PROFILE, "form-token": token}).status_code == 400


def test_planted_cookie_leaves_no_token(platform: Platform) -> None:
    """The form token of a cookie that no sign-in gave counts for nothing afterwards."""
    visitor = Visitor(platform.address)
    visitor.cookies[SESSION] = "known-to-somebody"
    visitor.sign_in(USER)
    for token in (form_token("known-to-somebody"), ""):
        assert visitor.ask("POST", "/organisations/new", data={**PROFILE, "form-token": token}).status_code == 400
