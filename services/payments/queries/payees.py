"""Payees and their accounts, for those who register them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select

from services.payments.queries.scope import in_scope, matching
from services.payments.tables import PayeeRow
from shared.identity.permissions import Permission
from shared.messaging.context import Context
from shared.web.paging import Page, Paging, Sorting, page_of

PAYEES = Sorting({"account_set_at": PayeeRow.account_set_at, "region": PayeeRow.region}, tie=PayeeRow.id, default="-account_set_at")


class Payee(BaseModel):
    """`cooling_off_until`: nothing is sent to the account before, because it was changed."""

    payee_id: UUID
    kind: str
    region: str
    organisation_id: UUID | None
    name: str
    account: dict[str, str]
    address: dict[str, Any] | None
    account_version: int
    cooling_off_until: datetime | None

    @classmethod
    def of(cls, row: PayeeRow) -> "Payee":
        account = {"iban" if row.account_number[:2].isalpha() else "bban": row.account_number}
        return cls.model_validate({**row.model_dump(), "payee_id": row.id, "account": account})


async def list_payees(context: Context, paging: Paging, region: str | None, organisation_id: UUID | None, kind: str | None) -> Page[Payee]:
    criteria = matching(organisation=(PayeeRow.organisation_id, organisation_id), kind=(PayeeRow.kind, kind))
    scope = in_scope(context.actor, Permission.REGISTER_PAYEE, region, PayeeRow)
    return await page_of(context.session, select(PayeeRow).where(*scope, *criteria), paging, Payee.of)
