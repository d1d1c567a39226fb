"""The ranking list of a call: the list with its lines, statistics, the same under other assumptions, the approval."""

from typing import Any
from uuid import UUID

from starlette.responses import Response

from portal.client.applications import OpenCallView
from portal.client.base import ApiProblem
from portal.client.evaluation import RankingApprovalInput, RankingView, WhatIfView
from portal.kit.formats import amount, amount_fault, minor_of, money, whole_of
from portal.kit.names import named
from portal.kit.pages import go, page
from portal.kit.reader import FORM
from portal.kit.reader import mark as _
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Visit
from portal.officer.names import TAGS, outcome_name, rule_name, titles_of_call

PATH = "/officer/calls"
TO_APPROVE = ("ready", "revising")
"""States of a list that can be approved."""


async def ranking(visit: Visit) -> Response:
    call_id = UUID(str(visit.request.path_params["call_id"]))
    found = await visit.services.evaluation.get_call_ranking(await visit.caller(), call_id)
    supposed, form = await _supposed(visit, found)
    return await _page(visit, found, supposed, form)


async def list_of(visit: Visit) -> object:
    """What is asked to see whether the page has changed: the list itself, without other assumptions."""
    return await visit.services.evaluation.get_call_ranking(await visit.caller(), UUID(str(visit.request.path_params["call_id"])))


async def confirm(visit: Visit) -> Response:
    """What follows from the approval, asked once."""
    call_id = UUID(str(visit.request.path_params["call_id"]))
    found = await visit.services.evaluation.get_call_ranking(await visit.caller(), call_id)
    if found.state not in TO_APPROVE:
        return go(f"{PATH}/{call_id}/ranking")
    return await _confirm_page(visit, found, {}, restored=await visit.take_kept() is not None)


async def approve(visit: Visit) -> Response:
    """The list with the hash that the page showed; another list is not approved unseen."""
    call_id, caller = UUID(str(visit.request.path_params["call_id"])), await visit.caller()
    try:
        body = RankingApprovalInput(list_hash=visit.form.get("list_hash") or "0" * 64)
        await visit.services.evaluation.post_call_ranking_approval(caller, call_id, body)
    except ApiProblem as problem:
        if problem.status not in (403, 409, 422):
            raise
        found = await visit.services.evaluation.get_call_ranking(caller, call_id)
        return await _confirm_page(visit, found, {FORM: problem.detail}, problem.status)
    return go(f"{PATH}/{call_id}/ranking?done=approved")


async def call_of(visit: Visit, call_id: UUID) -> OpenCallView:
    """Raises `ApiProblem` 404."""
    call = (await visit.calls_by_id({call_id})).get(call_id)
    if call is None:
        raise ApiProblem(404, {"code": "unknown-call"})
    await visit.at(call.region)
    return call


async def _supposed(visit: Visit, found: RankingView) -> tuple[WhatIfView | None, dict[str, Any]]:
    """What the query supposes, and the form with what was typed and what is wrong with it. Nothing is asked without a query."""
    query = visit.request.query_params
    typed = {
        "budget": amount(found.envelope_minor, found.currency, visit.language),
        "threshold": str(found.total_threshold or ""),
        **{f"weight.{criterion.id}": str(criterion.points_max) for criterion in found.criteria},
    }
    form: dict[str, Any] = {"typed": typed | {name: query[name].strip() for name in typed if name in query}, "errors": {}}
    if "budget" not in query:
        return None, form
    asked, given = {}, form["typed"]
    try:
        asked["budget"] = minor_of(given["budget"], found.currency)
    except ValueError as error:
        form["errors"]["budget"] = amount_fault(error, visit.language, _("Enter an amount, for example 1,250.00"))
    for name in [name for name in typed if name != "budget" and given[name]]:
        try:
            asked[name] = whole_of(given[name])
        except ValueError:
            form["errors"][name] = text(visit.language, "Enter a whole number")
    if form["errors"]:
        return None, form
    weights = [f"{criterion.id}:{asked.get(f'weight.{criterion.id}', 0)}" for criterion in found.criteria]
    unchanged = all(given[name] == typed[name] for name in typed if name.startswith("weight."))
    try:
        supposed = await visit.services.evaluation.get_call_what_if(
            await visit.caller(),
            found.call_id,
            envelope_minor=asked["budget"],
            threshold=asked.get("threshold"),
            weight=None if unchanged else weights,
        )
    except ApiProblem as problem:
        if problem.status != 422:
            raise
        form["errors"] |= {FORM: problem.detail}
        return None, form
    return supposed, form


async def _page(visit: Visit, found: RankingView, supposed: WhatIfView | None, form: dict[str, Any]) -> Response:
    language = visit.language
    names = await named(visit, [found.approved_by, *(one.evaluator_id for one in found.statistics.evaluators)])
    return page(
        visit,
        "officer/ranking.html",
        status=422 if form["errors"] else 200,
        call=await call_of(visit, found.call_id),
        ranking=found,
        supposed=supposed,
        form=form,
        titles=await titles_of_call(visit, found.call_id),
        lines=lines_of(found),
        tags=TAGS,
        evaluator_name=names.evaluator,
        person=names.by,
        outcome_name=lambda one: outcome_name(one, language),
        rule_name=lambda one: rule_name(one, language),
    )


def lines_of(found: RankingView) -> dict[UUID, str]:
    """Application → the line that stands before it: 'reserve' where the money ends, 'refused' before who missed a threshold."""
    lines, before = {}, "granted"
    for entry in found.entries:
        outcome = entry.proposed or entry.listed_as or entry.outcome or "granted"
        if outcome != before and outcome in ("reserve", "refused"):
            lines[entry.application_id] = outcome
        before = outcome
    return lines


async def _confirm_page(visit: Visit, found: RankingView, errors: dict[str, str], status: int = 200, *, restored: bool = False) -> Response:
    language = visit.language
    await call_of(visit, found.call_id)
    revised = found.state == "revising"
    outcomes = [entry.proposed for entry in found.entries]
    counts = {
        "granted": outcomes.count("granted") + outcomes.count("invited"),
        "reserve": outcomes.count("reserve"),
        "refused": outcomes.count("refused"),
    }
    follows = [
        text(language, "To be granted: %(granted)s. On the reserve list: %(reserve)s. Refused: %(refused)s.") % counts,
        text(language, "Another list takes the place of the approved one. Applicants cannot appeal against it again.")
        if revised
        else text(language, "The list is published, and applicants are told. They may appeal within the term of the scheme."),
        text(language, "Decisions go out when the term is over and no appeal is open. The approval cannot be taken back."),
    ]
    if found.free_minor > 0 and found.next_minor is not None:
        left = {"free": money(found.free_minor, found.currency, language), "next": money(found.next_minor, found.currency, language)}
        follows.insert(1, text(language, "%(free)s is awarded to nobody: the next application asks for %(next)s.") % left)
    return page(
        visit,
        "kit/confirm.html",
        status=status,
        title=text(language, "Approve the revised list") if revised else text(language, "Approve the ranking list"),
        follows=follows,
        button=text(language, "Approve and publish"),
        back=f"{PATH}/{found.call_id}/ranking",
        hidden={"list_hash": found.list_hash or ""},
        restored=restored,
        form={"typed": {}, "errors": errors},
    )


_CALL = f"{PATH}/{{call_id:uuid}}"
ROUTES = [staff(f"{_CALL}/ranking", ranking, live=list_of), staff(f"{_CALL}/ranking/approval", confirm, approve)]
