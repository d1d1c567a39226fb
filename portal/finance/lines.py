"""Files from the bank with the result of each line, and the lines that match no payment until persons have resolved them."""

from functools import partial
from typing import Any

from starlette.responses import Response

from portal.client.base import ApiProblem
from portal.client.payments import (
    BankLineDetail,
    BankLineView,
    CandidateView,
    LineProposalInput,
    LineProposalView,
    ResolutionInput,
)
from portal.finance import bank_words, words
from portal.finance.acts import REFUSALS, Act, act, confirms, decisions, part
from portal.finance.parts import FILES, LINES, PAYMENTS, call_names, own_zone
from portal.finance.refused_files import acts_button, acts_of, file_states, reasons, sentence, standing
from portal.kit.formats import day, money
from portal.kit.forms import Form
from portal.kit.lists import Cell, Column, Filter, Listing, amount, instant, listed, region_filter
from portal.kit.names import named
from portal.kit.pages import go, page
from portal.kit.reader import Reader
from portal.kit.regions import zone_of
from portal.kit.routing import staff
from portal.kit.texts import text
from portal.kit.visit import Visit

COLOURS = {
    "applied": "green",
    "repeated": "grey",
    "ignored": "grey",
    "unmatched": "red",
    "taken": "green",
    "refused": "red",
    "dismissed": "grey",
}
TARGETS = {"payment": "matched", "recovery": "recovery", "part": "returned-in-part"}
BOOKED = ("income", "returned-to-sender", "sent-back", "charge", "to-come-back", "came-back")
"""What a line can be that is of no payment, in the order of the page."""


async def lines(visit: Visit) -> Response:
    language = visit.language
    ways = {"in": text(language, "Came in"), "out": text(language, "Went out")}
    columns: list[Column[Any]] = [
        Column("line", text(language, "Line"), lambda one: Cell(
            text(language, "Line %(number)s") % {"number": one.line}, f"{LINES}/{one.line_id}", value=one.line), "line"),
        Column("booked_on", text(language, "Booked on"), lambda one: day(one.booked_on, language) if one.booked_on else ""),
        Column("reason", text(language, "Why it is not applied"), lambda one: Cell(
            words.reason_of(one.reason, language), value=one.reason)),
        Column("way", text(language, "Money"), lambda one: ways["in" if one.is_credit else "out"] if one.amount_minor else ""),
        Column("amount", text(language, "Amount"), lambda one: _amount(one, language), number=True),
        Column("currency", text(language, "Currency"), lambda one: one.currency or ""),
        Column("reference", text(language, "Reference of the bank"), lambda one: one.bank_reference or ""),
    ]  # fmt: skip
    others = {"proposed": text(language, "Proposals that wait"), "ignored": text(language, "Lines that decided nothing")}
    listing = Listing(
        name="unmatched-lines",
        title=text(language, "Unmatched lines of the bank"),
        columns=columns,
        ask=partial(visit.services.payments.list_unmatched, await visit.caller()),
        empty=text(language, "Every line of the bank's files is applied or resolved. There is nothing to do."),
        filters=[Filter("which", text(language, "Other lines"), others), await region_filter(visit, "finance")],
    )
    return await listed(visit, listing)


async def files(visit: Visit) -> Response:
    language, names, zone = visit.language, file_states(visit.language), await own_zone(visit)
    sources = {"folder": text(language, "The bank's folder"), "upload": text(language, "Two persons")}
    columns: list[Column[Any]] = [
        Column("name", text(language, "File"), lambda one: Cell(one.name, f"{FILES}/{one.sha256}", below=one.message)),
        Column("taken_at", text(language, "Read"), lambda one: instant(one.taken_at, zone, language), "taken_at"),
        Column(
            "state",
            text(language, "State"),
            lambda one: Cell(
                names.get(standing(one), one.state),
                colour=COLOURS[standing(one)],
                value=standing(one),
                below=words.file_reason(one.reason, language) if one.reason else "",
            ),
        ),
        Column("lines", text(language, "Lines"), lambda one: Cell(str(one.lines), value=one.lines), number=True),
        Column("applied", text(language, "Applied"), lambda one: Cell(str(one.applied), value=one.applied), number=True),
        Column("unmatched", text(language, "Unmatched"), lambda one: Cell(str(one.unmatched), value=one.unmatched), number=True),
        Column("source", text(language, "Came by"), lambda one: sources["upload" if one.upload_id else "folder"]),
    ]
    listing = Listing(
        name="bank-files",
        title=text(language, "Files from the bank"),
        columns=columns,
        ask=partial(visit.services.payments.list_bank_files, await visit.caller()),
        empty=text(
            language,
            "No file has come yet. The bank's files are read from the incoming folder as they come, each with its signature. A file that "
            "the bank gives to a person can be uploaded.",
        ),
        filters=[Filter("state", text(language, "State"), names), Filter("source", text(language, "Came by"), sources)],
        sort="-taken_at",
    )
    return await listed(visit, listing, "finance/bank-files.html")


