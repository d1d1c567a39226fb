"""What an event of the record says to people. A new event has no sentence until it is given one: then its name is shown."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from portal.kit.formats import moment, money, scored
from portal.kit.reader import mark as _
from portal.kit.texts import text
from portal.programme.record import Happened
from shared.kernel.money import MINOR_DIGITS

SENTENCES = {
    "CallPublished": _("The call was published"),
    "SchemeFilePublished": _("A policy or a form was published"),
    "CallOpened": _("The call opened"),
    "CallExtended": _("The call was extended"),
    "CallCorrected": _("The texts of the call were corrected"),
    "CallClosed": _("The call closed"),
    "ScreeningCompleted": _("Every application of the call was screened"),
    "ApplicantJoined": _("A person began to write in the application"),
    "ApplicantMemberRecorded": _("A member of the organisation was recorded on the applicant's side"),
    "ApplicationSubmitted": _("The application was submitted"),
    "ApplicationReturnProposed": _("An officer proposed to return the application"),
    "ApplicationReturned": _("The application was returned to be corrected"),
    "ApplicationWithdrawn": _("The applicant withdrew the application"),
    "DraftWithdrawn": _("The applicant withdrew the draft"),
    "ApplicationFoundEligible": _("The application was found eligible"),
    "ApplicationFoundIneligible": _("The application was found ineligible"),
    "VerdictOverruleProposed": _("An officer proposed to overrule the verdict of a rule"),
    "VerdictOverruled": _("A second officer confirmed that a verdict is overruled"),
    "CaseRemoved": _("The personal content of the case was removed: its term was over"),
    "DrawCommitted": _("The secret number of the draw was committed to"),
    "RandomnessRecorded": _("Public randomness for the draw was recorded"),
    "EvaluatorAssigned": _("An evaluator was assigned"),
    "EvaluatorDeclared": _("An evaluator declared to have no conflict of interest"),
    "EvaluatorRecused": _("An evaluator was recused"),
    "EvaluationCompleted": _("The evaluation was completed"),
    "RankingApproved": _("The ranking list was approved"),
    "QuestionAnswered": _("A question of an evaluator was answered"),
    "AppealLodged": _("The applicant appealed against the result"),
    "AppealDecided": _("The appeal was decided"),
    "RankingRevised": _("A new ranking list was approved after appeals"),
    "AwardGranted": _("Aid was granted"),
    "ExpressionChosen": _("The expression of interest was chosen"),
    "ApplicantInvited": _("The organisation was invited to apply"),
    "PlacedOnReserveList": _("The application was placed on the reserve list"),
    "AwardRefused": _("Aid was refused"),
    "MilestoneReached": _("A date was reached"),
    "FundsReservationRequested": _("Money was asked for"),
    "UndertakingLinkRecorded": _("A link to another firm of the same undertaking was recorded"),
    "AidReserved": _("The hours or places are counted as de minimis aid"),
    "AidReservationRefused": _("The ceiling of de minimis aid left too little for the hours or places"),
    "VoucherNotFunded": _("The voucher was not funded"),
    "VoucherOffered": _("The voucher was offered"),
    "VoucherAccepted": _("The offer was accepted"),
    "OfferDeclined": _("The offer was declined"),
    "OfferLapsed": _("The offer lapsed without an answer"),
    "VoucherIssued": _("The voucher was issued"),
    "ChangeRequested": _("The beneficiary asked for a change"),
    "ChangeDecided": _("The change that was asked for was decided"),
    "ProviderRegistrationChanged": _("The registration as a provider changed"),
    "OrderRerouted": _("The provider left before it had delivered: the beneficiary chooses another one"),
    "ProviderChanged": _("Another provider was granted"),
    "AmountChangeRequested": _("Another amount was granted; payments checks the money"),
    "VoucherValueChanged": _("The other amount of the voucher is in force"),
    "VoucherValueRefused": _("The other amount was refused: the money or the claims do not allow it"),
    "ReportSent": _("The beneficiary sent the report at the end"),
    "ReportAccepted": _("The final report was accepted"),
    "ReportReturned": _("The final report was returned to be completed"),
    "VoucherExtended": _("The voucher was extended"),
    "VoucherSuspended": _("The voucher was suspended"),
    "VoucherResumed": _("The suspension ended"),
    "VoucherExpired": _("The voucher expired unused"),
    "VoucherWithdrawn": _("The voucher was withdrawn"),
    "VoucherRevoked": _("The voucher was revoked"),
    "VoucherClosed": _("The voucher was closed"),
    "FundsReleaseRequested": _("The release of money was asked for"),
    "CapacityConfirmed": _("The hours or places of the call were confirmed"),
    "CapacityChanged": _("More hours or places were given to the call"),
    "UnitsReserved": _("Hours or places were reserved"),
    "UnitsReleased": _("Hours or places went back to the call"),
    "SessionBooked": _("The beneficiary booked a session"),
    "BookingCancelled": _("The booking of a session was cancelled"),
    "AttendanceRecorded": _("The host recorded who was there"),
    "AttendanceObjected": _("The beneficiary objected to the record of a session"),
    "AttendanceConfirmed": _("The record of a session stands"),
    "AttendanceCorrected": _("Two officers corrected the record of a session"),
    "EnvelopeOpened": _("The envelope of the call was opened"),
    "EnvelopeConfirmed": _("The envelope of the call was confirmed"),
    "EnvelopeChanged": _("The envelope of the call was changed"),
    "FundsAdded": _("More money was added to the voucher"),
    "FundsReserved": _("Money was reserved"),
    "FundsReservationRefused": _("The reservation of money was refused"),
    "FundsCommitted": _("Money was committed"),
    "FundsReleased": _("Money was released"),
    "VoucherSettled": _("All payments on the voucher have ended"),
    "DepositAwaited": _("The own share is awaited as a deposit"),
    "DepositReceived": _("The own share was paid in"),
    "ClaimLodged": _("A claim was lodged"),
    "ClaimAccepted": _("The claim was accepted"),
    "ClaimReturned": _("The claim was returned to be corrected"),
    "ClaimReplaced": _("A corrected claim took the place of the returned one"),
    "ClaimRejected": _("The claim was rejected"),
    "BalanceReleased": _("What was kept of the claims is paid, because the final report was accepted"),
    "PayeeAccountRegistered": _("A bank account was registered"),
    "PayeeAccountProposed": _("A change of the bank account was proposed"),
    "PayeeAccountConfirmed": _("The change of the bank account was confirmed"),
    "PayeeAccountRejected": _("The change of the bank account was rejected"),
    "DisbursementPrepared": _("A payment was prepared"),
    "DisbursementApproved": _("The payment was approved"),
    "DisbursementCancelled": _("The payment was cancelled"),
    "DisbursementRejectionConfirmed": _("It was confirmed that the bank had not paid"),
    "BankLineUnmatched": _("A line of the bank fitted no payment"),
    "BankLineResolved": _("A line of the bank was resolved"),
    "BatchSealed": _("The payment batch was sealed"),
    "BatchReleased": _("The payment batch was released"),
    "BatchSent": _("The payment batch was sent to the bank"),
    "DisbursementAccepted": _("The bank accepted the payment"),
    "DisbursementRejected": _("The bank rejected the payment"),
    "DisbursementOutcomeUnknown": _("The bank did not answer in time: the outcome of the payment is unknown"),
    "DisbursementPaid": _("The bank paid"),
    "DisbursementReturned": _("The payment came back"),
    "DisbursementCorrected": _("Two persons took back what they had said of the payment"),
    "RecoveryOrdered": _("A recovery was ordered"),
    "RecoverySettled": _("The recovery was settled"),
    "RecoveryReopened": _("The recovery was opened again"),
    "RecoveryWrittenOff": _("The recovery was written off"),
}
RULES = {
    "below-threshold": _("The total is below the threshold."),
    "below-criterion-threshold": _("A criterion is below its threshold."),
    "envelope-exhausted": _("The envelope was spent before this place on the list."),
    "reserve-list-ended": _("The reserve list ended before money was free."),
    "de-minimis-ceiling": _("The ceiling of de minimis aid of the undertaking left too little for it."),
    "withdrawn": _("The applicant withdrew it."),
    "provider-applies": _("The applicant is a provider of the catalogue, or linked to one."),
    "not-repaired": _("It was not corrected in time."),
}
"""Codes of refusals that are of the platform; those of eligibility are rules of the region, with a message of their own."""
DECISIONS = frozenset(
    {
        *(
            "ApplicationFoundEligible",
            "ApplicationFoundIneligible",
            "AwardGranted",
            "ExpressionChosen",
            "PlacedOnReserveList",
            "AwardRefused",
        ),
        *("ApplicationReturned", "VoucherRevoked", "ClaimAccepted", "ClaimRejected"),
    }
)
"""What stands first on the page of a case."""
_SERVICES = {
    "applications": _("Applications"),
    "evaluation": _("Evaluation"),
    "vouchers": _("Vouchers"),
    "payments": _("Payments"),
}
_COMMON = {"application_id", "call_id", "region", "organisation_id", "currency", "policy_id", "relations"}
_INSTANT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d")
_HASH = re.compile("[0-9a-f]{64}")


def sentence(event: Happened, language: str) -> str:
    return text(language, SENTENCES[event.name]) if event.name in SENTENCES else _words(event.name)


def sentences(language: str) -> dict[str, str]:
    """Name of an event → its sentence, for a choice."""
    return {name: text(language, words) for name, words in SENTENCES.items()}


def service_names(language: str) -> dict[str, str]:
    return {name: text(language, words) for name, words in _SERVICES.items()}


def why(event: Happened, language: str) -> list[str]:
    """The rules that an event of a refusal names."""
    rules = event.body.get("rules") or []
    return [text(language, RULES[rule]) if rule in RULES else str(rule) for rule in rules]


def rule_version(policy_id: str) -> str:
    """Date and hash of a policy's id, without the region and the scheme, which the whole case has in common."""
    return policy_id.rpartition("/")[2]


def details(event: Happened, zone: str, language: str) -> Iterator[tuple[str, str]]:
    """Name and value of each field of the event, as the record has them, without what the case has in common."""
    currency = str(event.body.get("currency", ""))
    for name, value in event.body.items():
        if name not in _COMMON and value not in (None, [], ""):
            yield name, _shown(name, value, currency, zone, language)


def _shown(name: str, value: Any, currency: str, zone: str, language: str) -> str:
    if name.endswith("_minor") and currency in MINOR_DIGITS:
        return money(int(value), currency, language)
    if name.endswith("_hundredths"):
        return scored(int(value), language)
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {part}" for key, part in value.items())
    if isinstance(value, str) and _INSTANT.match(value):
        return moment(datetime.fromisoformat(value), zone, language)
    return f"{value[:12]}…" if isinstance(value, str) and _HASH.fullmatch(value) else str(value)


def _words(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name).capitalize()
