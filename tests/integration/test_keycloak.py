"""Keycloak, with the realm of deploy/keycloak, signs people in: portal and `people` know of it by their settings alone."""

import asyncio
import base64
import hashlib
import json
import re
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import asyncpg
import httpx
import pytest
import pytest_asyncio
from joserfc import jws

from deploy.embedded.composition import environment, prepare
from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.databases import create_database
from deploy.embedded.identity import ensure_key
from deploy.embedded.program import Program
from deploy.embedded.servers import PostgreSQL
from deploy.embedded.state import COMMAND_LINE, PORTAL, State
from operations.installations.api import Door
from operations.installations.provider import SignInEnded
from shared.texts.languages import LANGUAGES
from tests.conftest import FreshDatabase
from tests.support.keycloak import KEYCLOAK, START_SECONDS, Keycloak, KeycloakVisitor, at_command_line, document
from tests.support.mail import SENDER, Mailbox, mail_server, text_of

pytestmark = pytest.mark.timeout(300)
USER, NAME, ADDRESS = "applicant-3.koprivnica", "Demo Applicant 3 of Koprivnica", "applicant-3@koprivnica.example"
SECRET, VERIFIER = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
PROGRAMS = {"people": "services.people.serve", "portal": "portal.serve"}


@dataclass(frozen=True)
class Site:
    """`portal`: the address under which people reach it; `people`: that of the service. `mailbox`: of all addresses."""

    keycloak: Keycloak
    portal: str
    people: str
    mailbox: Mailbox

    def visitor(self, password: str = "demonstration") -> KeycloakVisitor:
        return KeycloakVisitor(self.portal, password)

    def at(self, path: str) -> str:
        """An address of the realm's protocol."""
        return f"{self.keycloak.issuer}/protocol/openid-connect/{path}"

    def authorization(self, **changes: str) -> str:
        """An address to sign in at, as the portal makes it, with `VERIFIER`. Empty values are left out."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
        query = {
            "client_id": PORTAL, "redirect_uri": f"{self.portal}/signed-in", "response_type": "code", "scope": "openid profile email",
            "state": "state", "nonce": "nonce", "code_challenge": challenge, "code_challenge_method": "S256",
        } | changes  # fmt: skip
        return f"{self.at('auth')}?{urlencode({name: value for name, value in query.items() if value})}"

    def token(self, **form: str) -> httpx.Response:
        """What the portal asks for with a code, or with another grant."""
        defaults = {"grant_type": "authorization_code", "redirect_uri": f"{self.portal}/signed-in", "code_verifier": VERIFIER}
        return httpx.post(self.at("token"), data=defaults | form, auth=(PORTAL, SECRET), timeout=60, trust_env=False)


@pytest_asyncio.fixture(scope="module")
async def site(postgres: PostgreSQL, roles: dict[str, str], template_of: FreshDatabase, server_folder: Path) -> AsyncIterator[Site]:
    if reason := await asyncio.to_thread(KEYCLOAK.why_unavailable):
        pytest.skip(reason)
    data = DataDirectory(server_folder / "keycloak-site")
    state = prepare(data)
    ensure_key(data.private_key, data.jwks)
    address = f"http://{state.address_of('portal')}"
    async with AsyncExitStack() as stack:
        mailbox, smtp = stack.enter_context(mail_server())
        variables = {
            "TRIPTYCH_ORIGIN": address, "TRIPTYCH_PROVIDER_SECRET": SECRET, "TRIPTYCH_SMTP": f"{smtp.host}:{smtp.port}",
            "TRIPTYCH_SMTP_SECURITY": smtp.security, "TRIPTYCH_MAIL_FROM": SENDER,
        }  # fmt: skip
        keycloak = Keycloak(server_folder / "keycloak", variables)
        stack.callback(keycloak.stop)
        keycloak.start()
        admin = await asyncpg.connect(postgres.url("postgres", driver="postgresql"))
        stack.push_async_callback(admin.close)
        for name, settings in settings_for(keycloak.issuer, address).items():
            database = f"keycloak_{name}"
            await create_database(admin, database, name, template=await template_of(name))
            stack.push_async_callback(admin.execute, f'DROP DATABASE "{database}" WITH (FORCE)')
            program = program_of(name, data, state, settings | {"TRIPTYCH_DATABASE_URL": postgres.url(database, name, roles[name])})
            stack.callback(program.stop)
            program.start()
            await asyncio.to_thread(program.wait_ready, 60)
        await asyncio.to_thread(keycloak.wait_ready, START_SECONDS)
        yield Site(keycloak, address, f"http://{state.address_of('people')}", mailbox)


def settings_for(issuer: str, address: str) -> dict[str, dict[str, str]]:
    """Process → the settings with which an installation names its provider."""
    provider = {"issuer": issuer, "clients": [PORTAL], "jwks_url": f"{issuer}/protocol/openid-connect/certs", "command_line": COMMAND_LINE}
    ours = {"issuer": issuer, "client": PORTAL, "secret": SECRET}
    return {
        "people": {"TRIPTYCH_PROVIDERS": json.dumps([provider])},
        "portal": {"TRIPTYCH_PROVIDER": json.dumps(ours), "TRIPTYCH_ORIGINS": json.dumps([address])},
    }


def program_of(name: str, data: DataDirectory, state: State, settings: dict[str, str]) -> Program:
    """A process of the embedded platform, whose operator has other settings for it."""
    data.demonstration_people.write_text("[]")
    overrides = data.environment_overrides(name)
    overrides.parent.mkdir(exist_ok=True)
    overrides.write_text(json.dumps(settings))
    return Program(name, PROGRAMS[name], data, port=state.ports[name], environment=lambda: environment(name, state, data))


def held(visitor: KeycloakVisitor) -> dict[str, Any]:
    """What `people` holds about who is signed in."""
    answer = visitor.ask("GET", "/account/data/download")
    assert answer.status_code == 200, answer.text
    content: dict[str, Any] = answer.json()
    return content


def code_of(path: str) -> str:
    return dict(parse_qsl(urlsplit(path).query))["code"]


def test_person_of_the_realm_signs_in(site: Site) -> None:
    visitor = site.visitor()
    visitor.sign_in(USER)
    profile = held(visitor)["profile"]
    assert profile["issuer"] == site.keycloak.issuer
    assert profile["subject"] == site.keycloak.account(USER)["id"]
    assert (profile["name"], profile["email"], profile["email_verified"], profile["language"]) == (NAME, ADDRESS, True, "hr")


def test_id_token_says_who_and_when_and_no_more(site: Site) -> None:
    answer = site.token(code=code_of(site.visitor().at_provider(site.authorization(), USER)))
    assert answer.status_code == 200, answer.text
    token = jws.extract_compact(answer.json()["id_token"].encode())
    claims = json.loads(token.payload)
    assert token.headers()["alg"] == "RS256"
    assert (claims["aud"], claims["azp"], claims["nonce"]) == (PORTAL, PORTAL, "nonce")
    assert 0 <= time.time() - claims["auth_time"] < 60
    assert not {"realm_access", "resource_access", "groups", "roles"} & claims.keys()
    assert "refresh_token" not in answer.json()


def test_code_needs_the_verifier(site: Site) -> None:
    visitor = site.visitor()
    answer = site.token(code=code_of(visitor.at_provider(visitor.begin(), USER)))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_code_counts_once(site: Site) -> None:
    code = code_of(site.visitor().at_provider(site.authorization(), USER))
    assert [site.token(code=code).status_code for _ in range(2)] == [200, 400]


def test_answer_counts_once(site: Site) -> None:
    visitor, replayed = site.visitor(), site.visitor()
    back = visitor.at_provider(visitor.begin(), USER)
    replayed.cookies = dict(visitor.cookies)
    assert [one.ask("GET", back).status_code for one in (visitor, replayed)] == [303, 400]
    assert (visitor.is_signed_in, replayed.is_signed_in) == (True, False)


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": "", "code_challenge_method": ""},
        {"code_challenge": VERIFIER, "code_challenge_method": "plain"},
        {"response_type": "token"},
        {"response_type": "id_token"},
        {"response_type": "code id_token"},
        {"scope": "openid offline_access"},
        {"redirect_uri": "https://evil.test/signed-in"},
        {"redirect_uri": "{portal}/signed-in/other"},
        {"redirect_uri": "{portal}/signed-in?next=https://evil.test"},
        {"redirect_uri": "{portal}/"},
    ],
)
def test_other_flows_and_addresses_are_refused(site: Site, changes: dict[str, str]) -> None:
    address = site.authorization(**{name: value.format(portal=site.portal) for name, value in changes.items()})
    answer = site.visitor().http.get(address)
    if answer.is_redirect:
        assert answer.headers["location"].startswith(f"{site.portal}/signed-in")
        assert "error=" in answer.headers["location"]
    else:
        assert (answer.status_code, 'name="password"' in answer.text) == (400, False)


@pytest.mark.parametrize("device", [True, False], ids=["device", "browser"])
def test_commands_sign_a_person_in_and_out(site: Site, device: bool) -> None:
    installation, door = at_command_line(site.people, site.visitor(), USER, device=device), Door(site.people)
    assert installation.signed_in.kind == "person"
    assert installation.signed_in.name == NAME
    claims = json.loads(jws.extract_compact(door.token(installation).encode()).payload)
    assert (claims["sub"], claims["sid"]) == (installation.signed_in.person_id, installation.signed_in.sign_in_id)
    assert 0 <= time.time() - claims["auth_time"] < 60
    door.leave(installation)
    with pytest.raises(SignInEnded):
        door.token(installation)


@pytest.mark.parametrize("client", [PORTAL, "admin-cli", COMMAND_LINE])
def test_password_is_taken_by_the_page_only(site: Site, client: str) -> None:
    form = {"grant_type": "password", "client_id": client, "username": USER, "password": "demonstration", "scope": "openid"}
    if client == PORTAL:
        form["client_secret"] = SECRET
    answer = httpx.post(site.at("token"), data=form, timeout=60, trust_env=False)
    assert answer.status_code in (400, 401), answer.text
    assert answer.json()["error"] in ("unauthorized_client", "invalid_client")


def test_client_is_no_account(site: Site) -> None:
    assert site.token(grant_type="client_credentials").json()["error"] == "unauthorized_client"


def test_fresh_sign_in_has_a_time_of_its_own(site: Site) -> None:
    """Who is signed in at Keycloak comes back without a password, with the time of the first one, unless a fresh sign-in is asked for."""
    visitor = site.visitor()
    visitor.sign_in(USER)
    time.sleep(1.1)
    answer = visitor.http.get(visitor.begin())
    assert answer.is_redirect
    visitor.ask("GET", answer.headers["location"].removeprefix(site.portal))
    assert len({one["signed_in_at"] for one in held(visitor)["sign_ins"][-2:]}) == 1
    asked = visitor.begin("/sign-in?fresh")
    assert 'name="password"' in visitor.http.get(asked, follow_redirects=True).text
    visitor.ask("GET", visitor.at_provider(asked, USER))
    times = [one["signed_in_at"] for one in held(visitor)["sign_ins"]]
    assert times[-1] > times[-2] == times[-3]


def signs_out(site: Site, visitor: KeycloakVisitor) -> None:
    """Of the portal, and through its address at Keycloak, without a question there."""
    there = visitor.ask("POST", "/sign-out", data={"form-token": visitor.form_token()}).headers["location"]
    assert there.startswith(site.at("logout"))
    assert not visitor.is_signed_in
    answer = visitor.http.get(there)
    assert answer.headers.get("location") == f"{site.portal}/signed-out", answer.text
    assert visitor.ask("GET", "/signed-out").status_code == 200


def test_sign_out_holds_at_both_ends(site: Site) -> None:
    visitor = site.visitor()
    visitor.sign_in(USER)
    kept = dict(visitor.cookies)
    signs_out(site, visitor)
    visitor.cookies = kept
    assert not visitor.is_signed_in
    assert 'name="password"' in visitor.http.get(visitor.begin(), follow_redirects=True).text


def test_sign_out_works_after_the_session_at_keycloak(site: Site) -> None:
    """That one ends after an hour without a sign-in, the portal's goes on with its person."""
    visitor = site.visitor()
    visitor.sign_in(USER)
    site.keycloak.manage("POST", f"/users/{site.keycloak.account(USER)['id']}/logout")
    assert visitor.is_signed_in
    signs_out(site, visitor)


