"""The first page of finance: what waits, how many, since when and until when; and the envelopes."""

from starlette.responses import Response

from portal.client.payments import WaitingView
from portal.finance.parts import call_names, envelopes_by_call, own_zone
from portal.kit.desks import Task
from portal.kit.formats import last_moment, moment
from portal.kit.pages import page
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Visit


async def tasks(visit: Visit) -> list[Task]:
    """In the order of urgency."""
    desk, language = await visit.services.payments.get_desk(await visit.caller()), visit.language
    zone = await own_zone(visit)
    return [
        _task(text(language, "Payments with an unknown outcome"), desk.unknown, "/finance/payments?state=unknown", language, zone),
        _task(text(language, "Proofs of an outcome to confirm"), desk.proofs, "/finance/payments?state=unknown", language, zone),
        _task(text(language, "Unmatched lines of the bank"), desk.unmatched, "/finance/lines", language, zone),
        _task(text(language, "Payments to correct"), desk.to_correct, "/finance/payments?state=rejected", language, zone),
        _task(text(language, "Batches to release"), desk.to_release, "/finance/batches?state=sealed", language, zone),
        _task(text(language, "Payments to seal in a batch"), desk.to_seal, "/finance/payments?state=approved", language, zone),
        _task(text(language, "Payments to approve"), desk.to_approve, "/finance/approvals", language, zone),
        _task(text(language, "Accepted claims to prepare for payment"), desk.to_prepare, "/finance/claims", language, zone),
        _task(text(language, "Accounts to confirm"), desk.accounts, "/finance/accounts/proposals", language, zone),
        _task(text(language, "Envelopes to confirm"), desk.envelopes_to_confirm, "/finance/envelopes", language, zone),
        _task(text(language, "Changes of envelopes to confirm"), desk.envelope_changes, "/finance/envelopes/changes", language, zone),
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
    envelopes = sorted((await envelopes_by_call(visit)).values(), key=lambda one: one.available_minor * 1_000 // max(one.amount_minor, 1))
    return page(
        visit,
        "finance/home.html",
        tasks=[task for task in await tasks(visit) if task.count],
        scarcest=envelopes[:5],
        titles=await call_names(visit),
    )


ROUTES = [staff("/finance", home, live=home)]
