"""Status reports that speak of a whole order: what PART, a rejected group and counts say of the transfers that they do not list.

Source: ISO 20022, the definition of PART ("a number of transactions have been accepted, whereas another number of transactions have not yet
achieved 'accepted' status"), and PaymentInformationStatusRejectedRule of pain.002 (below a rejected group each transfer is rejected).
"""

from uuid import UUID

import pytest
from lxml import etree

from operations.verify.bank_statements import Orders, Transfer, own_id, read_facts
from services.payments.domain.bank_lines import lines_of_report, match_line
from services.payments.domain.report_verdicts import batch_of_report, parts_of_report
from services.payments.iso20022.pain002 import read_status_report
from tests.bank.test_cases import A2, B2, CONTRADICTS, D2, D3, NO, NUMBER, ORDERED, YES, B, D, block, listed, report

ACCEPTED, REJECTED, PENDING = {D: YES, D2: YES, D3: YES}, {D: NO, D2: NO, D3: NO}, "decides-nothing"
REST = {D2: YES, D3: YES}
D4, A4 = (UUID(int=0xDEF0 + number).hex for number in range(2))
CASES: list[tuple[str, str, str, dict[str | None, str]]] = [
    ("some, and all are accepted", "PART", block(status="ACSP"), CONTRADICTS),
    ("some, and all are rejected", "PART", block(status="RJCT"), CONTRADICTS),
    ("some, and those that are listed are accepted too", "PART", block(listed("ACSC"), "ACSP"), {D: YES, **CONTRADICTS}),
    ("some, and a rejected group lists one", "PART", block(listed("RJCT"), "RJCT"), {D: NO, **CONTRADICTS}),
    ("some, counted as all", "PART", block(status="ACSP", counts=NUMBER.replace("1", "3")), CONTRADICTS),
    ("some, and one is rejected", "PART", block(listed("RJCT"), "ACSP"), {D: NO, **REST}),
    ("some, and one is pending", "PART", block(listed("PDNG"), "ACSP"), {D: PENDING, **REST}),
    ("some, and one is accepted of a rejected group", "PART", block(listed("ACSC"), "RJCT"), {D: YES, **CONTRADICTS}),
    ("some, in two groups", "PART", block(listed("RJCT"), "RJCT") + block(status="ACSC"), {D: NO, **REST}),
    ("some, only the rejected are listed", "PART", block(listed("RJCT"), "PART"), {D: NO}),
    ("checked, and the group is rejected", "ACTC", block(status="RJCT"), REJECTED),
    ("a rejected group lists one, with its reason", "", block(listed("RJCT", reason="AC04"), "RJCT"), REJECTED),
    ("a rejected group lists one that is accepted", "", block(listed("ACSC"), "RJCT"), {D: YES, **CONTRADICTS}),
    ("two groups, one of them pending", "", block(status="RJCT") + block(status="PDNG"), CONTRADICTS),
    ("two groups, one of them pending, the other way round", "", block(status="PDNG") + block(status="RJCT"), CONTRADICTS),
    ("two groups, the second without a status", "", block(listed("RJCT"), "RJCT") + block(), {D: NO}),
    ("listed beside the groups", "PART", listed("RJCT") + listed("ACSC", D2, A2), {D: NO, D2: YES}),
    ("listed beside a group that is accepted", "", block(status="ACSC") + listed("RJCT"), {D: NO, **REST}),
    ("listed in no group, of a rejected message", "RJCT", listed(reason="AC04"), REJECTED),
    ("a cancelled message, and a group that is accepted", "CANC", block(status="ACSC"), CONTRADICTS),
    ("a cancelled group lists one that is rejected", "", block(listed("RJCT"), "CANC"), {D: NO, None: "cancelled-by-the-bank"}),
]