def test_sign_out_leads_nowhere_else(site: Site) -> None:
    visitor = site.visitor()
    visitor.sign_in(USER)
    there = visitor.ask("POST", "/sign-out", data={"form-token": visitor.form_token()}).headers["location"]
    query = dict(parse_qsl(urlsplit(there).query)) | {"post_logout_redirect_uri": "https://evil.test/signed-out"}
    answer = visitor.http.get(f"{site.at('logout')}?{urlencode(query)}")
    assert (answer.status_code, "location" in answer.headers) == (400, False)


@contextmanager
def changed(site: Site, path: str, **changes: Any) -> Iterator[None]:
    """What Keycloak's administrator has changed, until the end of the block."""
    before = site.keycloak.manage("GET", path)
    site.keycloak.manage("PUT", path, json=before | changes)
    try:
        yield
    finally:
        site.keycloak.manage("PUT", path, json=before)


def test_address_nobody_confirmed_is_no_sign_in(site: Site) -> None:
    visitor, address = site.visitor(), "applicant-2@koprivnica.example"
    with changed(site, f"/users/{site.keycloak.account(address)['id']}", emailVerified=False):
        page = visitor.filled(visitor.http.get(visitor.begin(), follow_redirects=True), address)
        while page.is_redirect:
            assert page.headers["location"].startswith(site.keycloak.origin)
            page = visitor.http.get(page.headers["location"])
    assert (page.status_code, 'name="password"' in page.text) == (200, False)
    assert [str(mail["To"]) for mail in site.mailbox.messages if address in str(mail["To"])] == [address]


