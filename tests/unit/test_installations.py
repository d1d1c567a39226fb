"""Commands by address: what is kept of a sign-in, the two flows at a provider, and what has no address."""

import base64
import json
import stat
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from pydantic import SecretStr
from typer.testing import CliRunner

from operations.cli.main import app
from operations.cli.people import _zone
from operations.installations.api import LONGEST, Door, SignedInApi
from operations.installations.loopback import Loopback
from operations.installations.people import wanted
from operations.installations.profiles import Installation, Machine, ProfileError, Profiles, SignIn, origin_of
from operations.installations.provider import Provider, SignInEnded, SignInFailed, Waiting
from services.people.domain.sign_ins import SIGN_IN

RUNNER = CliRunner()
ISSUER, ADDRESS = "https://id.example.org/realms/x", "https://grants.example.org"
ENDS = datetime(2026, 1, 10, 20, tzinfo=UTC)
PERSON = Installation(
    name="grants", address=ADDRESS,
    signed_in=SignIn(issuer=ISSUER, person_id="p", sign_in_id="s", name="Ada Example", renewal=SecretStr("a-renewal"), ends_at=ENDS),
)  # fmt: skip
MACHINE = Installation(name="books", address="https://other.example.org", signed_in=Machine(client="m", secret=SecretStr("a-secret")))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("TRIPTYCH_HOME", str(tmp_path / "none"))
    return tmp_path / "triptych"


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://Grants.Example.org/", "https://grants.example.org"),
        ("https://grants.example.org:443", "https://grants.example.org"),
        ("https://grants.example.org:8443", "https://grants.example.org:8443"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://grants.example.org", None),
        ("http://127.0.0.1.example.org", None),
        ("grants.example.org", None),
        ("https://grants.example.org/api", None),
        ("https://ada:x@grants.example.org", None),
        ("https://grants.example.org?next=x", None),
        ("ftp://grants.example.org", None),
        ("https://grants.example.org:x", None),
    ],
)
def test_address_is_an_origin_that_nobody_can_read(text: str, origin: str | None) -> None:
    if origin is None:
        with pytest.raises(ValueError, match=r"address|port|Port"):
            origin_of(text)
    else:
        assert origin_of(text) == origin


def test_sign_ins_are_kept_for_their_user_alone(folder: Path) -> None:
    kept = Profiles(folder)
    assert kept.all() == []
    kept.keep(PERSON)
    kept.keep(MACHINE)
    kept.keep(PERSON)
    assert (stat.S_IMODE(kept.path.stat().st_mode), stat.S_IMODE(folder.stat().st_mode)) == (0o600, 0o700)
    assert [path.name for path in folder.iterdir()] == [kept.path.name]
    assert kept.find("grants") == kept.find(f"{ADDRESS}/") == PERSON
    assert (kept.find("books"), kept.find("nobody"), kept.find("https://nobody.example.org")) == (MACHINE, None, None)
    with pytest.raises(ProfileError, match="another --name"):
        kept.keep(MACHINE.model_copy(update={"name": "grants"}))
    kept.forget(ADDRESS)
    assert kept.all() == [MACHINE]
    assert "a-secret" not in repr(MACHINE)


@pytest.mark.parametrize(("mode", "content"), [(0o640, None), (0o604, None), (0o600, "{"), (0o600, "{}"), (0o600, '[{"name": "x"}]')])
def test_file_that_others_read_or_wrote_is_not_used(folder: Path, mode: int, content: str | None) -> None:
    kept = Profiles(folder)
    kept.keep(PERSON)
    if content is not None:
        kept.path.write_text(content)
    kept.path.chmod(mode)
    with pytest.raises(ProfileError) as refused:
        kept.find("grants")
    assert "a-renewal" not in str(refused.value)
    assert RUNNER.invoke(app, ["--at", "grants", "who"]).exit_code == 1


