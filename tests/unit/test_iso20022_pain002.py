import pytest

from services.payments.iso20022.pain002 import Verdict, read_status_report
from shared.kernel.errors import Refused
from tests.support.bank_files import assert_valid

TRANSACTION = (
    """<TxInfAndSts><OrgnlInstrId>instr-{0}</OrgnlInstrId><OrgnlEndToEndId>e2e-{0}</OrgnlEndToEndId><TxSts>{1}</TxSts>{2}</TxInfAndSts>"""
)
REASON = "<StsRsnInf><Rsn><Cd>{0}</Cd></Rsn><AddtlInf>closed</AddtlInf></StsRsnInf>"


def report(transactions: str, *, version: str = "10", group_status: str = "<GrpSts>PART</GrpSts>", extra: str = "") -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.{version}"><CstmrPmtStsRpt>
<GrpHdr><MsgId>REPORT-1</MsgId><CreDtTm>2026-03-02T08:00:00Z</CreDtTm></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>BATCH</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>{group_status}</OrgnlGrpInfAndSts>
<OrgnlPmtInfAndSts><OrgnlPmtInfId>BATCH-1</OrgnlPmtInfId>{transactions}</OrgnlPmtInfAndSts>{extra}
</CstmrPmtStsRpt></Document>""".encode()


@pytest.mark.parametrize("version", ["03", "10"])
def test_every_transaction_of_every_group_is_read(version: str) -> None:
    second = f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>OTHER-1</OrgnlPmtInfId>{TRANSACTION.format(9, 'PDNG', '')}</OrgnlPmtInfAndSts>"
    data = report(
        TRANSACTION.format(1, "ACSP", "") + TRANSACTION.format(2, "RJCT", REASON.format("AC04")) + TRANSACTION.format(3, "ACCP", ""),
        version=version, extra=second,
    )  # fmt: skip
    assert_valid(data, f"pain.002.001.{version}")
    read = read_status_report(data, max_bytes=10_000)
    assert (read.message, read.report_id, read.original_message_id) == (f"pain.002.001.{version}", "REPORT-1", "BATCH")
    assert [(each.pmt_inf_id, each.instr_id, each.end_to_end_id, each.verdict) for each in read.transactions] == [
        ("BATCH-1", "instr-1", "e2e-1", Verdict("ACSP")),
        ("BATCH-1", "instr-2", "e2e-2", Verdict("RJCT", ("AC04",), ("closed",))),
        ("BATCH-1", "instr-3", "e2e-3", Verdict("ACCP")),
        ("OTHER-1", "instr-9", "e2e-9", Verdict("PDNG")),
    ]
    assert [each.verdict.is_accepted for each in read.transactions] == [True, False, True, False]
    assert [each.verdict.is_rejected for each in read.transactions] == [False, True, False, False]


def test_message_rejected_as_a_whole_has_its_reason() -> None:
    read = read_status_report(report("", group_status=f"<GrpSts>RJCT</GrpSts>{REASON.format('FF01')}"), max_bytes=10_000)
    assert read.verdict.is_rejected
    assert (read.verdict.reasons, read.transactions) == (("FF01",), ())


def test_duplicate_is_no_rejection_of_the_first_order() -> None:
    """A payment that is on its way would be paid again."""
    read = read_status_report(report("", group_status=f"<GrpSts>RJCT</GrpSts>{REASON.format('DUPL')}"), max_bytes=10_000)
    assert read.verdict.is_duplicate
    assert not read.verdict.is_rejected


def test_comment_within_an_id_does_not_cut_it() -> None:
    data = report(TRANSACTION.format("1<!-- -->2", "ACSP", ""))
    assert read_status_report(data, max_bytes=10_000).transactions[0].end_to_end_id == "e2e-12"


@pytest.mark.parametrize(
    ("data", "code", "field"),
    [
        (b"", "not-xml", "line 1"),
        (b"<Document>", "not-xml", "line 1"),
        (b"\xff\xfe\x00", "not-in-its-encoding", "encoding"),
        (b"<a>" * 5_000 + b"</a>" * 5_000, "not-xml", "line 1"),
        (b"<Document/>", "unknown-message", "Document"),
        (report("").replace(b"pain.002.001.10", b"pain.002.001.99"), "unknown-message", "Document"),
        (report("").replace(b"pain.002.001.10", b"camt.053.001.08"), "unknown-message", "Document"),
        (
            report("").replace(b"CstmrPmtStsRpt", b'x:Rpt xmlns:x="urn:x"', 1).replace(b"/CstmrPmtStsRpt", b"/x:Rpt"),
            "not-one-message",
            "Document",
        ),
        (report("").replace(b"OrgnlGrpInfAndSts", b"Other"), "element-missing", "CstmrPmtStsRpt/OrgnlGrpInfAndSts"),
    ],
)
def test_unreadable_file_is_refused_naming_the_element(data: bytes, code: str, field: str | None) -> None:
    with pytest.raises(Refused) as refusal:
        read_status_report(data, max_bytes=100_000)
    assert (refusal.value.code, refusal.value.field) == (code, field)


def with_doctype(doctype: str, value: str) -> bytes:
    data = report(TRANSACTION.format(1, "ACSP", "")).replace(b"e2e-1", value.encode())
    return data.replace(b"<Document", f"{doctype}<Document".encode(), 1)


LAUGHS = "<!ENTITY l0 'lolololol'>" + "".join(f"<!ENTITY l{i} '{f'&l{i - 1};' * 10}'>" for i in range(1, 12))


@pytest.mark.timeout(5)
@pytest.mark.parametrize(
    ("doctype", "value"),
    [
        (f"<!DOCTYPE Document [{LAUGHS}]>", "&l11;"),
        (f"<!DOCTYPE Document [{LAUGHS}]>", "never used"),
        ("<!DOCTYPE Document [<!ENTITY e 'e2e-1'>]>", "&e;"),
        ("<!DOCTYPE Document [<!ENTITY e SYSTEM 'file:///etc/hostname'>]>", "&e;"),
        ("<!DOCTYPE Document SYSTEM 'http://127.0.0.1:9/bank.dtd'>", "e2e-1"),
        ("<!DOCTYPE Document [<!ENTITY % p SYSTEM 'http://127.0.0.1:9/p'> %p;]>", "e2e-1"),
    ],
)
def test_entities_and_external_references_are_refused(doctype: str, value: str) -> None:
    with pytest.raises(Refused) as refusal:
        read_status_report(with_doctype(doctype, value), max_bytes=100_000)
    assert refusal.value.code in ("document-type", "not-xml")


def test_caller_limits_the_size() -> None:
    data = report("")
    assert read_status_report(data, max_bytes=len(data)).report_id == "REPORT-1"
    with pytest.raises(Refused, match="bytes") as refusal:
        read_status_report(data, max_bytes=len(data) - 1)
    assert refusal.value.code == "file-too-large"
