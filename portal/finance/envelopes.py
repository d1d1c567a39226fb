"""Envelopes: where the money of each call is, its confirmation, top-ups and transfers under two persons."""

from functools import partial
from typing import Any

from starlette.responses import Response

from portal.client.base import ApiProblem
from portal.client.payments import EnvelopeChangeInput, EnvelopeChangeView, EnvelopeView
from portal.finance import words
from portal.finance.acts import REFUSALS, Act, act, confirms, decisions, part
from portal.finance.parts import ENVELOPES, call_names, envelopes_by_call
from portal.kit.formats import money
from portal.kit.forms import Form
from portal.kit.lists import Cell, Column, Filter, Listing, amount, every, instant, listed, region_filter
from portal.kit.names import Names, named
from portal.kit.pages import go, page
from portal.kit.reader import Reader
from portal.kit.regions import region_name, zone_of
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Visit

CHANGES = ENVELOPES + "/changes"
COLOURS = {"proposed": "yellow", "confirmed": "green", "rejected": "grey"}


async def envelopes(visit: Visit) -> Response:
    language, regions, titles = visit.language, await visit.regions(), await call_names(visit)
    names = {"amount": text(language, "Envelope")} | {
        name: words.accounts(language)[name] for name in ("reserved", "committed", "paid", "recovered", "available")
    }

    def sum_of(name: str) -> Column[EnvelopeView]:
        return Column(name, names[name], lambda one: amount(getattr(one, f"{name}_minor"), one.currency, language), number=True)

    def call(one: EnvelopeView) -> Cell:
        waits = text(language, "Waits for a confirmation") if one.awaits_confirmation else ""
        return Cell(titles.get(one.call_id, one.slug), f"{ENVELOPES}/{one.call_id}", below=waits)

    listing = Listing(
        name="envelopes",
        title=text(language, "Envelopes"),
        columns=[
            Column("call", text(language, "Call"), call, "slug"),
            Column("region", text(language, "Region"), lambda one: region_name(regions, one.region, language), "region"),
            *(sum_of(name) for name in names),
            Column("currency", text(language, "Currency"), lambda one: one.currency),
        ],
        ask=partial(visit.services.payments.list_envelopes, await visit.caller()),
        empty=text(language, "There is no envelope yet. An envelope opens when an officer publishes a call."),
        filters=[
            Filter(
                "awaits_confirmation",
                text(language, "Confirmation"),
                {"true": text(language, "Waits for a confirmation"), "false": text(language, "Confirmed, or needs none")},
            ),
            await region_filter(visit, "finance"),
        ],
    )
    return await listed(visit, listing, "finance/envelopes.html", titles=titles)


async def envelope(visit: Visit) -> Response:
    """With its changes, and the confirmation that it may need."""
    caller, services = await visit.caller(), visit.services.payments
    found = await services.get_envelope(caller, _id(visit))
    await visit.at(found.region)
    changes: list[EnvelopeChangeView] = await every(partial(services.list_envelope_changes, caller), call_id=found.call_id)
    regions, titles = await visit.regions(), await call_names(visit)
    names = await named(
        visit, [found.published_by, found.confirmed_by, *(actor for one in changes for actor in (one.proposed_by, one.decided_by))]
    )
    return page(
        visit, "finance/envelope.html", envelope=found, zone=zone_of(regions, found.region),
        titles=titles, title=titles.get(found.call_id, found.slug),
        region=region_name(regions, found.region, visit.language), who=names.by, own=found.published_by == _me(visit),
        changes=[(one, _words(visit, one, titles), one.proposed_by != _me(visit)) for one in changes],
        reasons=words.reasons_of_changes(visit.language),
    )  # fmt: skip


def _words(visit: Visit, one: EnvelopeChangeView, titles: dict[Any, str]) -> str:
    """What a change does, in a sentence."""
    language = visit.language
    names = {
        "sum": money(one.amount_minor, one.currency, language),
        "to": titles.get(one.call_id, ""),
        "from": titles.get(one.from_call_id, ""),
    }
    if one.from_call_id is None:
        return text(language, "%(sum)s from outside for %(to)s") % names
    return text(language, "%(sum)s from %(from)s to %(to)s") % names


async def changes(visit: Visit) -> Response:
    language, regions, titles = visit.language, await visit.regions(), await call_names(visit)
    known, names = states(language), Names(visit)
    ask = partial(visit.services.payments.list_envelope_changes, await visit.caller())
    listing: Listing[EnvelopeChangeView] = Listing(
        name="envelope-changes",
        title=text(language, "Changes of envelopes"),
        columns=[
            Column("change", text(language, "Change"), lambda one: Cell(_words(visit, one, titles), f"{ENVELOPES}/{one.call_id}")),
            Column("state", text(language, "State"), lambda one: Cell(known[one.state], colour=COLOURS[one.state], value=one.state)),
            Column("amount", text(language, "Amount"), lambda one: amount(one.amount_minor, one.currency, language), number=True),
            Column("currency", text(language, "Currency"), lambda one: one.currency),
            Column("proposed_at", text(language, "Proposed"), lambda one: instant(
                one.proposed_at, zone_of(regions, one.region), language), "proposed_at"),
            Column("proposed_by", text(language, "By"), lambda one: names.by(one.proposed_by)),
        ],
        ask=names.learning(ask, "proposed_by"),
        empty=text(language, "No envelope was changed. Propose a change on the page of an envelope."),
        filters=[Filter("state", text(language, "State"), known), await region_filter(visit, "finance")],
    )  # fmt: skip
    return await listed(visit, listing)


