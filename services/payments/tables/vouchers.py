"""Vouchers as payments knows them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, col

from services.payments.domain.states import MONEY_TRANSITIONS, ClosureReason, MoneyState
from services.payments.tables.base import Table, minor, refers
from shared.database.base import instant, one_of
from shared.database.privileges import fixed
from shared.database.states import guard_transitions
from shared.privacy.sealed import about_subject


class VoucherRow(Table, table=True):
    """A voucher as payments knows it, with its share of the envelope. The checks stop claims and payments above its value.

    `amount_minor` is what the award gave, `value_minor` what it is worth now, by the changes that were granted; `drawn_minor` what it took
    from the envelope in all. `state` is a `MoneyState`; `closure_reason` says why no more claims are taken. `released_minor` counts what
    went back to the envelope, `claimed_minor` what is asked for or granted. `suspension_changed_at` is the time of the last suspension or
    resumption; after `removed_at` its claims have no texts. `terms`: JSON of `shared.contracts.common.AwardTerms`, None where the
    policy gives all the same; `issued_at` and `valid_until` are None of vouchers that were issued before these were kept.
    """

    __tablename__ = "vouchers"
    __table_args__ = (
        CheckConstraint(one_of("state", MoneyState), name="known_state"),
        CheckConstraint(one_of("closure_reason", ClosureReason), name="known_closure_reason"),
        CheckConstraint("reserved_minor + committed_minor + paid_minor + released_minor <= drawn_minor", name="within_value"),
        CheckConstraint("reserved_minor >= 0 AND committed_minor >= 0 AND paid_minor >= 0 AND released_minor >= 0", name="not_negative"),
        CheckConstraint("recovered_minor BETWEEN 0 AND paid_minor", name="recovered_was_paid"),
        CheckConstraint("claimed_minor BETWEEN 0 AND value_minor", name="claims_within_value"),
        CheckConstraint("value_minor BETWEEN 1 AND drawn_minor AND drawn_minor >= amount_minor", name="drawn_covers_value"),
        CheckConstraint("state NOT IN ('issued', 'settled') OR claim_window_until IS NOT NULL", name="issued_with_dates"),
        fixed("id application_id call_id region organisation_id policy_id currency amount_minor terms"),
    )

    id: UUID = Field(primary_key=True)
    application_id: UUID = Field(index=True)
    call_id: UUID = refers("envelopes.call_id")
    region: str = Field(index=True)
    organisation_id: UUID
    policy_id: str
    currency: str
    state: str
    amount_minor: int = minor()
    value_minor: int = minor()
    drawn_minor: int = minor()
    reserved_minor: int = minor(0)
    committed_minor: int = minor(0)
    paid_minor: int = minor(0)
    recovered_minor: int = minor(0)
    released_minor: int = minor(0)
    claimed_minor: int = minor(0)
    terms: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    code: str | None = None
    payment_mode: str | None = None
    issued_at: datetime | None = instant()
    valid_until: datetime | None = instant()
    claim_window_until: datetime | None = instant()
    suspended: bool = False
    suspension_changed_at: datetime | None = instant()
    closure_reason: str | None = None
    removed_at: datetime | None = instant()


guard_transitions(col(VoucherRow.state), MONEY_TRANSITIONS)
about_subject(VoucherRow, subject="organisation_id")
