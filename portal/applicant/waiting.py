"""What waits for the person besides drafts and offers: an appeal, a claim that came back, an account that the bank refuses."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from portal.applicant.vouchers import is_funded, nothing
from portal.client.applications import ApplicationDetail, ApplicationView, OpenCallDetail, OpenCallView
from portal.client.base import ApiProblem
from portal.client.evaluation import OpenAppealView, ResultView
from portal.client.payments import ClaimView, OrderView, OwnPaymentView
from portal.client.vouchers import VoucherView
from portal.kit.formats import last_moment, money
from portal.kit.lists import every
from portal.kit.texts import text
from portal.kit.visit import Visit
from portal.kit.vouchers import unless_down

MOST = 5
"""Claims to correct that are shown."""
IN_USE = ("issued", "claiming", "settling")
Calls = Mapping[UUID, OpenCallView]


@dataclass(frozen=True)
class Act:
    """`title`: of a link to where it is done. `about`: the project or the call. `hint`: why, and until when. `tag`: in a word."""

    title: str
    link: str
    about: str
    hint: str
    tag: str


def may_be_listed(application: ApplicationView | ApplicationDetail, call: OpenCallView | OpenCallDetail | None) -> bool:
    """Whether there may be a list with a place of the application."""
    return application.state == "eligible" and call is not None and call.selection_method == "ranking"


async def result_of(
    visit: Visit, application: ApplicationView | ApplicationDetail, call: OpenCallView | OpenCallDetail | None
) -> ResultView | None:
    """Where the application stands in an approved list. None without a list, and while evaluation gives no answer."""
    if not may_be_listed(application, call):
        return None
    try:
        found = await unless_down(visit.services.evaluation.get_case_result(await visit.caller(), application.id))
    except ApiProblem as problem:
        if problem.status != 404:
            raise
        return None
    return found if found and found.listed_as else None


async def acts(visit: Visit, mine: Iterable[ApplicationView], vouchers: Iterable[VoucherView], calls: Calls) -> list[Act]:
    """The most urgent ones first, by kind."""
    caller, services, language = await visit.caller(), visit.services, visit.language
    listed = [one.id for one in mine if one.decision is None and may_be_listed(one, calls.get(one.call_id))]
    used = {one.id: one for one in vouchers if is_funded(one) and one.state in IN_USE}
    ask = partial(services.payments.list_orders, caller)
    appeals, refused, returned, orders = await asyncio.gather(
        unless_down(services.evaluation.list_open_appeals(caller, application_id=listed)) if listed else nothing(),
        unless_down(services.payments.list_payments_to_correct(caller, voucher_id=[*used])) if used else nothing(),
        unless_down(services.payments.list_claims(caller, state="returned", limit=MOST)) if used else nothing(),
        unless_down(every(ask, organisation_id=visit.person.organisation)) if used else nothing(),
    )
    titles = {one.id: one.title or text(language, "Application without a title") for one in mine}
    found = [
        _appeal(one, titles[one.application_id], calls[one.call_id].zone, language) for one in appeals or () if one.listed_as != "granted"
    ]
    for payment in refused or ():
        voucher = used[payment.voucher_id]
        found.append(_account(payment, titles.get(voucher.application_id, ""), language))
    for claim in returned.items if returned else ():
        call = calls.get(claim.call_id)
        found.append(_claim(claim, titles.get(claim.application_id, ""), call.zone if call else "UTC", language))
    waiting = [one for one in orders or () if one.state == "invoiced" or (one.state == "rerouted" and not one.replaced_by)]
    return found + [_order(one, language) for one in waiting]


def _order(order: OrderView, language: str) -> Act:
    amount, name = money(order.agreed_minor, order.currency, language), order.provider_name or ""
    if order.state == "invoiced":
        words, hint = text(language, "Confirm the delivery of %(amount)s"), text(language, "The provider has sent its invoices")
        return Act(words % {"amount": amount}, f"/orders/{order.order_id}", name, hint, text(language, "To be confirmed"))
    words, hint = (
        text(language, "Choose another provider for %(amount)s"),
        text(language, "The provider left the catalogue; the terms stay"),
    )
    return Act(words % {"amount": amount}, f"/orders/{order.order_id}", name, hint, text(language, "Needs another provider"))


def _appeal(one: OpenAppealView, title: str, zone: str, language: str) -> Act:
    words = (
        text(language, "In the list it is on the reserve list. You can appeal until %(moment)s.")
        if one.listed_as == "reserve"
        else text(language, "In the list it is refused. You can appeal until %(moment)s.")
    )
    until, link = last_moment(one.appeal_until, zone, language), f"/applications/{one.application_id}/appeal"
    return Act(text(language, "Read the result"), link, title, words % {"moment": until}, text(language, "The list is published"))


def _account(payment: OwnPaymentView, title: str, language: str) -> Act:
    amount = money(payment.amount_minor, payment.currency, language)
    words = text(language, "Give another account for %(amount)s") % {"amount": amount}
    why = f"{payment.reason.meaning} {payment.reason.remedy}" if payment.reason else ""
    return Act(words, f"/vouchers/{payment.voucher_id}/account", title, why, text(language, "Not paid: the bank refused it"))


def _claim(claim: ClaimView, title: str, zone: str, language: str) -> Act:
    amount = money(claim.requested_minor, claim.currency, language)
    words = text(language, "Correct the claim of %(amount)s") % {"amount": amount}
    until = last_moment(claim.correct_by, zone, language) if claim.correct_by else ""
    hint = text(language, "Correct it until %(moment)s") % {"moment": until} if until else ""
    return Act(words, f"/claims/{claim.claim_id}", title, hint, text(language, "To be corrected"))
