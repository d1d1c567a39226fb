"""What the grant agreement says: the terms of an offer in the language of its reader, and whether and when they were accepted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.vouchers.domain.agreement import Terms, agreement_hash
from services.vouchers.letters_in_kind import attendance_part, given_part
from shared.calendars.time_limit import TimeLimit
from shared.documents import Document, Fact, Part
from shared.kernel.vocabulary import EvidenceKind, PaymentMode
from shared.policy.schema import Policy
from shared.texts import in_language, say
from shared.texts.formats import day, last_moment, moment, money


class Amendment(Protocol):
    """A granted change, as `AmendmentView`."""

    since: datetime
    previous_minor: int | None
    amount_minor: int | None
    provider: str | None


@dataclass(frozen=True, slots=True)
class Agreed:
    """What has happened to the offer: `accepted_hash` is None until it is accepted."""

    offered_at: datetime
    answer_by: datetime
    accepted_at: datetime | None
    accepted_hash: str | None
    code: str | None
    amendments: Sequence[Amendment] = ()


def agreement_of(terms: Terms, agreed: Agreed, policy: Policy, language: str) -> Document:
    """`made_at` is the offer's moment, or the acceptance's, so that the same state gives the same bytes."""
    title = say(language, "Grant agreement")
    return Document(
        language=language,
        title=f"{title}: {in_language(policy.title, language)}",
        made_at=agreed.accepted_at or agreed.offered_at,
        parts=(
            _head(terms, agreed, policy, language),
            *_substance(terms, language),
            *_amendments(terms, agreed, policy, language),
            _proof(terms, agreed, policy, language),
        ),
        footer=agreed.code or f"agreement-{terms.voucher_id}",
        page=say(language, "Page {page} of {pages}", page="{page}", pages="{pages}"),
        missing=say(language, "[U+…] stands for a letter that this document cannot show, with its number in Unicode."),
    )


def _substance(terms: Terms, language: str) -> list[Part]:
    """What is granted, when, and what follows from it."""
    if terms.benefit is not None:
        return [given_part(terms, terms.benefit, language), _dates(terms, language), attendance_part(terms.benefit, language)]
    return [_money(terms, language), *_parts(terms, language), _dates(terms, language), _duties(terms, language)]


def _head(terms: Terms, agreed: Agreed, policy: Policy, language: str) -> Part:
    if agreed.accepted_at is None:
        until = last_moment(agreed.answer_by, policy.zone, language)
        state = Fact(say(language, "State"), say(language, "Offered. It can be accepted until {moment}.", moment=until))
    else:
        state = Fact(say(language, "Accepted"), moment(agreed.accepted_at, policy.zone, language))
    facts = (
        state,
        *(() if terms.benefit else (Fact(say(language, "Paid by"), policy.bank.debtor_name),)),
        Fact(say(language, "Beneficiary"), say(language, "The organisation of the application {id}", id=str(terms.application_id))),
        Fact(say(language, "Voucher"), agreed.code or str(terms.voucher_id)),
        Fact(say(language, "Rules"), terms.policy_id),
    )
    text = say(language, "The programme grants the beneficiary a voucher under these terms. Who accepts them is bound by them.")
    return Part(None, (text,), facts)


def _money(terms: Terms, language: str) -> Part:
    vat = say(language, "Yes") if terms.recoverable_vat_eligible else say(language, "No")
    kind = () if terms.voucher_title is None else (Fact(say(language, "Type of voucher"), in_language(terms.voucher_title, language)),)
    facts = (
        *kind,
        Fact(say(language, "Grant, at most"), money(terms.amount_minor, terms.currency, language)),
        Fact(say(language, "Share of the eligible expenditure"), _percent(terms.intensity_bp)),
        Fact(say(language, "Expenditure that takes the whole grant"), money(terms.cost_minor, terms.currency, language)),
        Fact(say(language, "Own share of it"), money(terms.own_minor, terms.currency, language)),
        *_own_hours(terms, language),
        Fact(say(language, "Recoverable VAT is eligible"), vat),
        *_vat(terms, language),
    )
    return Part(say(language, "Money"), (), facts)


def _own_hours(terms: Terms, language: str) -> tuple[Fact, ...]:
    """Where hours of the beneficiary's own people count as own share."""
    if terms.own_hour_minor is None:
        return ()
    rate = money(terms.own_hour_minor, terms.currency, language)
    words = say(language, "May be hours of the beneficiary's own people, at {rate} an hour, proved by a timesheet.", rate=rate)
    return (Fact(say(language, "Own share in hours"), words),)


def _vat(terms: Terms, language: str) -> tuple[Fact, ...]:
    """Where the policy has a rule of its own for VAT."""
    if terms.vat is None:
        return ()
    if terms.vat == "never" or terms.recovers_vat:
        rule = say(language, "VAT is not eligible.")
    else:
        rule = say(language, "VAT is eligible where you do not get it back from the tax office.")
    return (Fact(say(language, "VAT"), rule),)