def test_unconfirmed_address_is_known_as_such(site: Site) -> None:
    """In a realm that asks nobody to confirm: `people` finds no person and no role by that address."""
    visitor, address = site.visitor(), "applicant-1@koprivnica.example"
    with changed(site, "", verifyEmail=False), changed(site, f"/users/{site.keycloak.account(address)['id']}", emailVerified=False):
        visitor.sign_in(address)
        assert held(visitor)["profile"]["email_verified"] is False
    visitor.ask("GET", visitor.at_provider(visitor.begin(), address))
    assert held(visitor)["profile"]["email_verified"] is True


def test_applicant_registers_and_confirms_the_address(site: Site) -> None:
    """The password is set by who got the mail, and by nobody who only typed the address."""
    visitor, address = site.visitor(secrets.token_urlsafe()), f"{secrets.token_hex(8)}@people.example"
    page = visitor.http.get(visitor.begin("/sign-in?language=pl"), follow_redirects=True)
    [link] = document(page).xpath("//a[contains(@href, '/login-actions/registration')]/@href")
    page = visitor.http.get(urljoin(str(page.url), link))
    answer = visitor.submit(page, email=address, firstName="Zofia", lastName="Przykład")
    while answer.is_redirect:
        assert answer.headers["location"].startswith(site.keycloak.origin)
        answer = visitor.http.get(answer.headers["location"])
    [mail] = [one for one in site.mailbox.messages if address in str(one["To"])]
    assert SENDER in str(mail["From"])
    [link] = re.findall(r"http\S+/action-token\S+", text_of(mail))
    page = visitor.http.get(link, follow_redirects=True)
    short = visitor.submit(page, **dict.fromkeys(("password-new", "password-confirm"), "x" * 11))
    assert (short.status_code, 'name="password-new"' in short.text) == (200, True)
    answer = visitor.filled(short, address)
    while answer.is_redirect and not answer.headers["location"].startswith(site.portal):
        answer = visitor.http.get(answer.headers["location"])
    assert visitor.ask("GET", answer.headers["location"].removeprefix(site.portal)).headers["location"] == "/home"
    profile = held(visitor)["profile"]
    assert (profile["name"], profile["email"], profile["email_verified"]) == ("Zofia Przykład", address, True)
    assert profile["language"] == "pl"


