"""Awards as open data: what the 360Giving Data Standard asks of a record, whose name is in it, and how it is amended.

The rules are in `tests/support/open_awards.py`; `make check-open-data` runs the standard's own checker.
"""

import csv
import io
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.applications.domain.form import Form, read_form
from services.applications.domain.open_awards import COLUMNS, NOTHING, WITHHELD, Award, record_of
from shared.contracts.evaluation import AwardGranted
from shared.contracts.vouchers import VoucherClosed
from shared.kernel.ids import new_id
from shared.kernel.vocabulary import VoucherOutcome
from shared.policy.sections import Publication
from tests.integration.applications.conftest import Desk
from tests.support.applications import FIRM, HERE, OPEN, form_with, policy
from tests.support.open_awards import faults

PUBLISHED = policy().model_copy(update={"publication": Publication(names_from_minor=500_000, legal_persons=("company",))})


def form_of(**answers: Any) -> Form:
    return read_form(form_with(**answers))


def award(form: Form, amount_minor: int = 800_000, outcome: VoucherOutcome | None = None) -> Award:
    return Award("4f6c", "Digital vouchers 2026", "Koprivnica", amount_minor, OPEN, OPEN, outcome, form)


@pytest.mark.parametrize(
    ("rules", "form", "amount_minor", "is_named"),
    [
        (PUBLISHED, form_of(extra={"legal-form": "company"}), 800_000, True),
        (PUBLISHED, form_of(extra={"legal-form": "company"}), 499_999, False),
        (PUBLISHED, form_of(extra={"legal-form": "natural-person"}), 800_000, False),
        (PUBLISHED, form_of(), 800_000, False),
        (policy(), form_of(extra={"legal-form": "company"}), 800_000, False),
    ],
    ids=["company", "small-amount", "natural-person", "not-asked", "no-rule"],
)
def test_recipient_is_named_where_the_policy_allows(rules: Any, form: Form, amount_minor: int, is_named: bool) -> None:
    record = record_of(rules, award(form, amount_minor))
    [recipient] = record["recipientOrganization"]
    assert ("location" in recipient) == is_named
    assert (recipient["name"] == form.applicant.name, recipient["name"] == WITHHELD) == (is_named, not is_named)
    tax_number = "".join(sign for sign in str(form.applicant.tax_number) if sign.isalnum())
    assert [text in str(record) for text in (tax_number, str(form.project.title))] == [is_named, is_named]


async def test_record_keeps_its_id_and_is_amended(desk: Desk, call_id: str) -> None:
    application = await desk.submitted(call_id, FIRM)
    await desk.screen(application)
    about = {"application_id": UUID(application), "call_id": UUID(call_id), "region": HERE}
    assert (await desk.client.get("/api/applications/open-awards")).json() == {"grants": []}
    granted = AwardGranted(
        **about, award_id=new_id(), grant_number=1, organisation_id=FIRM, scheme="digital-voucher", amount_minor=800_000, currency="EUR",
        policy_id=policy().id, rank=1, from_reserve=False,
    )  # fmt: skip
    await desk.deliver(granted, twice=True)
    [record] = (await desk.client.get("/api/applications/open-awards", params={"region": HERE, "year": 2025})).json()["grants"]
    assert faults(record) == []
    assert (record["amountAwarded"], record["currency"], record["outcome"]) == (8000, "EUR", "open")
    assert [place["countryCode"] for place in record["beneficiaryLocation"]] == ["HR"]
    desk.clock.instant += timedelta(days=20)
    closed = VoucherClosed(**about, voucher_id=new_id(), outcome=VoucherOutcome.DECLINED)
    await desk.deliver(closed)
    [amended] = (await desk.client.get("/api/applications/open-awards")).json()["grants"]
    assert (amended["id"], amended["amountAwarded"], amended["outcome"]) == (record["id"], 0, "declined")
    assert amended["dateModified"] > record["dateModified"]
    assert amended["description"] == f"{record['description']} {NOTHING}"  # the standard's checker asks for the reason of an amount of 0
    table = list(csv.reader(io.StringIO((await desk.client.get("/api/applications/open-awards.csv")).text)))
    assert (tuple(table[0]), [row[0] for row in table[1:]], len(set(map(len, table)))) == (COLUMNS, [record["id"]], 1)
    assert (await desk.client.get("/api/applications/open-awards", params={"year": 2027})).json() == {"grants": []}