async def file(visit: Visit) -> Response:
    """The result of each line."""
    language, sha256 = visit.language, str(visit.request.path_params["sha256"])
    caller, services = await visit.caller(), visit.services.payments
    found = await services.get_bank_file(caller, sha256)
    outcomes = words.outcomes(language)
    columns: list[Column[BankLineView]] = [
        Column("line", text(language, "Line"), lambda one: Cell(
            text(language, "Line %(number)s") % {"number": one.line}, f"{LINES}/{one.line_id}", value=one.line), "line"),
        Column("outcome", text(language, "Result"), lambda one: Cell(
            outcomes.get(one.outcome, ""), colour=COLOURS.get(one.outcome, "grey"), below=_below(one, language), value=one.outcome)),
        Column("payment", text(language, "Payment"), lambda one: Cell(
            text(language, "Read the payment"), f"{PAYMENTS}/{one.disbursement_id}") if one.disbursement_id else ""),
        Column("booked_on", text(language, "Booked on"), lambda one: day(one.booked_on, language) if one.booked_on else ""),
        Column("amount", text(language, "Amount"), lambda one: _amount(one, language), number=True),
        Column("currency", text(language, "Currency"), lambda one: one.currency or ""),
        Column("reference", text(language, "Reference of the bank"), lambda one: one.bank_reference or ""),
    ]  # fmt: skip
    listing = Listing(
        name=f"bank-file-{sha256[:12]}",
        title=text(language, "Lines of the file %(name)s") % {"name": found.name},
        columns=columns,
        ask=partial(services.list_bank_file_lines, caller, sha256),
        empty=text(language, "The file has no line about your regions."),
    )
    upload = await services.get_bank_upload(caller, found.upload_id) if found.upload_id else None
    names = await named(visit, [*([upload.proposed_by, upload.decided_by] if upload else []), *(one.by for one in found.acts)])
    decided, why = acts_of(language), reasons(language)
    return await listed(
        visit, listing, "finance/bank-file.html", file=found, upload=upload, zone=await own_zone(visit),
        sentence=sentence(found, language) if found.state == "refused" else "", buttons=acts_button(language),
        acts=[(decided.get(one.act, one.act), why.get(one.reason, one.reason), names.by(one.by), one.at) for one in found.acts],
        by=names.by(upload.proposed_by if upload else ""), confirmed_by=names.by(upload.decided_by if upload else ""),
    )  # fmt: skip


def _below(one: BankLineView, language: str) -> str:
    if one.resolution:
        return words.kept(words.resolutions(language), one.resolution)
    return words.reason_of(one.reason, language) if one.outcome == "unmatched" else ""


def _amount(one: Any, language: str) -> Cell:
    return Cell("") if one.amount_minor is None else amount(one.amount_minor, one.currency, language)


async def line(visit: Visit) -> Response:
    return await _line_page(visit, Reader(await visit.take_kept() or Form(()), visit.language))


async def propose(visit: Visit) -> Response:
    """`choice`: 'payment:<id>', 'part:<id>' with the `rest`, 'recovery:<id>', or another resolution."""
    reader, language = Reader(visit.form, visit.language), visit.language
    choice = reader.line("choice", text(language, "Choose what the line is"))
    reason = reader.line("reason", text(language, "Choose a reason"))
    kind, _colon, identity = choice.partition(":")
    rest = reader.line("rest", text(language, "Say what became of the rest")) if kind == "part" else ""
    if not reader.errors:
        body = {"resolution": TARGETS.get(kind, kind), "reason": reason, **target(kind, identity)}
        body |= {"rest": rest} if kind == "part" else {}
        try:
            given = LineProposalInput.model_validate(body)
            await visit.services.payments.post_bank_line_proposal(await visit.caller(), _id(visit), given)
        except ValueError:
            reader.errors["choice"] = text(language, "Choose what the line is")
        except ApiProblem as problem:
            if problem.status not in REFUSALS:
                raise
            reader.refuse(problem)
        else:
            return go(f"{LINES}/{_id(visit)}?done=proposed")
    return await _line_page(visit, reader)


