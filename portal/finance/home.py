"""The first page of finance: what waits, how many, since when and until when; and the envelopes."""

import asyncio
from functools import partial

from starlette.responses import Response

from portal.client.payments import WaitingView
from portal.finance import capacities
from portal.finance.parts import names_of_calls, own_zone
from portal.kit.desks import Task
from portal.kit.formats import last_moment, moment
from portal.kit.pages import page
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Visit

TO_CONFIRM = "/finance/envelopes?awaits_confirmation=true"
SCARCEST = 5
"""Envelopes on the page."""


async def tasks(visit: Visit) -> list[Task]:
    """In the order of urgency."""
    language, of_payments = visit.language, visit.services.payments.get_desk(await visit.caller(), region=visit.region_as("finance"))
    desk, of_capacities, zone = await asyncio.gather(of_payments, capacities.task(visit), own_zone(visit))
    return [
        _task(text(language, "Payments with an unknown outcome"), desk.unknown, "/finance/payments?state=unknown", language, zone),
        _task(text(language, "Proofs of an outcome to confirm"), desk.proofs, "/finance/payments?proof=proposed", language, zone),
        _task(
            text(language, "Uploaded files of the bank to confirm"), desk.uploads, "/finance/files/uploads?state=proposed", language, zone
        ),
        _task(text(language, "Unmatched lines of the bank"), desk.unmatched, "/finance/lines", language, zone),
        _task(
            text(language, "Proposals for lines of the bank to confirm"),
            desk.line_proposals,
            "/finance/lines?which=proposed",
            language,
            zone,
        ),
        _task(text(language, "Files of the bank that were refused"), desk.refused_files, "/finance/files?state=refused", language, zone),
        _task(text(language, "Payments to correct"), desk.to_correct, "/finance/payments?state=rejected", language, zone),
        _task(text(language, "Batches to release"), desk.to_release, "/finance/batches?state=sealed", language, zone),
        _task(text(language, "Payments to seal in a batch"), desk.to_seal, "/finance/batches/new", language, zone),
        _task(text(language, "Payments to approve"), desk.to_approve, "/finance/approvals", language, zone),
        _task(text(language, "Accepted claims to prepare for payment"), desk.to_prepare, "/finance/claims", language, zone),
        _task(text(language, "Accounts to confirm"), desk.accounts, "/finance/accounts/proposals", language, zone),
        _task(text(language, "Envelopes to confirm"), desk.envelopes_to_confirm, TO_CONFIRM, language, zone),
        of_capacities,
        _task(
            text(language, "Changes of envelopes to confirm"),
            desk.envelope_changes,
            "/finance/envelopes/changes?state=proposed",
            language,
            zone,
        ),
        _task(text(language, "Batches without an answer of the bank"), desk.unanswered, "/finance/batches?state=sent", language, zone),
        _task(text(language, "Recoveries that are open"), desk.recoveries, "/finance/recoveries?state=ordered", language, zone),
    ]


def _task(words: str, waiting: WaitingView, link: str, language: str, zone: str) -> Task:
    hints = []
    if waiting.oldest_at:
        hints.append(text(language, "The oldest waits since %(since)s.") % {"since": moment(waiting.oldest_at, zone, language)})
    if waiting.due_at:
        hints.append(text(language, "The first is due by %(due)s.") % {"due": last_moment(waiting.due_at, zone, language)})
    return Task(words, waiting.count, link, hint=" ".join(hints))


async def home(visit: Visit) -> Response:
    envelopes = partial(visit.services.payments.list_envelopes, await visit.caller(), region=visit.region_as("finance"))
    waiting, found = await asyncio.gather(tasks(visit), envelopes(sort="available", limit=SCARCEST))
    return page(
        visit,
        "finance/home.html",
        tasks=[task for task in waiting if task.count],
        scarcest=found.items,
        titles=await names_of_calls(visit, {one.call_id: one for one in found.items}),
    )


ROUTES = [staff("/finance", home, live=home)]
