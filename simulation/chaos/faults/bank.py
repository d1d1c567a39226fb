"""A bank that answers twice, by halves, wrongly, to the wrong customer, or not at all. The genuine answer comes too, sooner or later."""

import asyncio
import hashlib
import signal
from contextlib import closing
from pathlib import Path

from lxml import etree

from simulation.bank.book import connect
from simulation.chaos.faults.registry import Missed, fault
from simulation.chaos.field import Field
from simulation.demo.dice import Dice

_KINDS = {"status": "%pain002%", "statement": "%camt053%"}
_ANY = "%"


@fault("bank-silent")
async def silent(field: Field, dice: Dice) -> str:
    """The bank does nothing for programme days."""
    seconds = dice.between(4, 12, "seconds")
    if not field.send("bank", signal.SIGSTOP):
        raise Missed("the bank did not run")
    await asyncio.sleep(seconds)
    field.send("bank", signal.SIGCONT)
    return f"for {seconds} s"


@fault("bank-twice")
async def twice(field: Field, dice: Dice) -> str:
    """An answer of the bank once more, under its own name and under another one."""
    name, body = _answer(field, dice, _ANY)
    _deliver(field, name, body)
    _deliver(field, f"again-{name}", body)
    return name


@fault("bank-half")
async def half(field: Field, dice: Dice) -> str:
    """A status report that names only half of its transactions comes before the whole one."""
    name, body = _answer(field, dice, _KINDS["status"], of_several=True)
    document = _document(body)
    answers = _all(document, "TxInfAndSts")
    for answer in answers[len(answers) // 2 :]:
        _parent(answer).remove(answer)
    for group in _all(document, "OrgnlPmtInfAndSts"):
        if not _all(group, "TxInfAndSts"):
            _parent(group).remove(group)
    _all(document, "MsgId")[0].text = _made_up(dice, name)
    _deliver(field, f"half-{name}", _bytes(document))
    return f"{len(answers) // 2} of {len(answers)} answers of {name}"


@fault("bank-wrong-sum")
async def wrong_sum(field: Field, dice: Dice) -> str:
    """A statement whose closing balance does not come of its entries."""
    name, body = _answer(field, dice, _KINDS["statement"])
    document = _document(body)
    closing_amount = _all(document, "Bal")[-1].find("{*}Amt")
    if closing_amount is None or closing_amount.text is None:
        raise Missed("the statement has no closing balance")
    whole, _, cents = closing_amount.text.partition(".")
    closing_amount.text = f"{int(whole) + 1}.{cents}"
    _deliver(field, f"sum-{name}", _bytes(document))
    return name


@fault("bank-another-customer")
async def another_customer(field: Field, dice: Dice) -> str:
    """A file meant for somebody else: another account, and payments that are none of ours."""
    name, body = _answer(field, dice, _ANY)
    document = _document(body)
    for tag in ("MsgId", "OrgnlMsgId", "Id", "PmtInfId", "OrgnlPmtInfId", "EndToEndId", "OrgnlEndToEndId", "InstrId", "OrgnlInstrId"):
        for element in _all(document, tag):
            if element.text and element.text.strip():
                element.text = _made_up(dice, element.text)
    for account in document.iterfind(".//{*}Acct/{*}Id"):
        for number in account.iterfind(".//{*}IBAN"):
            number.text = f"{(number.text or 'XX')[:4]}{dice.number('account', number.text):020d}"
        for number in account.iterfind("{*}Othr/{*}Id"):
            number.text = f"{dice.number('account', number.text):020d}"
    _deliver(field, f"other-{name}", _bytes(document))
    return name


def _answer(field: Field, dice: Dice, like: str, *, of_several: bool = False) -> tuple[str, bytes]:
    """One of the files that the bank has written or owes; `of_several`: one on more than one transaction."""
    if not field.home.bank_book.exists():
        raise Missed("the bank has no book yet")
    with closing(connect(field.home.bank_book)) as book:
        files = book.execute("SELECT name, body FROM files_owed WHERE name LIKE ? ORDER BY name DESC LIMIT 20", (like,)).fetchall()
    files = [file for file in files if not of_several or file["body"].count(b"<TxInfAndSts") > 1]
    if not files:
        raise Missed("the bank has answered nothing of the kind yet")
    chosen = dice.one_of(files, "answer")
    return chosen["name"], chosen["body"]


def _deliver(field: Field, name: str, body: bytes) -> None:
    """Whole or not at all, as the bank does."""
    path: Path = field.home.bank_incoming / name
    unfinished = path.with_name(f".{name}.part")
    unfinished.write_bytes(body)
    unfinished.replace(path)


def _made_up(dice: Dice, text: str) -> str:
    return hashlib.sha256(f"{dice.seed} {text}".encode()).hexdigest()[:32]


def _document(body: bytes) -> etree._Element:
    return etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))


def _bytes(document: etree._Element) -> bytes:
    body: bytes = etree.tostring(document, xml_declaration=True, encoding="UTF-8")
    return body


def _all(element: etree._Element, tag: str) -> list[etree._Element]:
    return list(element.iterfind(f".//{{*}}{tag}"))


def _parent(element: etree._Element) -> etree._Element:
    parent = element.getparent()
    assert parent is not None, "the root is not asked for"
    return parent
