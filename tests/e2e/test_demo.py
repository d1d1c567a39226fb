"""The whole platform, from its start to the last payment of a few cases, by the command line."""

import json
import re

import pytest

from shared.messaging.profile import BrokerKind
from tests.e2e.conftest import Platform
from tools.pictures.sequence import of_the_case

SEED = "quick-7814"
"""With this seed the beneficiaries of the region's first rows accept early and claim all within a month."""


@pytest.mark.timeout(600)
def test_demo_few_cases_end_with_reconciled_payments(platform: Platform, broker_kind: BrokerKind) -> None:
    """The demonstration runs from the call to the last payment, and a case has the events of docs/pictures/sequence.md in order."""
    demo = platform.triptych("demo", "--region", "hr-koprivnica", "--rows", "9", "--seed", SEED, "--exit", "--broker", broker_kind)
    assert demo.returncode == 0, demo.stdout[-4000:] + demo.stderr
    assert "every payment reconciled" in demo.stdout
    assert "duplicate-application" in demo.stdout

    code = re.search(r"triptych cases show '?(KPR-[^'\s]+)", demo.stdout)
    assert code is not None
    history = json.loads(platform.triptych("cases", "show", code[1], "--json").stdout)
    names = [event["type"].split(".")[1] for event in history["events"]]
    of_a_ranking = {"EvaluatorAssigned", "EvaluatorDeclared", "EvaluationCompleted"}  # the region's call is first come
    of_a_report = {"DisbursementAccepted"}  # no event when the statement that proves the payment is read before the bank's report
    expected = [name for name in of_the_case() if name not in of_a_ranking | of_a_report]
    assert [names.index(name) for name in expected] == sorted(names.index(name) for name in expected)
    assert history["lifecycle"]["stage"] == "closed"
    assert platform.triptych("cases", "show", "no-such-thing").returncode == 1
