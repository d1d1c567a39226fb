"""Finance at a browser: a claim becomes a payment, the bank's statement comes, and a line that is nobody's is resolved by two persons."""

import asyncio
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from typer.testing import CliRunner

from operations.cli.actors import api_of
from operations.cli.main import app
from operations.client import Person as Caller
from shared.identity.signatures import load_signing_key, sign, signature_path
from shared.kernel.ids import new_id
from shared.policy.loader import load_book
from simulation.provider.people import user_name
from tests.desks.conftest import Platform
from tests.desks.stages import FIRST_COME, Desks, until
from tests.portal.person import Person
from tests.support.payments import camt053
from tests.support.policies import MONEY, policy_named

pytestmark = pytest.mark.timeout(400)
NUMBER = 3
"""Of calls that no other test uses: the claim does not stay lodged."""


def finance(number: int) -> str:
    return user_name("finance", number, FIRST_COME)


def at_api(platform: Platform, work: Any) -> Any:
    """Runs `work(api)` in a loop of its own: Playwright has that of this thread."""

    async def run() -> Any:
        api = api_of(platform.data, platform.state)
        try:
            return await work(api)
        finally:
            await api.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, run()).result()


def accept(platform: Platform, claim: str) -> None:
    officer = Caller(user_name("officer", 3, FIRST_COME))
    at_api(platform, lambda api: api.post(officer, f"/api/payments/claims/{claim}/acceptance", {}))


def complete(platform: Platform, payment: str) -> str:
    """The approvals that are still missing, and a sealed batch: its id."""

    async def work(api: Any) -> str:
        for number in (3, 4):
            found = await api.get(Caller(finance(number)), f"/api/payments{payment}")
            if found["state"] == "prepared":
                await api.post(Caller(finance(number)), f"/api/payments{payment}/approval", {"payment_hash": found["payment_hash"]})

        async def sealed() -> str | None:
            done = await api.post(Caller(finance(5)), "/api/payments/batches", {"region": FIRST_COME})
            found = await api.get(Caller(finance(5)), f"/api/payments{payment}")
            return found["batch_id"] if done is not None else None

        return await until("a batch with the payment", sealed)

    return at_api(platform, work)


def wait_for(platform: Platform, path: str, field: str, value: str | None) -> dict[str, Any]:
    async def work(api: Any) -> Any:
        async def there() -> Any:
            found = await api.get(Caller(finance(1)), f"/api/payments{path}")
            return found if found[field] == value else None

        return await until(f"{path} to be {value}", there)

    return at_api(platform, work)


def deliver_strange_credit(platform: Platform) -> str:
    """A signed statement with a credit that is nobody's: the id of its line."""
    reference = f"C-{new_id().hex[-12:]}"
    data = strange_statement(platform, reference)
    incoming, key = platform.data.bank_incoming, load_signing_key(platform.data.bank_keys.banks)
    path, hidden = incoming / f"{reference}.xml", incoming / f".{reference}.xml"
    signature_path(path).write_text(sign(hashlib.sha256(data).hexdigest(), key))
    hidden.write_bytes(data)
    hidden.rename(path)

    async def work(api: Any) -> str:
        async def there() -> str | None:
            found = await api.get(Caller(finance(1)), "/api/payments/unmatched?limit=200")
            return next((one["line_id"] for one in found["items"] if one["bank_reference"] == reference), None)

        return await until("the line of the statement", there)

    return at_api(platform, work)


def is_resolved_by_two(platform: Platform, first: Person, second: Person, line: str) -> None:
    first.go("/finance/lines")
    first.go(f"/finance/lines/{line}/split")
    first.press("main form button")
    assert first.page.locator(".govuk-error-summary a").count() == 2, "two parts are missing, and a reason"
    first.go(f"/finance/lines/{line}")
    first.fill({"o-1": True, "reason": True})
    first.press("main form button")
    second.go(f"/finance/lines/{line}")
    second.press("main a.govuk-button")
    second.press("main form button")
    resolved = wait_for(platform, f"/bank-lines/{line}", "resolution", "income")
    assert resolved["proposals"][0]["proposed_by"] != resolved["proposals"][0]["decided_by"]
    assert [one["kind"] for one in resolved["entries"]] == ["income"]
    first.go(f"/finance/lines/{line}")
    first.press("main form button")
    assert first.page.locator(".govuk-error-summary a").count() == 1, "to undo it needs a reason"
    first.fill({"reason": True})
    first.press("main form button")
    second.go("/finance")
    second.go("/finance/lines?which=proposed")
    second.press("main tbody a")
    assert second.path == f"/finance/lines/{line}"
    second.press("main .govuk-inset-text a.govuk-button")
    second.press("main form button")
    assert wait_for(platform, f"/bank-lines/{line}", "resolution", None)["is_open"]


