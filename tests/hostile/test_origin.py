"""The one public address of a running platform: a client without a token gets the named files and the descriptions of the APIs only."""

import contextlib
import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.routing import Route

from deploy.embedded import daemon
from deploy.embedded.data_directory import REPOSITORY, DataDirectory
from deploy.embedded.ports import free_port
from deploy.embedded.servers import Caddy
from deploy.embedded.state import NO_TLS, StartOptions, State, read_state
from portal.app import ROUTES
from portal.kit.routing import Personal
from shared.kernel.services import SERVICES
from tests.support.certificates import write_certificate

pytestmark = pytest.mark.timeout(300)

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "ANY"]
FILES = ["/.well-known/jwks.json"]
ID = "00000000-0000-4000-8000-000000000001"
OPEN = {
    "/api/people/token": (400,),
    "/api/people/keys": (200,),
    "/api/people/revocations": (200,),
    "/api/people/sign-in": (200,),
    "/api/applications/open-awards": (200,),
    "/api/applications/open-awards.csv": (200,),
    "/api/payments/catalogue": (200,),
    f"/api/evaluation/open-draws/{ID}": (404,),
    "/api/applications/open-calls": (200,),
    "/api/applications/regions": (200,),
    f"/api/applications/open-calls/{ID}": (422,),
    f"/api/applications/open-calls/{ID}/eligibility": (422,),
}
"""Routes without a token, and their answers to nothing: who has no token yet, and who verifies one, asks these."""
PAGES = {
    "/live": 404,
    "/sign-in": 303,
    "/signed-in": 400,
    f"/calls/{ID}": 404,
    f"/calls/{ID}/check": 404,
    f"/calls/{ID}/draw": 404,
    f"/codes/{ID}": 404,
}
"""Pages for everybody that do not simply answer."""
DESCRIPTIONS = ["openapi.json", "docs", "docs/swagger-ui-bundle.js", "docs/swagger-ui.css", "docs/favicon-32x32.png", "docs/start.js"]
OUTSIDE = [
    *("/temporal", "/temporal/", "/temporal/api/v1/namespaces", "/temporal/api/v1/settings", "/namespaces/triptych/workflows"),
    *(
        "/api/v1/namespaces/triptych/workflows",
        "/api/v1/settings",
        "/_app/version.json",
        "/metrics",
        "/measurements",
        "/health",
        "/healthz",
        "/ready",
    ),
    *("/admin", "/admin/", "/config/", "/load", "/debug/pprof/", "/reverse_proxy/upstreams", "/pki/ca/local", "/server-status"),
    *("/.env", "/.git/config", "/.git/", "/Caddyfile", "/state.json", "/identity/private.json", "/running.json", "/logs/payments.log"),
    *("/.well-known", "/.well-known/", "/.well-known/security.txt", "/.well-known/openid-configuration", "/.well-known/jwks.json/"),
    *(
        "/index.html",
        "/404.html",
        "/style.css",
        "/style.css/",
        "/style.css%00",
        "/STYLE.CSS",
        "/icon.svg/..%2fstate.json",
        "/robots.txt",
        "/favicon.ico",
    ),
    *("/../state.json", "/%2e%2e/state.json", "/..%2fstate.json", "/%2e%2e%2fstate.json", "/%252e%252e/state.json", "/..%5cstate.json"),
    *("/.well-known/../../state.json", "/.well-known/..%2f..%2fstate.json", "/style.css/../../identity/private.json", "//state.json"),
    *(
        "//health",
        "/%2fhealth",
        "/%68ealth",
        "/./health",
        "/health;x",
        "/health%20",
        "/health/",
        "/api",
        "/api/",
        "/api//",
        "/api/..",
        "/api/.",
    ),
    *("/openapi.json", "/docs", "/redoc", "/api/docs", "/api/openapi.json", "//evil.test/", "/%2f%2fevil.test", "/\\evil.test"),
]
BESIDE = [
    *("", "/", "//", "/health", "//health", "/%68ealth", "/../health", "/../../health", "/..%2fhealth", "/..%2f..%2fhealth", "/..;/health"),
    *(
        "/%2e%2e/%2e%2e/health",
        "/%2e%2e%2f%2e%2e%2fhealth",
        "/%252e%252e/%252e%252e/health",
        "/docs/../../../health",
        "/docs%2f..%2fhealth",
    ),
    *("/docs/__init__.py", "/docs/..%2f__init__.py", "/docs/%2e%2e/%2e%2e/state.json", "/docs/", "/redoc", "/metrics", "/openapi.yaml"),
    *("/calls/", "/../../temporal", "/openapi.json/", "/admin", "/.env", "/%00"),
]
"""After /api/<service>."""

