"""A role that is given after the sign-in holds without a new one; and what its holder gets by mail."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import asyncpg
import pytest
from playwright.sync_api import Browser

from deploy.embedded.identity import unverified_claims
from operations.cli.actors import api_of
from operations.client import Person
from portal.sessions.cookies import SESSION
from portal.sessions.store import Session
from portal.sessions.vault import open_, row_of
from tests.portal import person as browser
from tests.portal.conftest import Platform
from tests.portal.visitor import Visitor

pytestmark = pytest.mark.timeout(300)
REGION = "be-kortrijk"
ROLES = "/api/people/roles"


async def give_role(platform: Platform, user: str) -> None:
    """By two administrators of the region."""
    api = api_of(platform.data, platform.state)
    one, two = Person("administrator-1.kortrijk"), Person("administrator-2.kortrijk")
    try:
        person = UUID(unverified_claims(await api.sign_in(Person(user)))["sub"])
        role = {"person_id": str(person), "role": "officer", "region": REGION, "reason": "appointed"}
        grant = await api.post(one, ROLES, role)
        await api.post(two, f"{ROLES}/{grant['id']}/confirmation", {"reason": "appointed"})
    finally:
        await api.close()


async def roles_of(platform: Platform, cookie: str) -> dict[str, list[str]]:
    """What the token says that the portal keeps for this browser."""
    database = await asyncpg.connect(platform.state.owner_url("portal", "postgresql"))
    try:
        content = open_(cookie, await database.fetchval("SELECT content FROM sessions WHERE id = $1", row_of(cookie)))
    finally:
        await database.close()
    assert content
    roles: dict[str, list[str]] = unverified_claims(Session.model_validate_json(content).access)["roles"]
    return roles


def test_home_page_takes_up_a_role_given_since(platform: Platform) -> None:
    visitor = Visitor(platform.address)
    visitor.sign_in("applicant-5.kortrijk")
    with ThreadPoolExecutor(1) as thread:  # Playwright has the loop of this one
        before = thread.submit(asyncio.run, roles_of(platform, visitor.cookies[SESSION])).result()
        thread.submit(asyncio.run, give_role(platform, "applicant-5.kortrijk")).result()
        assert visitor.ask("GET", "/home").status_code == 200
        after = thread.submit(asyncio.run, roles_of(platform, visitor.cookies[SESSION])).result()
    assert (before, after) == ({}, {REGION: ["officer"]})


async def persons_with(platform: Platform, email: str) -> int:
    """As an administrator finds them, to propose a role."""
    api = api_of(platform.data, platform.state)
    try:
        return len((await api.get(Person("administrator-1.kortrijk"), "/api/people/persons", email=email))["items"])
    finally:
        await api.close()


def test_daily_mail_is_switched_off_on_the_own_page(platform: Platform, chromium: Browser) -> None:
    """By somebody who is found by the address, which the provider verifies without a claim."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, give_role(platform, "applicant-4.kortrijk")).result()
    officer = browser.Person(chromium, platform.address, width=375, language="en")
    officer.sign_in("applicant-4.kortrijk")
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(asyncio.run, persons_with(platform, "applicant-4@kortrijk.example")).result() == 1
    officer.go("/account")
    assert officer.page.is_checked('[id="task_mail-choice"]')
    officer.fill({"task_mail-choice-2": True})
    officer.press('form[action="/account/task-mail"] button')
    assert "You get no daily mail about your tasks any more." in officer.page.inner_text("main")
    assert officer.page.is_checked('[id="task_mail-choice-2"]')
    assert officer.faults() == {}
