"""A bank file of ten thousand transfers."""

import time
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from importlib.metadata import distribution
from uuid import UUID

from lxml import etree

from bench.declare import Aim, Figures, Sides, benchmark
from bench.stack import Stack
from services.payments.iso20022.model import Account, Address, BatchFile, CreditTransfer, Party
from services.payments.iso20022.pain001 import build_batch
from services.payments.iso20022.profiles import SEPA_SCT
from shared.kernel.ids import derive_id
from shared.kernel.money import Money

METRIC = "ms"
BATCH = UUID(int=9)
SCHEMA = distribution("sepaxml").locate_file("sepaxml/schemas/pain.001.001.09.xsd")
DEBTOR = Party("Sample Agency", Account("GR1601101250000000012300695"))
PAYEE = Party("Obrt Žuti Čamac", Account("HR1210010051863000160"), "ZABAHR2X", Address("HR", "Koprivnica", "Izmišljena ulica", "7"))


@benchmark("Bank file", unit="ms", aims=(Aim("build and validate", metric=METRIC, at_most=3_000),))
async def bank_file(stack: Stack) -> AsyncIterator[Sides]:
    """Ten thousand transfers: every rule of the scheme checked, the pain.001.001.09 built, and the bytes validated by the official
    schema. The baseline is the time of lxml alone to parse and write the same bytes."""
    batch = batch_of(stack.pick(10_000, 500))
    schema, data = etree.XMLSchema(etree.parse(str(SCHEMA))), build_batch(batch)

    async def ours() -> Figures:
        began = time.perf_counter()
        schema.assertValid(etree.fromstring(build_batch(batch)))
        return {METRIC: (time.perf_counter() - began) * 1000}

    async def engine() -> Figures:
        began = time.perf_counter()
        etree.tostring(etree.fromstring(data), xml_declaration=True, encoding="UTF-8")
        return {METRIC: (time.perf_counter() - began) * 1000}

    yield {"build and validate": ours, "lxml alone": engine}


def batch_of(count: int) -> BatchFile:
    transfers = tuple(_transfer(derive_id(BATCH, number), 100_000 + number) for number in range(count))
    return BatchFile(BATCH, SEPA_SCT, datetime(2026, 2, 27, 9, 30, tzinfo=UTC), date(2026, 3, 2), DEBTOR, transfers)


def _transfer(disbursement: UUID, minor: int) -> CreditTransfer:
    return CreditTransfer(disbursement, derive_id(disbursement, 1), Money(minor, "EUR"), PAYEE, "Voucher KRT-7F3K-92QM-5", 1)