def states(language: str) -> dict[str, str]:
    """Of what one person proposes and another one decides."""
    return {
        "proposed": text(language, "Waits for another person"),
        "confirmed": text(language, "Confirmed"),
        "rejected": text(language, "Rejected"),
    }


async def ask_change(visit: Visit) -> Response:
    return await _change_page(visit, Reader(await visit.take_kept() or Form(()), visit.language))


async def propose(visit: Visit) -> Response:
    found, reader, language = await _found(visit), Reader(visit.form, visit.language), visit.language
    kind = reader.line("from_call_id", text(language, "Choose where the money comes from"))
    minor = reader.amount("amount", found.currency, text(language, "Enter the amount, for example 25,000.00"))
    reason = reader.line("reason", text(language, "Choose a reason"))
    if not reader.errors:
        given: dict[str, Any] = {"amount_minor": minor, "reason": reason} | ({} if kind == "outside" else {"from_call_id": kind})
        try:
            body = EnvelopeChangeInput.model_validate(given)
            await visit.services.payments.post_envelope_change(await visit.caller(), found.call_id, body)
        except ValueError:
            reader.errors["from_call_id"] = text(language, "Choose where the money comes from")
        except ApiProblem as problem:
            if problem.status not in REFUSALS:
                raise
            reader.refuse(problem)
        else:
            return go(f"{ENVELOPES}/{found.call_id}?done=proposed")
    return await _change_page(visit, reader)


async def _change_page(visit: Visit, reader: Reader) -> Response:
    found, language, titles = await _found(visit), visit.language, await call_names(visit)
    others = [
        one for one in (await envelopes_by_call(visit)).values()
        if one.call_id != found.call_id and (one.region, one.currency) == (found.region, found.currency)
    ]  # fmt: skip
    sources = {"outside": text(language, "From outside the calls: a top-up")}
    for one in others:
        left = money(one.available_minor, one.currency, language)
        sources[str(one.call_id)] = text(language, "From the envelope of %(call)s, which has %(left)s available") % {
            "call": titles.get(one.call_id, one.slug), "left": left,
        }  # fmt: skip
    return page(
        visit, "finance/envelope-change.html", status=422 if reader.errors else 200, form=reader, envelope=found,
        title=titles.get(found.call_id, found.slug), sources=sources,
        reasons=words.reasons_of_changes(language), back=f"{ENVELOPES}/{found.call_id}",
    )  # fmt: skip


async def _found(visit: Visit) -> EnvelopeView:
    found = await visit.services.payments.get_envelope(await visit.caller(), _id(visit))
    await visit.at(found.region)
    return found


async def decision(visit: Visit) -> Act:
    """`ApiProblem` 404 for a change of another envelope."""
    caller, language, here = await visit.caller(), visit.language, f"{ENVELOPES}/{_id(visit)}"
    ask = partial(visit.services.payments.list_envelope_changes, caller)
    known: list[EnvelopeChangeView] = await every(ask, call_id=visit.request.path_params["call_id"])
    wanted, yes, services = str(visit.request.path_params["change_id"]), confirms(visit), visit.services.payments
    change = next((one for one in known if str(one.proposal_id) == wanted), None)
    if change is None:
        raise ApiProblem(404, {"code": "no-such-proposal"})
    await visit.at(change.region)
    step = services.post_envelope_change_confirmation if yes else services.post_envelope_change_rejection
    moves = _words(visit, change, await call_names(visit)) + "."
    confirming = [
        moves, text(language, "The ledger of each envelope gets an entry. It cannot be undone, only changed back by another change."),
        text(language, "Where the call has a reserve list that is still open, those who fit are granted at once, in its order."),
        text(language, "You have not proposed it, and published neither call."),
    ]  # fmt: skip
    return Act(
        title=text(language, "Confirm the change of the envelope") if yes else text(language, "Reject the change of the envelope"),
        follows=confirming if yes else [moves, text(language, "Nothing moves.")],
        button=text(language, "Confirm") if yes else text(language, "Reject"),
        step=lambda caller, _given: step(caller, change.proposal_id),
        back=here,
        done=f"{here}?done={'changed' if yes else 'rejected'}",
    )


async def confirmation(visit: Visit) -> Act:
    found, language, here = await _found(visit), visit.language, f"{ENVELOPES}/{_id(visit)}"
    return Act(
        title=text(language, "Confirm the envelope of %(call)s") % {"call": (await call_names(visit)).get(found.call_id, found.slug)},
        follows=[
            text(language, "%(sum)s may be reserved for offers from now on. The envelope is above the ceiling of the rules.")
            % {"sum": money(found.amount_minor, found.currency, language)},
            text(language, "It is for a person who did not publish the call. This cannot be undone."),
        ],
        button=text(language, "Confirm"),
        step=lambda caller, _given: visit.services.payments.post_envelope_confirmation(caller, _id(visit)),
        back=here,
        done=f"{here}?done=confirmed",
    )


def _me(visit: Visit) -> str:
    return str(visit.person.person_id)


_id = part("call_id")
ENVELOPE = ENVELOPES + "/{call_id:uuid}"
ROUTES = [
    staff(ENVELOPES, envelopes, live=envelopes),
    staff(CHANGES, changes),
    staff(ENVELOPE, envelope, live=envelope),
    act(ENVELOPE + "/confirmation", confirmation),
    staff(ENVELOPE + "/change", ask_change, propose),
    *decisions(ENVELOPE + "/changes/{change_id:uuid}", decision),
]
