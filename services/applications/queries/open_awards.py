"""Awards as everybody may read them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from services.applications.domain.form import Form, known, stored_form
from services.applications.domain.open_awards import Award, record_of
from services.applications.tables import ApplicationRow, CallRow
from shared.kernel.errors import Refused
from shared.kernel.vocabulary import DecisionOutcome, VoucherOutcome
from shared.messaging.context import Context
from shared.privacy.sealed import without

MOST_RECORDS = 5_000
"""Of one answer: about 5 MB."""


async def award_records(context: Context, region: str | None, year: int | None) -> list[dict[str, Any]]:
    """The oldest first; `year` of the decision, in UTC. `Refused` 'too-many-awards'."""
    row = ApplicationRow
    query = select(row, CallRow).join(CallRow, col(CallRow.id) == col(row.call_id)).where(col(row.decision) == DecisionOutcome.GRANTED)
    if region is not None:
        query = query.where(col(row.region) == region)
    if year is not None:
        first, after = (datetime(one, 1, 1, tzinfo=UTC) for one in (year, year + 1))
        query = query.where(col(row.decided_at) >= first, col(row.decided_at) < after)
    named = [policy.id for policy in context.policies.all() if policy.publication is not None]
    records = dict[datetime, list[dict[str, Any]]]()
    for may_name in (False, True):  # the answers of the others are not even decrypted
        part = query.where(col(CallRow.policy_id).in_(named) if may_name else col(CallRow.policy_id).not_in(named))
        hidden = without(row.title, row.return_note, row.return_words, row.assessment, *([] if may_name else [row.form]))
        for application, call in (await context.session.execute(part.options(*hidden).limit(MOST_RECORDS + 1))).all():
            form = stored_form(application.form) if may_name else Form()
            records.setdefault(known(application.decided_at), []).append(_record(context, application, call, form))
    found = [record for decided_at in sorted(records) for record in sorted(records[decided_at], key=_identity)]
    if len(found) > MOST_RECORDS:
        raise Refused("too-many-awards", "These are more than {most} awards: ask for one region and one year.", most=MOST_RECORDS)
    return found


def _identity(record: Mapping[str, Any]) -> str:
    return str(record["id"])


def _record(context: Context, application: ApplicationRow, call: CallRow, form: Form) -> dict[str, Any]:
    granted_at = known(application.decided_at)
    award = Award(
        application_id=str(application.id),
        call_title=call.title.get("en") or next(iter(call.title.values())),
        region_name=context.policies.region_name(call.region, "en"),
        amount_minor=known(application.amount_minor),
        granted_at=granted_at,
        changed_at=max(granted_at, application.voucher_closed_at or granted_at),
        outcome=VoucherOutcome(application.voucher_outcome) if application.voucher_outcome else None,
        form=form,
    )
    return record_of(context.policies.get(call.policy_id), award)
