"""`triptych bank read` without a platform: structure, balances and lines, or where the file is at fault."""

from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from operations.cli.main import app
from tests.bank.test_cases import block, report
from tests.unit.test_iso20022_camt053 import batch, detail, entry, statement

RUNNER = CliRunner()
GOOD = statement(entry(600, batch(detail(1, 100) + detail(2, 500))), closing=400)


def test_statement_is_shown_with_balances_and_lines(tmp_path: Path) -> None:
    file = tmp_path / "statement.xml"
    file.write_bytes(GOOD)
    done = RUNNER.invoke(app, ["bank", "read", str(file), "--json"])
    found = orjson.loads(done.stdout)
    assert (done.exit_code, found["message"]) == (0, "camt.053.001.08")
    [account] = found["accounts"]
    assert (account["opening_minor"], account["closing_minor"], account["adds_up"], account["lines"]) == (1_000, 400, True, 2)
    assert [(one["event"], one["amount_minor"], one["end_to_end_id"]) for one in found["lines"]] == [
        ("booked", 100, "e-1"),
        ("booked", 500, "e-2"),
    ]
    shown = RUNNER.invoke(app, ["bank", "read", str(file)]).stdout
    assert "opening 10.00 EUR" in shown
    assert "the balance is proved" in shown
    assert "Nothing was done." in shown


SWIFT = b":20:S\n:25:CH9300762011623852957\n:28C:1/1\n:60F:C260301CHF1,\n:62F:C260301CHF1,\n"
REPORT = report("BATCH", "RJCT", block(status="PDNG", name="BATCH-1"))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (SWIFT.replace(b"CHF", b"EUR"), "MT940\naccount CH9300762011623852957, 2026-03-01 to 2026-03-01"),
        (SWIFT, "account CH9300762011623852957 (CHF) is passed over, bad-amount"),
        (REPORT, "order BATCH: RJCT, which means rejected\nblock BATCH-1: PDNG, which means nothing yet"),
    ],
)
def test_every_kind_says_what_it_is(tmp_path: Path, data: bytes, says: str) -> None:
    file = tmp_path / "00042"
    file.write_bytes(data)
    done = RUNNER.invoke(app, ["bank", "read", str(file)])
    assert (done.exit_code, says in done.stdout) == (0, True), done.stdout


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [
        (GOOD[:-20], "not-xml", "line 5"),
        (GOOD.replace(b">4.00<", b">4.01<"), "balances-disagree", None),
        (GOOD.replace(b">1.00<", b">1,00<", 1), "bad-amount", "BkToCstmrStmt/Stmt/Ntry/NtryDtls/TxDtls[1]/Amt"),
    ],
)
def test_file_at_fault_says_where(tmp_path: Path, data: bytes, code: str, place: str | None) -> None:
    file = tmp_path / "statement.xml"
    file.write_bytes(data)
    done = RUNNER.invoke(app, ["bank", "read", str(file), "--json"])
    refused = orjson.loads(done.stdout)["refused"]
    assert (done.exit_code, refused["code"], refused["place"]) == (1, code, place)
