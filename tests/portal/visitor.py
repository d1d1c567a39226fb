"""A browser without a screen whose cookies a test sets: for what a real browser would not do."""

import re
import time
from typing import Any
from urllib.parse import urljoin

import httpx

from portal.sessions.cookies import ATTEMPT, SESSION
from simulation.provider.people import PASSWORD

LONGEST_WAY = 12
"""Pages and redirects of a provider before it sends the browser back."""
CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Visitor:
    """`cookies`: of the portal. The provider, Canaille, has cookies of its own in `http`."""

    between_sign_ins = 1.0
    """Seconds: Canaille gives two sign-ins of one person in one second the same access token, and refuses the second."""

    def __init__(self, address: str) -> None:
        self.address, self.cookies = address, dict[str, str]()
        self.http = httpx.Client(timeout=30, trust_env=False, follow_redirects=False)

    def ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        headers: Any = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), **request.pop("headers", {})}
        answer = httpx.request(method, urljoin(self.address, path), headers=headers, timeout=30, trust_env=False, **request)
        for header in answer.headers.get_list("set-cookie"):
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value.strip('"')
            if not self.cookies[name]:
                del self.cookies[name]
        return answer

    def at_provider(self, address: str, user: str) -> str:
        """Signs in there, and returns the address to which it sends the browser back."""
        time.sleep(self.between_sign_ins)
        answer = self.http.get(address)
        for _ in range(LONGEST_WAY):
            if answer.headers.get("location", "").startswith(self.address):
                return answer.headers["location"].removeprefix(self.address)
            if answer.is_redirect:
                answer = self.http.get(urljoin(str(answer.url), answer.headers["location"]))
            else:
                answer = self.filled(answer, user)
        raise AssertionError(answer.text)

    def filled(self, page: httpx.Response, user: str) -> httpx.Response:
        """The answer to a form of the provider."""
        found = CSRF.search(page.text)
        assert found, page.text[:500]
        field = {"password": PASSWORD} if 'name="password"' in page.text else {"login": user}
        return self.http.post(str(page.url), data={"csrf_token": found[1], **field})

    def begin(self, path: str = "/sign-in") -> str:
        """The address at the provider to which a sign-in leads."""
        answer = self.ask("GET", path)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    def sign_in(self, user: str) -> None:
        answer = self.ask("GET", self.at_provider(self.begin(), user))
        assert answer.headers.get("location") == "/home", answer.text[-1500:]
        assert SESSION in self.cookies
        assert ATTEMPT not in self.cookies

    @property
    def is_signed_in(self) -> bool:
        return self.ask("GET", "/account").status_code == 200

    def form_token(self) -> str:
        found = re.search(r'name="form-token" value="([0-9a-f]{64})"', self.ask("GET", "/account").text)
        assert found
        return found[1]