def target(kind: str, identity: str) -> dict[str, str]:
    """What a resolution is matched to."""
    if kind in ("payment", "part"):
        return {"disbursement_id": identity}
    return {"recovery_id": identity} if kind == "recovery" else {}


async def _line_page(visit: Visit, reader: Reader) -> Response:
    found, language = await _found(visit), visit.language
    kinds = words.resolutions(language)
    names = await named(visit, [found.resolved_by, *(one.proposed_by for one in found.proposals)])
    booked = {one.resolution: one.postings for one in found.bookings}
    others = [one for one in BOOKED if one in booked] + ["otherwise"]
    zone = zone_of(await visit.regions(), found.region) if found.region else await own_zone(visit)
    return page(
        visit, "finance/line.html", status=422 if reader.errors else 200, form=reader, line=found, zone=zone,
        sum=money(found.amount_minor, found.currency, language) if found.amount_minor is not None and found.currency else "",
        reason=words.reason_of(found.reason, language),
        reason_of=lambda code: words.reason_of(code, language), evidence=words.evidence(language), states=words.states(language),
        accounts=words.accounts(language), resolutions=kinds, others=[(one, kinds[one]) for one in others],
        booked=booked, entries=words.entries(language),
        reasons=words.reasons_of_lines(language),
        proposals=[(one, names.by(one.proposed_by), one.proposed_by != str(visit.person.person_id)) for one in found.proposals],
        parts_of=lambda one: parts_of(found, one, language),
        waiting=any(one.state == "proposed" for one in found.proposals),
        resolved_by=names.by(found.resolved_by),
        titles=await call_names(visit),
        contradicts=found.outcome == "unmatched" and bool(found.voucher_id or found.batch_id),
        undone=undone_of(found, language) if found.can_be_undone and not found.undo_obstacle else [],
        obstacle=bank_words.obstacles(language).get(found.undo_obstacle, found.undo_obstacle) if found.undo_obstacle else "",
        findings=bank_words.findings(language), rests=bank_words.rests(language),
        in_part=[one for one in found.candidates if came_in_part(found, one)],
        may_open=found.is_open or (found.outcome == "ignored" and not found.resolution),
    )  # fmt: skip


def came_in_part(line: BankLineDetail, one: CandidateView) -> bool:
    """Whether less than this payment came back by the line."""
    paid = one.state in ("paid", "returned") and one.currency == line.currency
    return line.is_credit and paid and line.amount_minor is not None and line.amount_minor < one.amount_minor


async def decision(visit: Visit) -> Act:
    found, proposal = await _proposal(visit)
    language, yes, services = visit.language, confirms(visit), visit.services.payments
    step = services.post_line_proposal_confirmation if yes else services.post_line_proposal_rejection
    follows = [text(language, "The line stays open, and another proposal may be made.")]
    if yes:
        follows = [
            words.kept(words.resolutions(language), proposal.resolution) + ".", *_moves(found, proposal, language),
            _way_back(proposal, language),
        ]  # fmt: skip
    here = f"{LINES}/{_id(visit)}"
    return Act(
        title=text(language, "Confirm what the line is") if yes else text(language, "Reject the proposal"),
        follows=follows,
        button=text(language, "Confirm") if yes else text(language, "Reject"),
        step=lambda caller, _given: step(caller, proposal.proposal_id),
        back=here,
        done=f"{here}?done={'confirmed' if yes else 'rejected'}",
    )


def _way_back(proposal: LineProposalView, language: str) -> str:
    if proposal.resolution == "undone":
        return text(language, "The line is open again, and another proposal may be made.")
    return text(language, "Two persons can undo it later by its opposite, as long as nothing that came after rests on it.")