class FakeProvider:
    """A provider as RFC 8628 and RFC 7636 have it. `answers`: to the requests for a token, in their order; then the ID token."""

    def __init__(self, *answers: str, device: bool = True, **described: str) -> None:
        self.answers, self.forms, self.slept, self.clock = list(answers), list[dict[str, str]](), list[float](), 0.0
        self.shown: list[str] = []
        self.opened: Callable[[str], object] = lambda address: None
        self.nonce = ""
        self.description = {
            "issuer": ISSUER, "authorization_endpoint": f"{ISSUER}/auth", "token_endpoint": f"{ISSUER}/token",
            **({"device_authorization_endpoint": f"{ISSUER}/device"} if device else {}), **described,
        }  # fmt: skip

    @property
    def client(self) -> Provider:
        world = Waiting(lambda: self.clock, self._sleep, self.shown.append, self._open)
        return Provider(ISSUER, "command-line", world, httpx.MockTransport(self._answer))

    def _open(self, address: str) -> None:
        self.opened(address)

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock += seconds

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/openid-configuration"):
            return httpx.Response(200, json=self.description)
        self.forms.append(dict(parse_qsl(request.content.decode())))
        if request.url.path.endswith("/device"):
            code = {"device_code": "d", "user_code": "ABCD-EFGH", "verification_uri": f"{ISSUER}/device", "expires_in": 120, "interval": 5}
            return httpx.Response(200, json=code)
        match self.answers.pop(0) if self.answers else "":
            case "":
                return httpx.Response(200, json={"id_token": self._token(), "access_token": "x", "token_type": "Bearer"})
            case "lost":
                raise httpx.ConnectError("lost")
            case error:
                return httpx.Response(400, json={"error": error})

    def _token(self) -> str:
        header, claims = ({"alg": "RS256", "x5c": ["x" * 600]}, {"nonce": self.nonce})
        return ".".join(
            base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (*(json.dumps(one).encode() for one in (header, claims)), b"s")
        )


def test_device_flow_waits_as_the_provider_says() -> None:
    fake = FakeProvider("authorization_pending", "slow_down", "lost", "authorization_pending")
    client = fake.client
    assert client.by_device(client.described()) == fake._token()
    assert fake.slept == [5, 5, 10, 20, 20]
    assert any("ABCD-EFGH" in line for line in fake.shown)
    assert not any("device_code" in line or fake.forms[0]["code_challenge"] in line for line in fake.shown)
    assert {form["client_id"] for form in fake.forms} == {"command-line"}
    assert create_s256_code_challenge(fake.forms[-1]["code_verifier"]) == fake.forms[0]["code_challenge"]


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (["access_denied"], "refused"),
        (["expired_token"], "in time"),
        (["authorization_pending"] * 50, "in time"),
        (["lost"] * 50, "in time"),
        (["invalid_grant"], "invalid_grant"),
    ],
)
def test_device_flow_ends(answers: list[str], said: str) -> None:
    fake = FakeProvider(*answers)
    with pytest.raises(SignInFailed, match=said):
        fake.client.by_device(fake.client.described())
    assert fake.clock <= 120


@pytest.mark.parametrize(
    "described",
    [
        {"issuer": "https://evil.test"},
        {"token_endpoint": "http://id.example.org/token"},
        {"device_authorization_endpoint": "http://x.test/"},
    ],
)
def test_provider_that_is_another_or_open_to_readers_is_not_used(described: dict[str, str]) -> None:
    with pytest.raises(SignInFailed):
        FakeProvider(**described).client.described()


def browser(fake: FakeProvider, **changes: str) -> Callable[[str], object]:
    """A browser that comes back at once: first without the state, as any page could have it go there."""

    def opened(address: str) -> None:
        asked = dict(parse_qsl(urlsplit(address).query))
        assert (asked["code_challenge_method"], asked["prompt"], asked["response_type"]) == ("S256", "login", "code")
        fake.nonce = changes.pop("nonce", asked["nonce"])
        answer = {"state": asked["state"], "code": "c", "iss": ISSUER} | changes

        def come_back() -> None:
            with httpx.Client(trust_env=False) as http:
                assert http.get(asked["redirect_uri"], params={"code": "evil", "state": "x"}).status_code == 404
                assert http.get(asked["redirect_uri"], params=answer).status_code == 200

        threading.Thread(target=come_back).start()

    return opened


def test_browser_of_this_machine_comes_back() -> None:
    fake = FakeProvider(device=False)
    fake.opened = browser(fake)
    assert fake.client.by_browser(fake.client.described(), seconds=10) == fake._token()
    assert (fake.forms[-1]["code"], "code_verifier" in fake.forms[-1]) == ("c", True)


@pytest.mark.parametrize("changes", [{"iss": "https://evil.test"}, {"nonce": "of-another"}])
def test_answer_of_another_sign_in_is_refused(changes: dict[str, str]) -> None:
    fake = FakeProvider(device=False)
    fake.opened = browser(fake, **changes)
    with pytest.raises(SignInFailed):
        fake.client.by_browser(fake.client.described(), seconds=10)


def test_loopback_ends_without_an_answer() -> None:
    with Loopback(0, "state") as loopback:
        assert urlsplit(loopback.address).hostname == "127.0.0.1"
        assert loopback.answer(0.02) is None


