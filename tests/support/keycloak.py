"""Keycloak with the realm of deploy/keycloak, started by the script of the deployment, and a browser without a screen for its pages."""

import os
import re
import secrets
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urljoin

import httpx
from lxml.html import fromstring

from deploy.embedded.data_directory import REPOSITORY
from deploy.embedded.maven import JavaProgram
from deploy.embedded.ports import LOOPBACK
from deploy.embedded.servers import Server, http_ok
from operations.installations.api import Door
from operations.installations.profiles import Installation
from operations.installations.provider import Provider, Waiting
from simulation.provider.people import PASSWORD
from tests.portal.visitor import Visitor

DEPLOYMENT = REPOSITORY / "deploy/keycloak"
KEYCLOAK = JavaProgram("Keycloak", DEPLOYMENT / "pom.xml", "unpack-dependencies", REPOSITORY / ".keycloak")
REALM = "triptych"
FILES = (DEPLOYMENT / "triptych-realm.json", DEPLOYMENT / "demonstration/triptych-users-0.json")
START_SECONDS = 240
"""About half a minute, and more on a machine that has other work."""


class Keycloak(Server):
    """With the people of the demonstration. Its database is in memory. `variables`: what `start.sh` asks for."""

    name = "keycloak"

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        super().__init__(folder)
        self.home, self.variables = folder / "home", variables
        self.administrator, self.password = "administrator", secrets.token_urlsafe()

    @property
    def origin(self) -> str:
        return f"http://{self.address}"

    @property
    def issuer(self) -> str:
        return f"{self.origin}/realms/{REALM}"

    def prepare(self) -> None:
        """In a copy: it writes into its own folder."""
        [archive] = KEYCLOAK.folder().glob("keycloak-*")
        shutil.copytree(archive, self.home)
        imported = self.home / "data/import"
        imported.mkdir(parents=True)
        for file in FILES:
            shutil.copy(file, imported)

    def environment(self) -> dict[str, str]:
        return {
            **super().environment(),
            **self.variables,
            "PATH": f"{KEYCLOAK.java().parent}:{os.defpath}",
            "KEYCLOAK_HOME": str(self.home),
            "JAVA_OPTS_APPEND": "-XX:TieredStopAtLevel=1",
            "KC_DB": "dev-mem",
            "KC_CACHE": "local",
            "KC_HTTP_ENABLED": "true",
            "KC_HTTP_HOST": LOOPBACK,
            "KC_HTTP_PORT": str(self.port),
            "KC_HOSTNAME": self.origin,
            "KC_BOOTSTRAP_ADMIN_USERNAME": self.administrator,
            "KC_BOOTSTRAP_ADMIN_PASSWORD": self.password,
        }

    def command(self) -> list[str]:
        return ["/bin/sh", str(DEPLOYMENT / "start.sh"), "start"]

    def is_ready(self) -> bool:
        return http_ok(f"{self.issuer}/.well-known/openid-configuration")

    def manage(self, method: str, path: str, client: httpx.Client | None = None, **request: Any) -> Any:
        """A request of Keycloak's administrator; `path` is within the realm. `client`: whose cookies the answer sets."""
        form = {"grant_type": "password", "client_id": "admin-cli", "username": self.administrator, "password": self.password}
        with httpx.Client(timeout=60, trust_env=False) as own:
            token = own.post(f"{self.origin}/realms/master/protocol/openid-connect/token", data=form).json()["access_token"]
            headers = {"Authorization": f"Bearer {token}"}
            answer = (client or own).request(method, f"{self.origin}/admin/realms/{REALM}{path}", headers=headers, **request)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def account(self, user: str) -> dict[str, Any]:
        """`user`: its name, or its address, which a change by the administrator makes its name in this realm."""
        [found] = self.manage("GET", "/users", params={"email" if "@" in user else "username": user, "exact": "true"})
        account: dict[str, Any] = found
        return account


class KeycloakVisitor(Visitor):
    """`password`: what is typed at Keycloak."""

    between_sign_ins = 0.0

    def __init__(self, address: str, password: str = PASSWORD) -> None:
        super().__init__(address)
        self.password = password
        self.http.event_hooks = {"response": [self._send_cookies_on_this_machine]}

    def _send_cookies_on_this_machine(self, _: httpx.Response) -> None:
        """As browsers do: without TLS, those that are marked as secure, too."""
        for cookie in self.http.cookies.jar:
            cookie.secure = False

    def filled(self, page: httpx.Response, user: str) -> httpx.Response:
        assert page.status_code == 200, page.text
        typed = {"username": user} | dict.fromkeys(("password", "password-new", "password-confirm"), self.password)
        [form] = document(page).forms
        return self.submit(page, **{name: value for name, value in typed.items() if name in form.fields})

    def submit(self, page: httpx.Response, **fields: str) -> httpx.Response:
        """The form of a page, with these values beside those that it has."""
        [form] = document(page).forms
        return self.http.post(urljoin(str(page.url), form.action), data=dict(form.form_values()) | fields)


def document(page: httpx.Response) -> Any:
    """The page as a tree (lxml)."""
    return fromstring(page.content)


def at_command_line(people: str, visitor: KeycloakVisitor, user: str, *, device: bool) -> Installation:
    """Signed in as `triptych sign-in` does it; the visitor is the browser, beside it."""
    threads: list[Thread] = []

    def browse(address: str) -> None:
        threads.append(Thread(target=consent, args=(visitor, address, user)))
        threads[-1].start()

    def shown(line: str) -> None:
        if device and (found := re.search(r"http\S+user_code=[\w-]+", line)):
            browse(found[0])

    door = Door(people)
    [place] = door.places()
    provider = Provider(place.issuer, place.client, Waiting(time.monotonic, time.sleep, shown, (lambda _: None) if device else browse))
    described = provider.described()
    token = provider.by_device(described) if device else provider.by_browser(described, seconds=60)
    for thread in threads:
        thread.join()
    return door.enter("keycloak", place.issuer, token)


def consent(visitor: KeycloakVisitor, address: str, user: str) -> None:
    """To what the command line is given, which Keycloak asks for a public client."""
    page = visitor.http.get(address, follow_redirects=True)
    while document(page).forms:
        [form] = document(page).forms
        page = visitor.submit(page, accept="Yes") if "accept" in form.fields else visitor.filled(page, user)
        while page.is_redirect:
            page = visitor.http.get(urljoin(str(page.url), page.headers["location"]))
    assert page.status_code == 200, page.text
