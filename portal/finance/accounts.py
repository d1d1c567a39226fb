"""Accounts of payees, and those that wait for a second person."""

from functools import partial
from typing import Any

from starlette.responses import Response

from portal.client.base import ApiProblem
from portal.client.payments import AccountView, ProposalView
from portal.finance.acts import Act, confirms, decisions, part
from portal.finance.parts import own_zone
from portal.kit.formats import account_number
from portal.kit.lists import Cell, Column, Listing, every, instant, listed, region_filter
from portal.kit.names import Names, named
from portal.kit.pages import page
from portal.kit.regions import region_name, zone_of
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Visit

PATH = "/finance/accounts"
PROPOSALS = PATH + "/proposals"


def reasons(language: str) -> dict[str, str]:
    return {
        "account-changed": text(language, "The account or its holder is another one"),
        "account-shared": text(language, "Another payee has the same account"),
        "account-stated": text(language, "A provider of the catalogue has given its first account"),
    }


async def accounts(visit: Visit) -> Response:
    language, regions = visit.language, await visit.regions()
    kinds = {"beneficiary": text(language, "Beneficiary"), "provider": text(language, "Provider")}
    listing: Listing[AccountView] = Listing(
        name="accounts",
        title=text(language, "Accounts of payees"),
        columns=[
            Column("name", text(language, "Holder"), lambda one: Cell(
                one.name or text(language, "Waits or erased"), f"{PATH}/{one.payee_id}?region={one.region}")),
            Column("account", text(language, "Account"), lambda one: one.account or ""),
            Column("kind", text(language, "Payee"), lambda one: kinds.get(one.kind, one.kind)),
            Column("region", text(language, "Region"), lambda one: region_name(regions, one.region, language)),
            Column("rests", text(language, "Nothing is paid to it before"), lambda one: instant(
                one.cooling_off_until, zone_of(regions, one.region), language)),
        ],
        ask=partial(visit.services.payments.list_accounts, await visit.caller()),
        empty=text(language, "No payee has an account yet. Beneficiaries set their own."),
        filters=[await region_filter(visit, "finance")],
    )  # fmt: skip
    return await listed(visit, listing)


async def account(visit: Visit) -> Response:
    """Every account that the payee has had, masked."""
    payee = str(visit.request.path_params["payee_id"])
    history = await visit.services.payments.get_account_history(await visit.caller(), payee)
    if (region := visit.request.query_params.get("region", "")) in visit.regions_by_role.get("finance", ()):
        await visit.at(region)
    names = await named(visit, [actor for one in history for actor in (one.set_by, one.confirmed_by)])
    return page(visit, "finance/account.html", history=history, who=names.by, root=PATH, zone=await own_zone(visit))


async def proposals(visit: Visit) -> Response:
    language, regions, why, names = visit.language, await visit.regions(), reasons(visit.language), Names(visit)
    ask = partial(visit.services.payments.list_account_proposals, await visit.caller())
    listing: Listing[ProposalView] = Listing(
        name="accounts-to-confirm",
        title=text(language, "Accounts to confirm"),
        columns=[
            Column("name", text(language, "Holder"), lambda one: Cell(
                one.name or text(language, "Erased"), f"{PROPOSALS}/{one.proposal_id}/confirmation")),
            Column("account", text(language, "Account"), _number),
            Column("reason", text(language, "Why"), lambda one: why.get(one.reason, one.reason)),
            Column("region", text(language, "Region"), lambda one: region_name(regions, one.region, language)),
            Column("proposed_at", text(language, "Proposed"), lambda one: instant(one.proposed_at, zone_of(regions, one.region), language)),
            Column("proposed_by", text(language, "By"), lambda one: names.by(one.proposed_by)),
        ],
        ask=names.learning(ask, "proposed_by"),
        empty=text(language, "No account waits for a confirmation."),
        filters=[await region_filter(visit, "finance")],
    )  # fmt: skip
    return await listed(visit, listing, "finance/account-proposals.html")


def _number(one: ProposalView) -> str:
    number = next(iter((one.account or {}).values()), "")
    return account_number(number, "") if number else ""


async def decision(visit: Visit) -> Act:
    """`ApiProblem` 404 once it is decided."""
    known: list[ProposalView] = await every(partial(visit.services.payments.list_account_proposals, await visit.caller()))
    wanted, language, services, yes = _proposal(visit), visit.language, visit.services.payments, confirms(visit)
    found = next((one for one in known if str(one.proposal_id) == wanted), None)
    if found is None:
        raise ApiProblem(404, {"code": "unknown-proposal"})
    await visit.at(found.region)
    step: Any = services.post_account_proposal_confirmation if yes else services.post_account_proposal_rejection
    here = text(language, "Holder: %(name)s. Account: %(number)s.") % {"name": found.name or "", "number": _number(found)}
    confirming = [
        here, reasons(language).get(found.reason, found.reason) + ".",
        text(language, "Compare the number with a document that does not come from the message that announced it."),
        text(language, "Approvals of payments to the old account become void, and the new one rests before it is paid to."),
    ]  # fmt: skip
    return Act(
        title=text(language, "Confirm the account") if yes else text(language, "Reject the account"),
        follows=confirming if yes else [here, text(language, "The account in force stays. Another one may be proposed.")],
        button=text(language, "Confirm the account") if yes else text(language, "Reject the account"),
        step=lambda caller, _given: step(caller, wanted),
        back=PROPOSALS,
        done=f"{PROPOSALS}?done={'confirmed' if yes else 'rejected'}",
        values={"reject": f"{PROPOSALS}/{wanted}/rejection"} if yes else {},
        template="finance/account-proposal.html",
    )


_proposal = part("proposal_id")
PROPOSAL = PROPOSALS + "/{proposal_id:uuid}"
ROUTES = [
    staff(PATH, accounts),
    staff(PROPOSALS, proposals),
    *decisions(PROPOSAL, decision),
    staff(PATH + "/{payee_id:uuid}", account),
]
