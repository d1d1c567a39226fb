"""The whole case on one page: from the draft to the last payment, who has it, until when, each decision with its reasons."""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import TypeVar
from uuid import UUID

from starlette.responses import Response

from portal.applicant.timeline import Case, steps_of
from portal.applicant.vouchers import MOST, is_funded
from portal.client.applications import ApplicationDetail, BenefitView
from portal.client.base import ApiProblem
from portal.client.evaluation import RegistrationView, ResultView
from portal.client.vouchers import VoucherDetail
from portal.kit.pages import page
from portal.kit.routing import personal
from portal.kit.visit import Visit
from portal.kit.vouchers import unless_down

T = TypeVar("T")


async def case(visit: Visit) -> Response:
    """Parts of which the service gives no answer are missing, and the page says so."""
    application_id = UUID(str(visit.request.path_params["application_id"]))
    caller, services = await visit.caller(), visit.services
    application = await services.applications.get_application(caller, application_id)
    await visit.at(application.region)
    call = (await visit.calls_by_id([application.call_id]))[application.call_id]
    found = await _read(visit, application, call.benefit)
    voucher = next((one for one in found.vouchers if one.state != "closed"), found.vouchers[-1] if found.vouchers else None)
    steps = steps_of(found, call.zone, visit.language)
    return page(visit, "applicant/case.html", application=application, call=call, case=found, steps=steps, voucher=voucher)


async def _read(visit: Visit, application: ApplicationDetail, benefit: BenefitView | None) -> Case:
    """Payments keeps no account of a voucher that is hours or places."""
    caller, services = await visit.caller(), visit.services
    versions, decision, listed, registration = await asyncio.gather(
        services.applications.list_application_versions(caller, application.id),
        unless_down(_decision(visit, application.id)),
        unless_down(services.vouchers.list_vouchers(caller, application_id=application.id, limit=MOST, sort="created_at")),
        unless_down(_registration(visit, application.id)),
    )
    ids = [one.id for one in listed.items] if listed else []
    vouchers = await _each(services.vouchers.get_voucher(caller, voucher_id) for voucher_id in ids)
    funded = [one.id for one in listed.items if is_funded(one)] if listed and not benefit else []
    payments = await _each(services.payments.list_voucher_payments(caller, voucher_id) for voucher_id in funded)
    claims = await _each(services.payments.list_claims(caller, voucher_id=voucher_id, limit=MOST) for voucher_id in funded)
    changes = await _each(services.vouchers.list_changes(caller, voucher_id=voucher_id, limit=MOST) for voucher_id in ids)
    return Case(
        application=application,
        versions=versions,
        decision=decision if isinstance(decision, ResultView) else None,
        vouchers=[one for one in vouchers if isinstance(one, VoucherDetail)],
        payments=[one for found in payments if found for one in found],
        claims=[one for found in claims if found for one in found.items],
        changes=[one for found in changes if found for one in found.items],
        registration=registration,
        benefit=benefit,
        missing=listed is None or decision is None or None in vouchers or None in payments or None in claims,
    )


async def _decision(visit: Visit, application_id: UUID) -> ResultView | bool:
    """False for an application that is not in evaluation yet."""
    try:
        return await visit.services.evaluation.get_case_result(await visit.caller(), application_id)
    except ApiProblem as problem:
        if problem.code != "not-decided":
            raise
        return False


async def _registration(visit: Visit, application_id: UUID) -> RegistrationView | None:
    """None where no money is reserved at registration."""
    try:
        return await visit.services.evaluation.get_case_registration(await visit.caller(), application_id)
    except ApiProblem as problem:
        if problem.code != "not-registered":
            raise
        return None


async def _each(asked: Iterable[Awaitable[T]]) -> list[T | None]:
    return list(await asyncio.gather(*(unless_down(one) for one in asked)))


ROUTES = [personal("/cases/{application_id:uuid}", case, live=case)]