def _moves(found: BankLineDetail, proposal: LineProposalView, language: str) -> list[str]:
    """What happens to the ledger, in a sentence."""
    if proposal.resolution == "undone":
        return undone_of(found, language)
    if proposal.parts:
        return parts_of(found, proposal, language)
    if proposal.resolution == "returned-in-part":
        rest = money(proposal.books_minor or 0, found.currency or "EUR", language)
        names = {"rest": rest, "what": bank_words.rests(language).get(proposal.books or "", "")}
        return [
            text(language, "The payment becomes returned, and its whole amount is committed again in the ledger."),
            text(language, "%(rest)s did not come back. %(what)s.") % names,
        ]
    sides = [one.postings for one in found.candidates if one.disbursement_id == proposal.disbursement_id]
    sides += [one.postings for one in found.recoveries if one.recovery_id == proposal.recovery_id]
    sides += [one.postings for one in found.bookings if one.resolution == proposal.resolution]
    accounts = words.accounts(language)
    for source, target in (pair for pair in sides if len(pair) == 2):
        sum_ = money(abs(target.amount_minor), found.currency or "EUR", language)
        names = {"sum": sum_, "source": accounts[source.account], "target": accounts[target.account]}
        return [text(language, "In the ledger %(sum)s move from %(source)s to %(target)s.") % names]
    return [text(language, "Nothing moves in any ledger.")]


def parts_of(found: BankLineDetail, proposal: LineProposalView, language: str) -> list[str]:
    """Each part of a line, in a sentence."""
    names = words.resolutions(language)
    return [
        text(language, "%(sum)s: %(what)s")
        % {"sum": money(part.amount_minor, found.currency or "EUR", language), "what": words.kept(names, part.resolution)}
        for part in proposal.parts
    ]


def undone_of(found: BankLineDetail, language: str) -> list[str]:
    """What an undoing of the line changes, in sentences."""
    states, accounts = words.states(language), words.accounts(language)
    said = [
        text(language, "The payment becomes: %(state)s. Its money follows in the ledger.") % {"state": states[one.state_after]}
        for one in found.undone if one.state_after
    ]  # fmt: skip
    stands = [one for one in found.proposals if one.state == "confirmed"][-1:]
    if any(one.recovery_id or any(part.recovery_id for part in one.parts) for one in stands):
        said.append(text(language, "The recovery is open again, and its amount is no longer available in the envelope."))
    for one in found.bookings:
        sides = ", ".join(
            f"{accounts[side.account]}: {money(side.amount_minor, found.currency or 'EUR', language)}" for side in one.postings
        )
        said.append(text(language, "In the ledger of the region: %(moves)s.") % {"moves": sides})
    return said or [text(language, "Nothing was booked for it.")]


async def _proposal(visit: Visit) -> tuple[BankLineDetail, LineProposalView]:
    """`ApiProblem` 404 for a proposal of another line."""
    found = await _found(visit)
    wanted = str(visit.request.path_params["proposal_id"])
    for one in found.proposals:
        if str(one.proposal_id) == wanted:
            return found, one
    raise ApiProblem(404, {"code": "no-such-proposal"})


async def _found(visit: Visit) -> BankLineDetail:
    found = await visit.services.payments.get_bank_line(await visit.caller(), _id(visit))
    if found.region:
        await visit.at(found.region)
    return found


async def resolution(visit: Visit) -> Act:
    found, services = await _found(visit), visit.services.payments
    language, here, names = visit.language, f"{LINES}/{_id(visit)}", words.resolutions(visit.language)
    return Act(
        title=text(language, "Say what the bank answered"),
        follows=[
            text(language, "The line contradicts what is known, so the payment is frozen. Ask the bank first."),
            *_by_answer(found, language),
            text(language, "It is for a person who prepared no payment of the case."),
        ],
        button=text(language, "Resolve the line"),
        step=lambda caller, given: services.post_bank_line_resolution(caller, _id(visit), ResolutionInput(resolution=given)),
        back=here,
        done=f"{here}?done=confirmed",
        reasons={one: names[one] for one in ("confirmed", "bank-error", "no-effect")},
    )


def _by_answer(found: BankLineDetail, language: str) -> list[str]:
    """What follows from the answer; of a payment that the bank has accepted and then rejects, what becomes of it."""
    if found.reason != "bank-rejected-after-accepted":
        return [
            text(language, "If the bank stands by it, the line is applied to the payment and the ledger. Two persons can undo it later.")
        ]
    return [
        text(
            language,
            "If the bank stands by it, the payment is rejected. It is then one to correct, and it can be paid again once the bank's "
            "statement shows that nothing was booked. Two persons can undo it later.",
        ),
        text(language, "If the bank has withdrawn it, the payment stays accepted and waits for the statement."),
    ]


_id = part("line_id")
LINE = LINES + "/{line_id:uuid}"
ROUTES = [
    staff(LINES, lines, live=lines),
    staff(LINE, line, propose),
    act(LINE + "/resolution", resolution),
    *decisions(LINE + "/proposals/{proposal_id:uuid}", decision),
    staff(FILES, files),
    staff(FILES + "/{sha256}", file),
]