def _parts(terms: Terms, language: str) -> list[Part]:
    """What is paid before and after the claims, and what is paid in; none, no part."""
    parts, texts = terms.parts, list[str]()
    if parts is None:
        return []
    if parts.deposit_minor and parts.deposit_within:
        own, within = money(parts.deposit_minor, terms.currency, language), _time(parts.deposit_within, language)
        texts += (
            say(language, "The beneficiary pays in its own share, {own}, within {within} of the issue.", own=own, within=within),
            say(language, "Without it the grant lapses."),
            say(language, "Own share and grant pay the provider together. What is left of the own share goes back."),
        )
    if parts.advance_minor:
        most = money(parts.advance_minor, terms.currency, language)
        texts += (
            say(language, "Up to {most} is paid in advance.", most=most),
            say(language, "Claims are settled against the advance. What they do not settle is paid back."),
        )
    if parts.advance_against == "guarantee":
        texts.append(say(language, "The advance is paid against a guarantee of a bank that covers it until the end of the claims."))
    if parts.balance_bp and parts.balance_within:
        share, within = _percent(parts.balance_bp), _time(parts.balance_within, language)
        texts += (
            say(language, "{share} of the claims is kept until the final report is accepted.", share=share),
            say(language, "The final report is due within {within} of the end of the claims.", within=within),
        )
    return [Part(say(language, "Advance, balance and deposit"), tuple(texts), ())]


def _dates(terms: Terms, language: str) -> Part:
    grace = () if terms.grace is None else (
        Fact(say(language, "What was ordered while it was valid may be invoiced after that for"), _time(terms.grace, language)),
    )  # fmt: skip
    extension = say(language, "{count} times, by {time} each", count=terms.extensions, time=_time(terms.extension, language))
    claims: tuple[Fact, ...] = (
        Fact(say(language, "Claims are taken after that for"), _time(terms.claim_window, language)),
        Fact(say(language, "A claim is checked within"), _time(terms.check_within, language)),
        Fact(say(language, "An accepted claim is paid within"), _time(terms.pay_within, language)),
    )
    if terms.benefit is not None:
        claims = (Fact(say(language, "Attendances are confirmed after that for"), _time(terms.claim_window, language)),)
    facts = (
        Fact(say(language, "Valid from the issue of the voucher for"), _time(terms.validity, language)),
        *grace,
        *claims,
        Fact(say(language, "The validity may be extended"), extension if terms.extensions else say(language, "No")),
        Fact(say(language, "Nothing is valid or paid after"), day(terms.programme_end, language)),
    )
    return Part(say(language, "Dates"), (), facts)


def _duties(terms: Terms, language: str) -> Part:
    direct = terms.payment_mode == PaymentMode.PROVIDER_DIRECT
    paid = (
        say(language, "The grant is paid to the provider of the service. The beneficiary pays its own share to the provider.")
        if direct
        else say(language, "The beneficiary pays the provider, claims the grant with the documents, and gets it to its own account.")
    )
    texts = (
        paid,
        say(language, "The provider is independent of the beneficiary."),
        say(language, "Only what the application describes may be bought, after the call has opened."),
        say(language, "The beneficiary keeps the documents, and says publicly that the European Union co-funds the project."),
        say(language, "What was claimed wrongly is paid back."),
    )
    needed = "\n".join(_evidence(kind, language) for kind in terms.evidence)
    return Part(say(language, "Duties"), texts, (Fact(say(language, "A claim needs"), needed),))


def _amendments(terms: Terms, agreed: Agreed, policy: Policy, language: str) -> list[Part]:
    """Each granted change with its moment; none, no part."""
    texts = [_amendment(one, terms, policy, language) for one in agreed.amendments]
    return [Part(say(language, "Granted changes"), tuple(texts))] if texts else []


def _amendment(one: Amendment, terms: Terms, policy: Policy, language: str) -> str:
    since = moment(one.since, policy.zone, language)
    if one.amount_minor is not None and one.previous_minor is not None:
        new, old = (money(minor, terms.currency, language) for minor in (one.amount_minor, one.previous_minor))
        return say(language, "Since {moment}: the grant is at most {new}, in place of {old}.", moment=since, new=new, old=old)
    if one.provider is None:
        return say(language, "Since {moment}: another provider.", moment=since)
    return say(language, "Since {moment}: the provider is {name}.", moment=since, name=one.provider)


def _proof(terms: Terms, agreed: Agreed, policy: Policy, language: str) -> Part:
    sha256 = Fact(say(language, "SHA-256 of the terms"), agreement_hash(terms))
    if agreed.accepted_at is None:
        return Part(say(language, "Proof"), (), (sha256,))
    recorded = agreed.accepted_hash or say(language, "Accepted before it was recorded")
    facts = (sha256, Fact(say(language, "Recorded at the acceptance"), recorded))
    return Part(say(language, "Proof"), (say(language, "The terms are those that were accepted when both are the same."),), facts)


def _percent(basis_points: int) -> str:
    whole, part = divmod(basis_points, 100)
    return f"{whole}.{part:02d} %" if part else f"{whole} %"


def _time(limit: TimeLimit, language: str) -> str:
    match limit.unit:
        case "months":
            return say(language, "{count} months", count=limit.value)
        case "working-days":
            return say(language, "{count} working days", count=limit.value)
        case _:
            return say(language, "{count} days", count=limit.value)


def _evidence(kind: str, language: str) -> str:
    return {
        EvidenceKind.INVOICE: say(language, "Invoice"),
        EvidenceKind.PROOF_OF_PAYMENT: say(language, "Proof of payment"),
        EvidenceKind.DELIVERABLE: say(language, "Deliverable"),
        EvidenceKind.ACCEPTANCE_PROTOCOL: say(language, "Acceptance protocol"),
        EvidenceKind.TIMESHEET: say(language, "Timesheet"),
        EvidenceKind.VISIBILITY_PROOF: say(language, "Proof of visibility"),
    }.get(EvidenceKind(kind), kind)
