"""The whole platform, from its start to the last payment of a few cases, as a person at the command line sees it."""

import json
import re

import pytest

from shared.messaging.profile import BrokerKind
from tests.e2e.conftest import Platform

SEED = "quick-7814"
"""With this seed everybody of the first rows of the region accepts soon and claims all within a month."""


@pytest.mark.timeout(600)
def test_a_few_cases_go_from_the_call_to_the_reconciled_payment_and_one_tells_its_story(
    platform: Platform, broker_kind: BrokerKind
) -> None:
    played = platform.triptych("demo", "--region", "hr-koprivnica", "--rows", "9", "--seed", SEED, "--exit", "--broker", broker_kind)
    assert played.returncode == 0, played.stdout[-4000:] + played.stderr
    assert "every payment reconciled" in played.stdout
    assert "duplicate-application" in played.stdout

    code = re.search(r"triptych cases show '?(KPR-[^'\s]+)", played.stdout)
    assert code is not None
    story = json.loads(platform.triptych("cases", "show", code[1], "--json").stdout)
    names = [event["type"].split(".")[1] for event in story["events"]]
    awaited = [
        "ApplicationSubmitted",
        "AwardGranted",
        "FundsReserved",
        "VoucherOffered",
        "VoucherIssued",
        "ClaimLodged",
        "DisbursementPaid",
    ]
    assert [names.index(name) for name in awaited] == sorted(names.index(name) for name in awaited)
    assert story["lifecycle"]["stage"] == "closed"
    assert platform.triptych("cases", "show", "no-such-thing").returncode == 1
