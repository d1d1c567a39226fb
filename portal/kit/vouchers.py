"""What pages say of vouchers, for beneficiaries and for officers: titles, changes, reports."""

from collections.abc import Awaitable
from typing import TypeVar

from portal.client.applications import QuestionView
from portal.client.base import NoAnswer
from portal.client.vouchers import ReportView, VoucherDetail
from portal.kit.texts import text
from portal.kit.visit import Visit

T = TypeVar("T")


async def title_of(visit: Visit, voucher: VoucherDetail) -> str:
    """Of the application. Without it a page about the voucher is of use all the same."""
    found = await unless_down(visit.services.applications.get_application(await visit.caller(), voucher.application_id))
    return (found.title if found else None) or text(visit.language, "Application without a title")


async def unless_down(asked: Awaitable[T]) -> T | None:
    """None where the service gives no answer, so that the rest of the page is shown."""
    try:
        return await asked
    except NoAnswer:
        return None


def change_kinds(language: str) -> dict[str, str]:
    """Kind of a change → what it is called."""
    return {
        "extension": text(language, "More time"),
        "provider": text(language, "Another provider"),
        "amount": text(language, "Another amount"),
    }


def questions_of(found: ReportView) -> list[QuestionView]:
    """As those of an application form, so that they are shown and read by the same code."""
    return [QuestionView.model_validate(one.model_dump() | {"blind": False}) for part in found.sections for one in part.questions]