def refused_file_is_dismissed(platform: Platform, first: Person, second: Person) -> None:
    """One without a signature: it waits for finance until a person dismisses it, and again once another opens it."""
    data = strange_statement(platform, f"U-{new_id().hex[-12:]}")
    (platform.data.bank_incoming / f"unsigned-{new_id().hex[-6:]}.xml").write_bytes(data)
    sha256 = hashlib.sha256(data).hexdigest()
    here = f"/finance/files/{sha256}"
    at_api(platform, lambda api: until("the refused file", lambda: _file(api, sha256)))
    first.go("/finance/files?state=refused")
    first.go(here)
    first.press("main a.govuk-button--secondary")
    first.press("main form button")
    assert first.page.locator(".govuk-error-summary a").count() == 1, "to dismiss it needs a reason"
    first.fill({"reason": True})
    first.press("main form button")
    second.go(here)
    second.press("main a.govuk-button--secondary")
    second.fill({"reason": True})
    second.press("main form button")
    assert second.path == here
    assert second.page.locator("main a.govuk-button").count() == 2


async def _file(api: Any, sha256: str) -> Any:
    found = await api.get(Caller(finance(1)), "/api/payments/bank-files?state=refused")
    return next((one for one in found["items"] if one["sha256"] == sha256), None)


def strange_statement(platform: Platform, reference: str) -> bytes:
    """With a credit that is nobody's."""
    policy = policy_named(load_book(platform.state.policies), MONEY[FIRST_COME])
    return camt053([{"quoted": "thank you", "amount_minor": 12_345, "bank": reference}], policy)


def read_in_terminal(platform: Platform, file: Path) -> Any:
    """What `triptych bank read` says that the file would do."""
    runner = CliRunner(env={"TRIPTYCH_HOME": str(platform.data.root)})
    with ThreadPoolExecutor(1) as thread:
        done = thread.submit(runner.invoke, app, ["bank", "read", str(file), "--as", finance(1), "--json"]).result()
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def upload_by_page(first: Person, second: Person, data: bytes) -> None:
    """Refused as it is cut off, then as it came: the other person reads what it would do, and confirms. It is not taken twice."""
    first.go("/finance/files")
    first.press("main a.govuk-button")
    for content in (data[:-9], data):
        first.go("/finance/files/upload")
        first.page.set_input_files("#file", {"name": "from-the-bank.xml", "mimeType": "text/xml", "buffer": content})
        first.press("main form button")
        first.look()
    here = first.path
    second.go("/finance/files/uploads?state=proposed")
    second.go(here)
    second.press("main a.govuk-button:not(.govuk-button--secondary)")
    second.press("main form button")
    assert second.path == here
    second.press("main p a.govuk-link")
    assert second.path == f"/finance/files/{hashlib.sha256(data).hexdigest()}"
    first.go("/finance/files/upload")
    first.page.set_input_files("#file", {"name": "again.xml", "mimeType": "text/xml", "buffer": data})
    first.press("main form button")
    assert first.page.locator(".govuk-error-summary").count() == 1


def test_claim_becomes_a_payment_and_a_strange_line_is_resolved(
    platform: Platform, desks: Desks, chromium: Browser, tmp_path: Path
) -> None:
    case = desks.claim_lodged(FIRST_COME, NUMBER)
    accept(platform, case.claim)
    first = Person(chromium, platform.address, width=1280, language="en")
    first.sign_in(finance(1))
    first.go("/finance")
    first.go(f"/finance/claims/{case.claim}")
    first.press("main form button")
    prepared = at_api(platform, lambda api: api.get(Caller(finance(1)), f"/api/payments/claims/{case.claim}"))
    payment = f"/disbursements/{prepared['disbursement_id']}"
    page = f"/finance/payments/{prepared['disbursement_id']}"
    assert first.path == page
    first.go(f"{page}/approval")
    first.press("main form button")
    assert first.page.locator(".govuk-error-summary").count() == 1, "who prepared does not approve"

    second = Person(chromium, platform.address, width=375, language="hr")
    second.sign_in(finance(2))
    second.go("/finance/approvals")
    second.press("main form[action='/finance/approvals/check'] button")
    second.press("main form[method=post] button")
    assert second.page.locator(".govuk-panel--confirmation").count() == 1
    second.go(page)

    batch = complete(platform, payment)
    third = Person(chromium, platform.address, width=1280, language="en")
    third.sign_in(finance(6))
    third.go(f"/finance/batches/{batch}")
    third.press("main a.govuk-button")
    third.press("main form button")
    assert third.path == f"/finance/batches/{batch}"
    wait_for(platform, payment, "state", "paid")
    first.go(page)
    assert "Paid" in first.page.inner_text("main .govuk-tag")
    assert "Demo Finance 2 of Koprivnica" in first.page.inner_text("main")
    assert "vouchers@koprivnica.example" in first.page.inner_text("footer")
    first.go("/finance/files")
    first.press("main tbody a")

    line = deliver_strange_credit(platform)
    is_resolved_by_two(platform, first, second, line)
    (file := tmp_path / "statement.xml").write_bytes(strange_statement(platform, f"C-{new_id().hex[-12:]}"))
    assert [line["reason"] for line in read_in_terminal(platform, file)["lines"]] == ["credit-of-others"]
    refused_file_is_dismissed(platform, first, second)
    upload_by_page(first, second, file.read_bytes())
    for path in ("/finance/envelopes", "/finance/journal", "/finance/expenditure", "/finance/recoveries/new", "/finance/accounts"):
        second.go(path)
    assert [one.faults() for one in (first, second, third)] == [{}, {}, {}]
