"""A bank that answers twice, partly, wrongly, for another customer, or late. The real answer also arrives, before or after."""

import asyncio
import hashlib
import signal
from contextlib import closing

from lxml import etree

from shared.identity.signatures import load_signing_key
from simulation.bank.bank import deliver
from simulation.bank.book import connect
from simulation.chaos.faults.registry import Skipped, fault
from simulation.chaos.target import Target
from simulation.demo.seeded_random import SeededRandom

_KINDS = {"status": "%pain002%", "statement": "%camt053%"}
_ANY = "%"


@fault("bank-silent")
async def bank_paused(target: Target, random: SeededRandom) -> str:
    """The bank process is stopped for some programme days."""
    seconds = random.between(4, 12, "seconds")
    if not target.send("bank", signal.SIGSTOP):
        raise Skipped("the bank is not running")
    await asyncio.sleep(seconds)
    target.send("bank", signal.SIGCONT)
    return f"for {seconds} s"


@fault("bank-twice")
async def answer_twice(target: Target, random: SeededRandom) -> str:
    """One answer of the bank is delivered again, under the same file name and under another one."""
    name, body = _answer(target, random, _ANY)
    _deliver(target, name, body)
    _deliver(target, f"again-{name}", body)
    return name


@fault("bank-half")
async def partial_answer(target: Target, random: SeededRandom) -> str:
    """A copy of a status report with only half of its transactions is delivered."""
    name, body = _answer(target, random, _KINDS["status"], of_several=True)
    document = _document(body)
    answers = _all(document, "TxInfAndSts")
    for answer in answers[len(answers) // 2 :]:
        _parent(answer).remove(answer)
    for group in _all(document, "OrgnlPmtInfAndSts"):
        if not _all(group, "TxInfAndSts"):
            _parent(group).remove(group)
    _all(document, "MsgId")[0].text = _fictional_id(random, name)
    _deliver(target, f"half-{name}", _bytes(document))
    return f"{len(answers) // 2} of {len(answers)} answers of {name}"


@fault("bank-wrong-sum")
async def wrong_balance(target: Target, random: SeededRandom) -> str:
    """A copy of a statement is delivered whose closing balance does not match its entries."""
    name, body = _answer(target, random, _KINDS["statement"])
    document = _document(body)
    closing_amount = _all(document, "Bal")[-1].find("{*}Amt")
    if closing_amount is None or closing_amount.text is None:
        raise Skipped("the statement has no closing balance")
    whole, _, cents = closing_amount.text.partition(".")
    closing_amount.text = f"{int(whole) + 1}.{cents}"
    _deliver(target, f"sum-{name}", _bytes(document))
    return name


@fault("bank-another-customer")
async def another_customer(target: Target, random: SeededRandom) -> str:
    """A file for another customer is delivered: another account, and payments that are not ours."""
    name, body = _answer(target, random, _ANY)
    document = _document(body)
    for tag in ("MsgId", "OrgnlMsgId", "Id", "PmtInfId", "OrgnlPmtInfId", "EndToEndId", "OrgnlEndToEndId", "InstrId", "OrgnlInstrId"):
        for element in _all(document, tag):
            if element.text and element.text.strip():
                element.text = _fictional_id(random, element.text)
    for account in document.iterfind(".//{*}Acct/{*}Id"):
        for number in account.iterfind(".//{*}IBAN"):
            number.text = f"{(number.text or 'XX')[:4]}{random.number('account', number.text):020d}"
        for number in account.iterfind("{*}Othr/{*}Id"):
            number.text = f"{random.number('account', number.text):020d}"
    _deliver(target, f"other-{name}", _bytes(document))
    return name


def _answer(target: Target, random: SeededRandom, like: str, *, of_several: bool = False) -> tuple[str, bytes]:
    """Returns a file that the bank wrote or will write. `of_several`: a file with a status for each of several transactions.

    Raises `Skipped` if there is none.
    """
    if not target.data.bank_book.exists():
        raise Skipped("the bank has no book yet")
    with closing(connect(target.data.bank_book)) as book:
        files = book.execute("SELECT name, body FROM files_owed WHERE name LIKE ? ORDER BY name DESC LIMIT 20", (like,)).fetchall()
    files = [file for file in files if not of_several or file["body"].count(b"<TxSts") > 1]
    if not files:
        raise Skipped("the bank has no such answer yet")
    chosen = random.one_of(files, "answer")
    return chosen["name"], chosen["body"]


def _deliver(target: Target, name: str, body: bytes) -> None:
    deliver(target.data.bank_incoming / name, body, load_signing_key(target.data.bank_keys.banks))


def _fictional_id(random: SeededRandom, text: str) -> str:
    return hashlib.sha256(f"{random.seed} {text}".encode()).hexdigest()[:32]


def _document(body: bytes) -> etree._Element:
    return etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))


def _bytes(document: etree._Element) -> bytes:
    body: bytes = etree.tostring(document, xml_declaration=True, encoding="UTF-8")
    return body


def _all(element: etree._Element, tag: str) -> list[etree._Element]:
    return list(element.iterfind(f".//{{*}}{tag}"))


def _parent(element: etree._Element) -> etree._Element:
    parent = element.getparent()
    assert parent is not None, "called for child elements only"
    return parent
