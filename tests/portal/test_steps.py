"""Long work in steps (`portal/assets/steps.js`): it goes on by itself, says that a step failed, and goes on from there by its button."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, expect

SCRIPT = Path(__file__).parents[2] / "portal/assets/steps.js"
BEGIN = '<form method="post" action="/step" data-steps="begin" data-of="1"><button>Begin</button></form>'
NEXT = (
    '<form method="post" action="/step" data-steps="next" data-of="1" data-running="running" data-failed="failed">'
    '<p role="status"></p><button>Next</button><a data-steps="stop" href="/list">Stop</a></form>'
)


@dataclass
class Work:
    """`fails`: numbers of the posts that are answered with an error."""

    steps: int = 4
    done: int = 0
    posts: int = 0
    fails: set[int] = field(default_factory=set)

    def page(self, path: str) -> str:
        form = BEGIN if path == "/begin" else NEXT if path == "/result" and self.done < self.steps else ""
        return f'<title>x</title><script type="module" src="/steps.js"></script><main><h1>{path} {self.done}</h1>{form}</main>'

    def step(self) -> bool:
        self.posts += 1
        taken = self.posts not in self.fails
        self.done += taken
        return taken


@pytest.fixture
def work() -> Iterator[tuple[Work, str]]:
    found = Work()

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            script = self.path == "/steps.js"
            self._send(200, SCRIPT.read_text() if script else found.page(self.path), "text/javascript" if script else "text/html")

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            if found.step():
                self.send_response(303)
                self.send_header("Location", "/result")
                self.end_headers()
            else:
                self._send(503, "<title>x</title><h1>out of order</h1>", "text/html")

        def _send(self, status: int, body: str, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield found, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def begun(browser: Browser, address: str, *, script: bool = True) -> Page:
    page = browser.new_context(java_script_enabled=script).new_page()
    page.set_default_timeout(10_000)
    page.goto(f"{address}/begin")
    page.click("button")
    return page


def test_step_that_fails_is_said_and_the_button_goes_on(work: tuple[Work, str], chromium: Browser) -> None:
    found, address = work
    found.fails = {3}
    page = begun(chromium, address)
    expect(page.locator("[role=status]")).to_have_text("failed")
    assert (found.done, found.posts) == (2, 3)
    page.reload()
    expect(page.locator("h1")).to_have_text("/result 2")
    page.wait_for_timeout(200)
    assert found.posts == 3, "a page that is loaded again begins nothing"
    page.click("button")
    expect(page.locator("h1")).to_have_text("/result 3")
    page.click("button")
    expect(page.locator("h1")).to_have_text("/result 4")
    assert found.posts == 5


def test_button_after_a_failure_goes_on_with_all(work: tuple[Work, str], chromium: Browser) -> None:
    found, address = work
    found.fails = {2}
    page = begun(chromium, address)
    expect(page.locator("[role=status]")).to_have_text("failed")
    page.click("button")
    expect(page.locator("h1")).to_have_text("/result 4")


def test_without_a_script_each_step_is_asked_for(work: tuple[Work, str], chromium: Browser) -> None:
    found, address = work
    page = begun(chromium, address, script=False)
    for done in (1, 2, 3):
        expect(page.locator("h1")).to_have_text(f"/result {done}")
        page.click("button")
    expect(page.locator("h1")).to_have_text("/result 4")
    expect(page.locator("button")).to_have_count(0)
    assert found.posts == 4
