"""What pages say of claims, for beneficiaries and for officers: names of documents and states, and reasons of a rejection."""

from datetime import datetime

from portal.client.payments import ClaimDetail, ClaimDraftView, ClaimView
from portal.kit.formats import last_moment, moment, money
from portal.kit.reader import mark as _
from portal.kit.texts import text

COLOURS = {"draft": "grey", "lodged": "blue", "returned": "yellow", "replaced": "grey", "accepted": "green", "rejected": "red"}
CHOSEN_BY_OFFICERS = ("not-eligible", "no-evidence", "outside-period", "related-party", "double-financing")
"""Rules that an officer may name. The others are the platform's own."""


def kinds(language: str) -> dict[str, str]:
    """Kind of a document → its name."""
    return {
        "invoice": text(language, "Invoice"),
        "proof-of-payment": text(language, "Proof of payment"),
        "deliverable": text(language, "Result of the work (deliverable)"),
        "acceptance-protocol": text(language, "Acceptance protocol"),
        "timesheet": text(language, "Timesheet"),
        "visibility-proof": text(language, "Proof of visibility"),
    }


def missing_kinds(draft: ClaimDraftView, language: str) -> str:
    """Names of the documents that the claim still needs, with commas between them. The file of an invoice is a matter of its line."""
    given = {document.kind for line in draft.lines for document in line.documents}
    return ", ".join(kinds(language)[kind] for kind in draft.evidence if kind != "invoice" and kind not in given)


def states(language: str) -> dict[str, str]:
    """State of a claim → its name."""
    return {
        "lodged": text(language, "To be checked"),
        "returned": text(language, "Returned for correction"),
        "replaced": text(language, "Replaced by the corrected claim"),
        "accepted": text(language, "Accepted"),
        "rejected": text(language, "Rejected"),
    }


def reasons(language: str) -> dict[str, str]:
    """Rule that a rejected claim breaks → a sentence."""
    return {
        "not-eligible": text(language, "The expenditure is not eligible."),
        "no-evidence": text(language, "The documents do not prove the expenditure."),
        "outside-period": text(language, "The work or the payment lies outside the period of the voucher."),
        "related-party": text(language, "Seller and beneficiary are related."),
        "double-financing": text(language, "The expenditure is financed from another public source."),
        "not-corrected": text(language, "It was returned and not lodged again in time."),
        "voucher-withdrawn": text(language, "The voucher was withdrawn."),
        "voucher-revoked": text(language, "The voucher was revoked."),
    }


def sentences(claim: ClaimView | ClaimDetail, zone: str, language: str) -> list[str]:
    """What happened to a claim, who has it, until when, and what comes next."""

    def said(message: str, until: datetime | None = None) -> str:
        values = {"until": last_moment(until, zone, language)} if until else {}
        return text(language, message) % values

    if claim.state == "lodged":
        late = _("An officer should have checked it by %(until)s. The check is late; nothing is lost.")
        in_time = _("An officer checks it by %(until)s. You have nothing to do until then.")
        lodged = text(language, "It was lodged on %(moment)s.") % {"moment": moment(claim.lodged_at, zone, language)}
        return [lodged, said(late if claim.overdue else in_time, claim.check_by)]
    if claim.state == "returned":
        again = _("If it is not lodged again in time, it is rejected. While claims are taken on the voucher, another one can be lodged.")
        return [said(_("It came back for correction. Correct it and lodge it again by %(until)s."), claim.correct_by), said(again)]
    if claim.state == "accepted" and claim.kind == "expenditure" and claim.payable_minor != (claim.granted_minor or 0):
        due = said(_("Finance prepares the payment, which is due by %(until)s."), claim.pay_by)
        return [*_parts(claim, language), *([due] if claim.payable_minor else [])]
    if claim.state == "accepted":
        return [said(_("It is accepted. Finance prepares the payment, which is due by %(until)s."), claim.pay_by)]
    if claim.state == "rejected":
        return [said(_("It is rejected: nothing is paid on it. Its documents and its amount are free again."))]
    return [said(_("The corrected claim has taken its place."))]


def _parts(claim: ClaimView | ClaimDetail, language: str) -> list[str]:
    """What of an accepted claim is settled, kept and paid."""
    amounts = {
        _("It is accepted: %(sum)s."): claim.granted_minor or 0,
        _("%(sum)s of it is settled against the advance, which is paid already."): claim.settled_minor,
        _("%(sum)s of it is kept, and paid once the final report is accepted."): claim.retained_minor,
        _("%(sum)s of your deposit is added, and pays the provider with it."): claim.own_minor,
        _("%(sum)s is to be paid."): claim.payable_minor,
    }
    return [text(language, message) % {"sum": money(minor, claim.currency, language)} for message, minor in amounts.items() if minor]


def claim_kinds(language: str) -> dict[str, str]:
    """Kind of a claim → its name."""
    return {
        "expenditure": text(language, "Claim"),
        "advance": text(language, "Advance"),
        "balance": text(language, "Balance"),
    }
