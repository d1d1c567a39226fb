"""A person at a browser: by mouse, or by keyboard alone. Every page that is reached is looked at by axe."""

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, TimeoutError

from simulation.provider.people import PASSWORD

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
MOST_TABS = 400
SHAPE = """() => window.innerWidth + [...new Set([...document.querySelectorAll("body, body *")].map(one =>
    one.parentElement.tagName + one.tagName + Boolean(one.textContent.trim()) + [...one.attributes].map(({name, value}) =>
        name + (/^(class|role|type|aria-(?!label|describedby))/.test(name) ? value : Boolean(value)))))].join()"""
"""Of a page: the kinds of its elements with what axe looks at, but for the words, so that a list has one shape however long it is."""
LOOKED_AT: set[str] = set()
"""Shapes of pages in which axe found nothing: the same page with other words is not looked at again, which takes a second each."""


class Person:
    """`errors`: what the browser's console said of our pages; `seen`: the violations that axe found, by page."""

    def __init__(self, browser: Browser, address: str, *, width: int, language: str, script: bool = True, keyboard: bool = False) -> None:
        context = browser.new_context(viewport={"width": width, "height": 900}, locale=language, java_script_enabled=script)
        self.page: Page = context.new_page()
        self.address, self.script, self.keyboard, self.language = address, script, keyboard, language
        self.errors: list[str] = []
        self.seen: dict[str, list[str]] = {}
        self.page.set_default_timeout(60_000)  # a machine of the CI is at its limit at times
        self.page.on("pageerror", self._note)

    def _note(self, error: Exception) -> None:
        """Of our pages, not of the provider's."""
        if self.page.url.startswith(self.address + "/"):
            self.errors.append(str(error))

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)
        self.look()

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.address).partition("?")[0]

    def look(self) -> None:
        """The page is ours, in the person's language, without a violation of WCAG 2.2 A and AA, and no wider than the screen."""
        self.page.wait_for_load_state()
        if self.script:  # a form waits for its last save
            self.page.wait_for_function("() => !document.querySelector('form[data-leaving]')")
        if not self.page.url.startswith(self.address + "/"):
            return
        assert self.page.get_attribute("html", "lang") == self.language, self.page.url
        if self.script:
            where = re.sub(r"[0-9a-f-]{36}", "ID", self.path)
            shape = self.page.evaluate(SHAPE)
            if shape not in LOOKED_AT:
                found = Axe().run(self.page, options={"runOnly": {"type": "tag", "values": WCAG}}).response["violations"]
                self.seen.setdefault(where, []).extend(f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found)
                if not found:
                    LOOKED_AT.add(shape)
            wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, f"{where} is {wide} pixels too wide"

    def sign_in(self, user: str) -> None:
        """Once more where the provider fails: it refuses the second of two sign-ins of one person in one second
        (`findings/canaille-two-sign-ins-in-one-second.sh`), and the tests sign in by the API too."""
        for seconds in (20, 60):
            self.page.goto(self.address + "/sign-in")
            if not self.page.url.startswith(self.address + "/"):
                self.at_provider(user)
            with suppress(TimeoutError if seconds < 60 else ()):
                self.page.wait_for_url(self.address + "/**", timeout=seconds * 1_000)
                break
        self.page.goto(f"{self.address}/home?language={self.language}")
        self.look()

    def at_provider(self, user: str) -> None:
        self.page.fill("input[name=login]", user)
        self.page.press("input[name=login]", "Enter")
        self.page.fill("input[name=password]", PASSWORD)
        self.page.press("input[name=password]", "Enter")

    def sign_in_again(self, user: str, path: str) -> None:
        """At the provider, and back to the path (a pattern). Where the provider fails (`sign_in`), the page that says so begins again."""
        self.at_provider(user)
        with suppress(TimeoutError):
            self.page.wait_for_url(self.address + path, timeout=20_000)
            return
        assert self.page.url.startswith(self.address + "/signed-in"), self.page.inner_text("body")
        self.page.click("main p a")
        self.page.wait_for_url(self.address + path)

    def press(self, selector: str) -> None:
        """A link or a button."""
        if self.keyboard:
            self._tab_to(selector)
            self.page.keyboard.press("Enter")
            self.page.wait_for_timeout(300)
        else:
            self.page.locator(selector).first.click()
        self.look()

    def fill(self, values: Mapping[str, Any]) -> None:
        """Id of a field → text; True for a box or a choice."""
        for name, value in values.items():
            selector = f'[id="{name}"]'
            if self.keyboard:
                self._tab_to(selector if self.page.get_attribute(selector, "type") != "radio" else self._group_of(selector))
                if self.page.get_attribute(selector, "type") == "radio":
                    self.page.keyboard.press("Space")
                    while not self.page.is_checked(selector):
                        self.page.keyboard.press("ArrowDown")
                elif value is True:
                    self.page.keyboard.press("Space")
                elif self.page.locator(selector).evaluate("element => element.tagName") == "SELECT":
                    self.page.keyboard.type(self.page.locator(f'{selector} option[value="{value}"]').inner_text())
                elif self.page.get_attribute(selector, "type") == "date":
                    self.page.fill(selector, str(value))  # the order of day and month is the browser's affair
                else:
                    self.page.keyboard.press("Control+A")
                    self.page.keyboard.type(str(value))
            elif value is True:
                self.page.check(selector)
            elif self.page.locator(selector).evaluate("element => element.tagName") == "SELECT":
                self.page.select_option(selector, str(value))
            else:
                self.page.fill(selector, str(value))

    def _group_of(self, selector: str) -> str:
        """The keyboard reaches a group of choices at its first one, or at the chosen one."""
        return f'input[type=radio][name="{self.page.get_attribute(selector, "name")}"]'

    def _tab_to(self, selector: str) -> None:
        for _ in range(MOST_TABS):
            if self.page.evaluate("selector => document.activeElement?.matches(selector) ?? false", selector):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {selector} on {self.page.url}")

    def faults(self) -> dict[str, list[str]]:
        """What axe and the console found."""
        return {where: found for where, found in self.seen.items() if found} | ({"console": self.errors} if self.errors else {})