BLOCK = {
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


class Answer:
    def __init__(self, raw: http.client.HTTPResponse) -> None:
        self.status, self.body = raw.status, raw.read()
        self.headers = {name.lower(): value for name, value in raw.getheaders()}


class Origin:
    """Sends paths and Host headers as they are: other clients tidy them up."""

    def __init__(self, state: State) -> None:
        self.state, self.port = state, state.ports["caddy"]
        self._connection: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, host: str | None = None, **headers: str) -> Answer:
        for attempt in range(2):
            if self._connection is None:
                self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            try:
                self._connection.putrequest(method, path, skip_host=True)
                self._connection.putheader("Host", f"127.0.0.1:{self.port}" if host is None else host)
                for name, value in headers.items():
                    self._connection.putheader(name.replace("_", "-"), value)
                self._connection.endheaders()
                return Answer(self._connection.getresponse())
            except (http.client.RemoteDisconnected, ConnectionError):  # closed after the answer before
                self._connection = None
                assert attempt == 0, f"{method} {path}: no answer"
            finally:
                if method in ("HEAD", "CONNECT"):  # the library reads no body after these
                    self._connection = None
        raise AssertionError

    def send(self, text: str) -> bytes:
        """The beginning of the answer to these bytes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(text.encode("latin-1"))
            return connection.recv(65_536)


def start(data: DataDirectory, options: StartOptions) -> Origin:
    daemon.start(data, options)
    return Origin(read_state(data))


@pytest.fixture(scope="module")
def data(server_folder: Path) -> Iterator[DataDirectory]:
    data = DataDirectory(server_folder / "origin")
    yield data
    daemon.stop(data)


@pytest.fixture(scope="module")
def origin(data: DataDirectory) -> Origin:
    """Every path by every method is more than one address may ask of the portal at once."""
    override = data.environment_overrides("portal")
    override.parent.mkdir(parents=True)
    override.write_text(json.dumps({"TRIPTYCH_ADDRESS_BURST": "100000"}))
    return start(data, StartOptions(gateway_port=free_port(), hosts=("grants.example.org",)))


def documented(origin: Origin) -> dict[str, set[str]]:
    """Path → methods of every route of the five APIs, with an id for each parameter."""
    found: dict[str, set[str]] = {}
    for service in SERVICES:
        document = json.loads(origin.ask("GET", f"/api/{service}/openapi.json").body)
        for path, operations in document["paths"].items():
            plain = "/".join(ID if "{" in part else part for part in path.split("/"))
            found.setdefault(plain, set()).update(method.upper() for method in operations)
    return found


def pages() -> dict[str, Route]:
    """Path → page of the portal, with an id or a number for each parameter."""

    def filled(part: str) -> str:
        return part if "{" not in part else "1" if ":int" in part else ID

    return {"/".join(filled(part) for part in route.path.split("/")): route for route in ROUTES}


def expected_of_page(path: str, method: str, page: Route) -> tuple[int, ...]:
    """A personal page leads to the sign-in, whatever is asked."""
    if method not in (page.methods or ()):
        return (405,)
    return (303,) if isinstance(page, Personal) else (PAGES.get(path, 200),)


def expected(path: str, method: str, public: set[str], api: dict[str, set[str]]) -> tuple[int, ...]:
    if path in public:
        return (200,) if method in ("GET", "HEAD") else (405,)
    if path in OPEN:
        return OPEN[path] if method in api[path] else (405,)
    if path in api:
        return (401,) if method in api[path] else (401, 405)
    return (401, 404)


def faults_of(answer: Answer, *, tls: bool = False) -> list[str]:
    """What the block of headers lacks."""
    headers, policy = answer.headers, answer.headers.get("content-security-policy", "")
    faults = [name for name, value in BLOCK.items() if headers.get(name) != value]
    faults += [part for part in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'") if part not in policy]
    faults += [name for name in ("server", "via", "location", "x-powered-by") if name in headers]
    faults += ["unsafe"] if "unsafe" in policy else []
    faults += [] if headers.get("permissions-policy", "").startswith("camera=()") else ["permissions-policy"]
    return faults + ([] if ("strict-transport-security" in headers) is tls else ["strict-transport-security"])


def test_walk_without_a_token_finds_named_files_only(origin: Origin, data: DataDirectory) -> None:
    """Every documented path, every guess, every method: no other answer than 401, 404 or 405, and the headers on each."""
    status = daemon.platform_status(data)
    assert status is not None
    names = [process.name for process in status.processes]
    public = {*FILES, *(f"/api/{service}/{name}" for service in SERVICES for name in DESCRIPTIONS)}
    api = documented(origin)
    beside = [f"/api/{service}{rest}" for service in SERVICES for rest in BESIDE]
    guesses = [path for name in names for path in (f"/{name}", f"/{name}/health", f"/api/{name}", f"/api/{name}/health")]
    processes = [path for path in guesses if path not in pages()]
    odd: list[object] = []
    for path in [*public, *api, *OUTSIDE, *beside, *processes]:
        for method in METHODS:
            answer = origin.ask(method, path)
            if answer.status not in expected(path, method, public, api):
                odd.append((method, path, answer.status, answer.body[:80]))
            if faults := faults_of(answer):
                odd.append((method, path, answer.status, faults))
            kept = answer.headers.get("cache-control") != "no-store"
            if kept and not (path in public or path.startswith(tuple(f"/api/{service}/docs/" for service in SERVICES))):
                odd.append((method, path, answer.status, "may be cached"))
    assert len(api) > 60
    assert not odd, "\n".join(map(str, odd[:40]))


def test_walk_without_a_sign_in_reads_no_personal_page(origin: Origin) -> None:
    """Every page, every method: what is personal leads to the provider of identities and nowhere else, and is kept by no cache."""
    odd, provider = [], origin.state.provider
    for path, page in pages().items():
        for method in METHODS:
            answer = origin.ask(method, path)
            to = answer.headers.pop("location", f"{provider}/")
            if answer.status not in expected_of_page(path, method, page) or faults_of(answer) or not to.startswith(f"{provider}/"):
                odd.append((method, path, answer.status, faults_of(answer), to))
            if answer.headers.get("cache-control") != "no-store":
                odd.append((method, path, answer.status, "may be cached"))
    assert sum(isinstance(page, Personal) for page in pages().values()) > 10
    assert not odd, "\n".join(map(str, odd[:40]))


@pytest.mark.parametrize("host", ["localhost", "LocalHost:1", "127.0.0.1", "grants.example.org", "grants.example.org:443"])
def test_configured_host_is_served(origin: Origin, host: str) -> None:
    assert origin.ask("GET", "/", host).status == 200
    assert origin.ask("GET", "/api/payments/claims", host).status == 401


@pytest.mark.parametrize(
    "host",
    ["evil.test", "127.0.0.1.evil.test", "evil.test:8080", "example.org", "a.grants.example.org", "[::1]", "0.0.0.0", "127.1", "", "é"],
)
def test_other_host_gets_nothing_of_ours(origin: Origin, host: str) -> None:
    """So a page of another site, whose name its owner lets point to this machine, reads nothing."""
    for path in ("/", "/.well-known/jwks.json", "/api/payments/openapi.json", "/api/payments/claims", "/nothing"):
        answer = origin.ask("GET", path, host.encode().decode("latin-1"))
        assert answer.status in (400, 421), path
        assert b"riptych" not in answer.body


@pytest.mark.parametrize(
    "text",
    [
        "GET http://evil.test/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.test\r\n\r\n",
    ],
)
def test_host_that_is_no_single_header_gets_nothing(origin: Origin, text: str) -> None:
    answer = origin.send(text)
    assert answer.split()[1] in (b"400", b"421")
    assert b"riptych" not in answer


def test_slow_body_is_cut_off(server_folder: Path) -> None:
    """A client that sends a byte now and then does not hold a connection to a service."""
    with socket.create_server(("127.0.0.1", 0)) as service:
        variables = {"BIND": "127.0.0.1", "HOSTS": "127.0.0.1", "BODY_TIME": "1s", "APPLICATIONS": f"127.0.0.1:{service.getsockname()[1]}"}
        with Caddy(server_folder / "slow", REPOSITORY / "deploy" / "Caddyfile", variables) as caddy:
            head = f"POST /api/applications/applications HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {10**6}\r\n\r\n"
            with socket.create_connection(("127.0.0.1", caddy.port), timeout=0.2) as client:
                client.sendall(head.encode() + b"{")
                connection, _ = service.accept()
                began = time.monotonic()
                with connection:
                    connection.settimeout(20)
                    while connection.recv(65_536):
                        assert time.monotonic() - began < 10
                        with contextlib.suppress(TimeoutError, ConnectionError):
                            client.sendall(b" ")
                            client.recv(1_000)
                assert time.monotonic() - began < 10


def test_slow_header_is_cut_off(origin: Origin) -> None:
    with socket.create_connection(("127.0.0.1", origin.port), timeout=30) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        began = time.monotonic()
        answer = connection.recv(1_000)
    assert time.monotonic() - began < 20
    assert answer == b"" or answer.split()[1] in (b"400", b"408")


def test_overlong_header_is_refused(origin: Origin) -> None:
    assert origin.ask("GET", "/", X_Long="x" * 40_000).status == 431


def test_flood_from_one_address_is_slowed_down(data: DataDirectory, origin: Origin) -> None:
    """The address is the one that the gateway saw: what a client says of itself does not count, and other addresses are not affected."""
    override = data.environment_overrides("evaluation")
    override.parent.mkdir(exist_ok=True)
    override.write_text(json.dumps({"TRIPTYCH_ADDRESS_PER_SECOND": "1", "TRIPTYCH_ADDRESS_BURST": "20"}))
    try:
        _restart(data, "evaluation")
        statuses = [origin.ask("GET", "/api/evaluation/cases", X_Forwarded_For=f"10.0.0.{number}") for number in range(30)]
        assert [answer.status for answer in statuses].count(401) in (20, 21, 22)
        assert {answer.status for answer in statuses} == {401, 429}
        assert json.loads(statuses[-1].body)["code"] == "too-many-requests"
        assert int(statuses[-1].headers["retry-after"]) >= 1
        assert faults_of(statuses[-1]) == []
        directly = httpx.get(f"http://127.0.0.1:{origin.state.ports['evaluation']}/health")
        assert directly.status_code == 200, "the health of the process is not counted"
    finally:
        override.unlink()
        _restart(data, "evaluation")


def _restart(data: DataDirectory, name: str) -> None:
    def entry() -> tuple[int, str]:
        status = daemon.platform_status(data)
        assert status is not None
        return next((each.handle.pid, each.state) for each in status.processes if each.name == name and each.handle)

    before, _ = entry()
    os.kill(before, 15)
    deadline = time.monotonic() + 60
    while entry()[0] == before or entry()[1] != "ready":
        assert time.monotonic() < deadline, f"{name} did not restart"
        time.sleep(0.1)


def test_with_tls_all_is_encrypted_and_stays_so(data: DataDirectory, origin: Origin, tmp_path: Path) -> None:
    """The last test: it starts the platform again."""
    daemon.stop(data)
    write_certificate(tmp_path, "localhost")
    secured = start(data, StartOptions(tls=tmp_path))
    assert secured.state.gateway.startswith("https://")
    trust = ssl.create_default_context(cafile=tmp_path / "certificate.pem")
    with httpx.Client(base_url=f"https://localhost:{secured.port}", verify=trust) as client:
        for path, status in {"/": 200, "/api/payments/claims": 401, "/api/payments/docs": 200, "/nothing": 404}.items():
            answer = client.get(path)
            assert answer.status_code == status
            assert answer.headers["strict-transport-security"] == "max-age=31536000"
        assert client.get("/", headers={"Host": "evil.test"}).status_code == 421
    assert secured.ask("GET", "/").status == 400, "without TLS there is no page and no redirect"
    env = {**os.environ, "TRIPTYCH_HOME": str(data.root)}  # noqa: TID251 (of a child process)
    command = [sys.executable, "-m", "operations.cli.command", "cases", "show", "V-nothing"]
    shown = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert "No service knows V-nothing" in shown.stderr, "the command line reaches the platform"
    daemon.stop(data)
    assert daemon.prepare(data, StartOptions(tls=NO_TLS)).gateway.startswith("http://")