@pytest.mark.parametrize(("status", "blocks", "found"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_report_of_a_whole_order_has_to_agree_with_itself(status: str, blocks: str, found: dict[str | None, str]) -> None:
    """And the reader of verify knows the same rejections."""
    data = report(B, status, blocks)
    lines = lines_of_report(read_status_report(data, max_bytes=10_000), ORDERED)
    assert {line.end_to_end_id: line.event or line.note for line in lines} == found
    orders = Orders.of([Transfer("p", own_id(one), own_id(attempt), 10_000, "EUR", batch_id=own_id(B)) for one, attempt in ORDERED])
    rejected = read_facts("f", etree.fromstring(data), orders, set()).rejected
    assert set(rejected) == {own_id(attempt) for one, attempt in ORDERED if found.get(one) == NO}


def test_report_on_an_order_of_one_is_about_that_one() -> None:
    """Of one transfer no number can be accepted and another not: the group says it."""
    lines = lines_of_report(read_status_report(report(B, "PART", block(status="ACSP")), max_bytes=10_000), ORDERED[:1])
    assert [line.event for line in lines] == [YES]


UNKNOWN: list[tuple[str, str, str, str, list[tuple[str, str | None]]]] = [
    ("of nobody, with its count", "OF-NOBODY", "RJCT", "", [(NO, None)]),
    ("of ours, with its count", B, "RJCT", "", [(NO, f"{B}-1")]),
    ("of ours, accepted", B, "ACCP", "", [(YES, f"{B}-1")]),
    ("of nobody, accepted", "OF-NOBODY", "ACCP", "", []),
    ("of ours, with one that is listed otherwise", B, "RJCT", block(listed("ACSC")), [(YES, f"{B}-1"), (NO, f"{B}-1")]),
    ("of ours, contradicting itself", B, "RJCT", block(status="ACSC"), [("report-contradicts-itself", f"{B}-1")]),
]


@pytest.mark.parametrize(("message_id", "status", "blocks", "found"), [case[1:] for case in UNKNOWN], ids=[case[0] for case in UNKNOWN])
def test_answer_on_an_unknown_order_is_never_lost(message_id: str, status: str, blocks: str, found: list[tuple[str, str | None]]) -> None:
    """K8, with the number of transfers as banks give it (Cross River's samples); after a restore the order may be one of ours."""
    data = report(message_id, status, blocks).replace(b"</OrgnlMsgId>", b"</OrgnlMsgId><OrgnlNbOfTxs>3</OrgnlNbOfTxs>")
    lines = lines_of_report(read_status_report(data, max_bytes=10_000), ())
    assert [(line.event or line.note, line.pmt_inf_id) for line in lines] == found
    assert all(match_line(line, []).outcome == "unmatched" for line in lines)


def test_count_of_a_part_of_the_order_is_none_of_the_whole() -> None:
    """M1: also where the listed one is not ours by its reference, and the count stands at the message."""
    data = report(B, "RJCT", block(listed(reason="AC04", e2e=D2, instr=A2))).replace(b"<GrpSts>", NUMBER.encode() + b"<GrpSts>")
    lines = lines_of_report(read_status_report(data, max_bytes=10_000), ORDERED)
    assert {line.end_to_end_id: line.event or line.note for line in lines} == {D2: NO, **CONTRADICTS}


OTHER = block(status="RJCT", name=f"{B2}-1")
TWO: list[tuple[str, str, str, str, list[dict[str | None, str]]]] = [
    ("the message names one", B, "", block(status="ACSC") + OTHER, [ACCEPTED, {D4: NO}]),
    ("and has a status", B, "ACSC", block() + OTHER, [ACCEPTED, {D4: NO}]),
    ("the message names none", "NOTPROVIDED", "", OTHER + block(status="ACSC"), [{D4: NO}, ACCEPTED]),
    ("the message names none, and has a status", "NOTPROVIDED", "RJCT", block() + block(name=f"{B2}-1"), [REJECTED, {D4: NO}]),
    ("the other one is listed", B, "", block(status="ACSC") + block(listed("RJCT", D4, A4), name=f"{B2}-1"), [ACCEPTED, {D4: NO}]),
]


@pytest.mark.parametrize(("message_id", "status", "blocks", "found"), [case[1:] for case in TWO], ids=[case[0] for case in TWO])
def test_report_on_two_orders_is_read_for_each(message_id: str, status: str, blocks: str, found: list[dict[str | None, str]]) -> None:
    """M1: a block counts for its own order, and is not lost where the report answers another one."""
    data = report(message_id, status, blocks)
    parts = parts_of_report(read_status_report(data, max_bytes=10_000))
    of_batch = {UUID(B): ORDERED, UUID(B2): [(D4, A4)]}
    read = [lines_of_report(part, of_batch[batch_of_report(part) or UUID(B)]) for part in parts]
    assert [{line.end_to_end_id: line.event or line.note for line in lines} for lines in read] == found
    ordered = [(one, attempt, batch.hex) for batch, pairs in of_batch.items() for one, attempt in pairs]
    orders = Orders.of([Transfer("p", own_id(one), own_id(attempt), 1, "EUR", batch_id=own_id(of)) for one, attempt, of in ordered])
    rejected = set(read_facts("f", etree.fromstring(data), orders, set()).rejected)
    assert rejected == {own_id(attempt) for one, attempt, _ in ordered if any(part.get(one) == NO for part in found)}
