"""Legal holds: while one is in force, nothing of its cases is removed. One officer places it, another one lifts it."""

from functools import partial
from typing import Any

from starlette.responses import Response

from portal.client.applications import HoldInput, HoldView, Reason
from portal.client.base import Caller
from portal.finance.acts import Act, act, part
from portal.kit.lists import Cell, Column, Filter, Listing, instant, listed, region_filter
from portal.kit.names import Names
from portal.kit.reader import Reader
from portal.kit.reader import mark as _
from portal.kit.regions import region_name
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Regions, Visit

LIST = "/officer/holds"
CASE, ORGANISATION = "case", "organisation"
ACT = "officer/record-act.html"


def reasons(language: str) -> dict[str, str]:
    """Code of the reason for a hold → words; the code goes into the event."""
    return {
        "court-case": text(language, "A court case"),
        "audit": text(language, "An audit"),
        "irregularity": text(language, "An irregularity is looked into"),
        "request-of-an-authority": text(language, "An authority asked for it"),
    }


def lifting_reasons(language: str) -> dict[str, str]:
    return {
        "case-over": text(language, "The proceeding is over"),
        "audit-over": text(language, "The audit is over"),
        "placed-by-mistake": text(language, "It was placed by mistake"),
    }


def worded(code: str, names: dict[str, str]) -> str:
    """A code that was given by a program and has no words here is shown as it is."""
    return names.get(code, code.replace("-", " "))


async def holds(visit: Visit) -> Response:
    language, names = visit.language, Names(visit)
    listing = Listing(
        name="holds",
        title=text(language, "Legal holds"),
        columns=_columns(visit, await visit.regions(), names),
        ask=names.learning(partial(visit.services.applications.list_holds, await visit.caller()), "placed_by", "lifted_by"),
        empty=text(
            language,
            "No case is held. An officer places a hold on the page of an application; until it is lifted, nothing of the case is removed.",
        ),
        filters=[Filter("in_force", text(language, "State"), {"true": text(language, "In force")}), await region_filter(visit, "officer")],
        sort="-placed_at",
    )
    done = {
        "placed": text(language, "The hold is placed. It is in force at once."),
        "lifted": text(language, "The hold is lifted."),
    }
    return await listed(visit, listing, "kit/list.html", said=done)


def _columns(visit: Visit, regions: Regions, names: Names) -> list[Column[HoldView]]:
    language, lifts, own = visit.language, "officer" in visit.roles, str(visit.person.person_id)

    def what(one: HoldView) -> Cell:
        kind = text(language, "One case") if one.subject_kind == CASE else text(language, "All cases of an organisation in the region")
        return Cell(", ".join(one.receipts) or text(language, "Draft"), subject_path(one), below=kind, value=str(one.subject_id))

    def state(one: HoldView) -> Cell:
        if one.lifted_at is None:
            return Cell(text(language, "In force"), colour="yellow", value="in-force")
        words = worded(one.lifting_reason or "", lifting_reasons(language))
        lifted = text(language, "Lifted by %(who)s: %(why)s") % {"who": names.by(one.lifted_by), "why": words}
        return Cell(text(language, "Lifted"), colour="grey", below=lifted, value="lifted")

    def lifting_of(one: HoldView) -> Cell:
        if one.lifted_at is not None or not lifts:
            return Cell("")
        if one.placed_by == own:
            return Cell(text(language, "Another officer lifts it"))
        return Cell(text(language, "Lift it"), f"{LIST}/{one.id}/lifting")

    return [
        Column("placed_at", text(language, "Placed"), lambda one: instant(one.placed_at, regions[one.region].zone, language), "placed_at"),
        Column("what", text(language, "What is held"), what),
        Column("reason", text(language, "Reason"), lambda one: Cell(worded(one.reason, reasons(language)), value=one.reason)),
        Column("by", text(language, "Placed by"), lambda one: names.by(one.placed_by)),
        Column("region", text(language, "Region"), lambda one: region_name(regions, one.region, language)),
        Column("state", text(language, "State"), state),
        Column("lifting", text(language, "What you can do"), lifting_of),
    ]  # fmt: skip


def subject_path(one: HoldView) -> str:
    return f"/audit/case?ref={one.subject_id}" if one.subject_kind == CASE else f"/officer/organisations/{one.subject_id}"


async def placing(visit: Visit) -> Act:
    """On the case of the page, or on all of its organisation."""
    language, applications = visit.language, visit.services.applications
    application = await applications.get_application(await visit.caller(), _application(visit))
    await visit.at(application.region)
    subjects = {
        CASE: text(language, "This case alone"),
        ORGANISATION: text(language, "All cases of its organisation in this region, also later ones"),
    }
    ids = {CASE: application.id, ORGANISATION: application.organisation_id}

    def read(reader: Reader) -> tuple[str, str]:
        kind, reason = reader.line("subject", CHOOSE_SUBJECT), reader.line("reason", CHOOSE_REASON)
        if kind and kind not in subjects:
            reader.errors["subject"] = text(language, CHOOSE_SUBJECT)
        if reason and reason not in reasons(language):
            reader.errors["reason"] = text(language, CHOOSE_REASON)
        return kind, reason

    async def step(caller: Caller, given: Any) -> None:
        kind, reason = given
        await applications.post_hold(caller, HoldInput(region=application.region, subject_kind=kind, subject_id=ids[kind], reason=reason))

    return Act(
        title=text(language, "Place a legal hold"),
        follows=[
            text(language, "While the hold is in force, nothing of the case is removed or erased, even when its term is over."),
            text(language, "It is in force at once. Another officer lifts it; you cannot lift it yourself."),
        ],
        button=text(language, "Place the hold"),
        step=step,
        read=read,
        back=f"/officer/applications/{application.id}",
        done=f"{LIST}?done=placed&in_force=true",
        reasons=reasons(language),
        template=ACT,
        values={"caption": application.receipt, "subjects": subjects},
    )


async def lifting(visit: Visit) -> Act:
    language, applications = visit.language, visit.services.applications
    found = await applications.get_hold(await visit.caller(), _hold(visit))
    await visit.at(found.region)
    return Act(
        title=text(language, "Lift a legal hold"),
        follows=[
            text(language, "It was placed for this reason: %(why)s.") % {"why": worded(found.reason, reasons(language))},
            text(
                language,
                "Once it is lifted, the next daily run removes the content of the cases whose term is over. That cannot be undone.",
            ),
            text(language, "It is for another officer than the one who placed it."),
        ],
        button=text(language, "Lift the hold"),
        step=lambda caller, reason: applications.post_hold_lifting(caller, found.id, Reason(reason=reason)),
        back=LIST,
        done=f"{LIST}?done=lifted",
        reasons=lifting_reasons(language),
        template=ACT,
        values={"caption": ", ".join(found.receipts)},
    )


CHOOSE_SUBJECT = _("Say what is held")
CHOOSE_REASON = _("Choose a reason")
_application, _hold = part("application_id"), part("hold_id")
ROUTES = [
    staff(LIST, holds),
    act("/officer/applications/{application_id:uuid}/hold", placing),
    act(LIST + "/{hold_id:uuid}/lifting", lifting),
]