def test_guessing_is_stopped_for_a_while(site: Site) -> None:
    user, guesser, owner = "evaluator-1.kortrijk", site.visitor(secrets.token_urlsafe()), site.visitor()
    page = guesser.http.get(guesser.begin(), follow_redirects=True)
    for _ in range(10):
        page = guesser.filled(page, user)
        assert page.status_code == 200
    locked = owner.filled(owner.http.get(owner.begin(), follow_redirects=True), user)
    assert (locked.status_code, 'name="password"' in locked.text) == (200, True)
    site.keycloak.manage("DELETE", "/attack-detection/brute-force/users")
    owner.sign_in(user)


def test_pages_are_in_the_language_of_the_portal(site: Site) -> None:
    titles = set()
    for language in LANGUAGES:
        visitor = site.visitor()
        page = visitor.http.get(visitor.begin(f"/sign-in?language={language}"), follow_redirects=True)
        assert document(page).get("lang") == language
        titles.add(document(page).findtext(".//title").strip())
    assert len(titles) == len(LANGUAGES) == 6


def test_administrator_of_keycloak_is_nobody_else(site: Site) -> None:
    """A session that an administrator there began for somebody signs nobody in."""
    visitor = site.visitor()
    site.keycloak.manage("POST", f"/users/{site.keycloak.account(USER)['id']}/impersonation", client=visitor.http)
    answer = visitor.http.get(visitor.begin())
    assert answer.is_redirect, answer.text
    assert visitor.ask("GET", answer.headers["location"].removeprefix(site.portal)).status_code == 400
    assert not visitor.is_signed_in


def test_tokens_may_be_signed_with_eddsa(site: Site) -> None:
    realm = site.keycloak.manage("GET", "")
    settings = {"priority": ["100"], "enabled": ["true"], "active": ["true"], "eddsaEllipticCurveKey": ["Ed25519"]}
    key = {"name": "eddsa", "providerId": "eddsa-generated", "providerType": "org.keycloak.keys.KeyProvider", "parentId": realm["id"]}
    site.keycloak.manage("POST", "/components", json=key | {"config": settings})
    [client] = site.keycloak.manage("GET", "/clients", params={"clientId": PORTAL})
    attributes = client["attributes"] | {"id.token.signed.response.alg": "EdDSA"}
    with changed(site, f"/clients/{client['id']}", attributes=attributes):
        site.visitor().sign_in(USER)
