"""How the bank of a region wants its orders: what differs between banks of one payment scheme, and changes with their guides."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from shared.policy.sections import Slug, Strict, Text


class BankOrders(Strict):
    """`regions/<region>/bank-<first day>.toml`: from that day on all orders of the region, also those of cases that are pinned to an older
    policy: it is the bank's rule, no rule of the scheme. Without a file, or a value, an order is as the scheme has it.

    `message`: the version of the order. `batch_booking`: one debit for the whole batch. `bic`: of the debtor's bank. `initiating_id`: the
    number under which the bank knows who orders, for instance its KBO number, with the `initiating_issuer` of such numbers.
    `charge_bearer`: who pays the charges. `addresses`: of payees: left out, structured, or with up to two free lines beside town and
    country. Free lines alone are refused by banks since 15 November 2026 (EPC).
    """

    region: Slug
    effective_from: date
    source: Text
    message: Literal["pain.001.001.03", "pain.001.001.09"] | None = None
    batch_booking: bool | None = None
    bic: Annotated[str, Field(pattern=r"^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$")] | None = None
    initiating_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9/?:().,'+-]+$", max_length=35)] | None = None
    initiating_issuer: Annotated[str, Field(pattern=r"^[A-Za-z0-9/?:().,'+ -]+$", max_length=35)] | None = None
    charge_bearer: Literal["SLEV", "SHAR", "DEBT"] | None = None
    addresses: Literal["none", "structured", "hybrid"] | None = None