def answering(*answers: tuple[int, Any]) -> tuple[httpx.MockTransport, list[httpx.Request]]:
    asked: list[httpx.Request] = []
    waiting: Iterator[tuple[int, Any]] = iter(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        status, body = next(waiting)
        return httpx.Response(status, json=body)

    return httpx.MockTransport(answer), asked


def test_sign_in_that_has_ended_is_no_error_at_its_end() -> None:
    lasting = PERSON.model_copy(
        update={"signed_in": PERSON.signed_in.model_copy(update={"ends_at": datetime.fromtimestamp(time.time() + 60, UTC)})}
    )
    transport, asked = answering((400, {"error": "invalid_grant", "code": "signed-out"}))
    Door(ADDRESS, transport).leave(lasting)
    transport, asked = answering((200, {"access_token": "t"}), (200, {}))
    Door(ADDRESS, transport).leave(lasting)
    assert (asked[-1].url.path, asked[-1].headers["authorization"]) == ("/api/people/me/sign-ins/s/end", "Bearer t")
    transport, _ = answering((503, {}))
    with pytest.raises(SignInFailed):
        Door(ADDRESS, transport).leave(lasting)
    for over in (PERSON, MACHINE):
        Door(ADDRESS, answering()[0]).leave(over)


@pytest.mark.parametrize("answer", [(200, []), (200, {"a": 1}), (404, {}), (200, "x")])
def test_address_without_a_sign_in_for_commands_says_so(answer: tuple[int, Any]) -> None:
    with pytest.raises(SignInFailed, match=r"grants\.example\.org"):
        Door(ADDRESS, answering(answer)[0]).places()


def test_unknown_service_account_is_not_kept() -> None:
    transport, _ = answering((400, {"error": "invalid_grant", "code": "unknown-client"}))
    with pytest.raises(SignInEnded):
        Door(ADDRESS, transport).enter_as_machine("books", Machine(client="m", secret=SecretStr("wrong")))


async def test_renewal_is_the_one_of_who_is_signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    from operations.client import Person, Problem

    for installation, expected in ((PERSON, "refresh_token=a-renewal"), (MACHINE, "client_id=m&client_secret=a-secret")):
        answers = [(200, {"access_token": "t"}), (200, {}), (400, {"error": "invalid_grant", "code": "signed-out"})]
        transport, asked = answering(*answers)
        api = SignedInApi(installation, timedelta(0))
        monkeypatch.setattr(api, "_http", httpx.AsyncClient(base_url=installation.address, transport=transport))
        await api.get(Person("officer-cli"), "/api/x")
        assert (expected in asked[0].content.decode(), asked[1].headers["authorization"]) == (True, "Bearer t")
        with pytest.raises(Problem, match="401"):
            await api.get(Person("another"), "/api/x")
        await api.close()


def test_sign_in_lasts_as_long_as_at_people() -> None:
    assert LONGEST == SIGN_IN


@pytest.mark.parametrize(
    "arguments",
    [
        ["verify"], ["backup", "x"], ["restore", "x"], ["events", "parked"], ["payments", "orphans"], ["keys", "rotate", "x"], ["up"],
        ["down"], ["status"], ["demo"], ["people", "erase", "a@people.example", "--reason", "letter"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_needs_the_databases_says_where_it_runs(folder: Path, arguments: list[str]) -> None:
    Profiles(folder).keep(PERSON)
    result = RUNNER.invoke(app, ["--at", "grants", *arguments])
    assert (result.exit_code, f"docker compose run --rm operator {arguments[0]}" in result.output.replace("\n", " ")) == (1, True)


@pytest.mark.parametrize(
    "arguments",
    [["cases", "show", "x"], ["people", "list"], ["retention"], ["who"], ["sign-out"]],
    ids=" ".join,
)  # fmt: skip
def test_commands_by_address_ask_for_a_sign_in(arguments: list[str]) -> None:
    result = RUNNER.invoke(app, ["--at", ADDRESS, *arguments])
    assert (result.exit_code, f"triptych --at {ADDRESS} sign-in" in result.output.replace("\n", " ")) == (1, True)


def test_who_lists_where_somebody_is_signed_in(folder: Path) -> None:
    Profiles(folder).keep(PERSON)
    Profiles(folder).keep(MACHINE)
    output = RUNNER.invoke(app, ["who"]).output
    assert "Ada Example" in output
    assert "service account m" in output
    assert not any(secret in output for secret in ("a-renewal", "a-secret"))


def test_days_of_a_role_are_those_of_its_region() -> None:
    day = datetime(2026, 7, 1, tzinfo=UTC).date()
    body = wanted("officer", "gr-central-macedonia", day, day, _zone)
    assert (body["valid_from"], body["valid_until"]) == ("2026-06-30T21:00:00+00:00", "2026-07-01T21:00:00+00:00")
