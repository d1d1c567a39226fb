"""Which service consumes which event: a second declaration on purpose. A test compares it with the services' own handlers."""

_CALLS = ("CallPublished", "CallExtended")
_RULES = ("SchemeFilePublished",)
_FOUND = ("ApplicationFoundEligible", "ApplicationFoundIneligible", "ApplicationWithdrawn", "ApplicationSubmitted")
_APPLICANTS = ("ApplicantJoined", "ApplicantMemberRecorded")
_DECIDED = ("AwardGranted", "PlacedOnReserveList", "AwardRefused")

CONSUMERS: dict[str, frozenset[str]] = {
    "applications": frozenset(
        {
            "MilestoneReached", "DrawCommitted", "EvaluatorAssigned", "EvaluatorDeclared", "EvaluatorRecused", "VoucherClosed", *_DECIDED,
            "MemberJoined", "MemberLeft", "ProviderRegistrationChanged", "ExpressionChosen",
        }
    ),
    "evaluation": frozenset(
        {*_RULES, *_CALLS, *_FOUND, *_APPLICANTS, "CallClosed", "ScreeningCompleted", "MilestoneReached", "FundsReleased",
         "VoucherNotFunded", "FundsAdded", "EnvelopeChanged", "EnvelopeConfirmed",
         "CapacityConfirmed", "CapacityChanged", "UnitsReleased", "SubjectErased",
         "CaseRemoved"}
    ),
    "payments": frozenset(
        {
            *_APPLICANTS, *_FOUND, "AwardRefused", "EvaluatorAssigned", "SubjectErased", "CaseRemoved", "UnitsReserved", "UnitsReleased",
            *_RULES,
            "CallPublished", "FundsReservationRequested", "VoucherAccepted", "FundsReleaseRequested", "VoucherIssued", "VoucherExtended",
            "VoucherSuspended", "VoucherResumed", "VoucherWithdrawn", "VoucherRevoked", "MilestoneReached",
            "ProviderChanged", "AmountChangeRequested", "ReportAccepted", "UndertakingLinkRecorded",
        }
    ),
    "people": frozenset(
        {
            "ApplicantJoined", "DraftWithdrawn", "ApplicationSubmitted", "ApplicationWithdrawn", "ApplicationReturned",
            "ApplicationFoundIneligible", "ApplicantInvited", *_CALLS, *_RULES, "RankingApproved", *_DECIDED,
            "VoucherOffered", "VoucherExtended", "VoucherIssued", "VoucherClosed", "MilestoneReached", "RoleGranted",
            "ClaimAccepted", "ClaimReturned", "ClaimRejected", "OrderRerouted", "ChangeDecided",
            "AppealLodged", "AppealDecided", "QuestionAnswered", "CallCorrected", "AttendanceRecorded", "BookingCancelled",
            "ApplicationTasksCounted", "EvaluationTasksCounted", "VoucherTasksCounted", "PaymentTasksCounted",
        }
    ),
    "vouchers": frozenset(
        {
            *_CALLS, *_RULES, *_FOUND, *_APPLICANTS, "RankingApproved", "AwardGranted", "ApplicationReturned", "EvaluatorAssigned",
            "CaseRemoved", "VoucherAccepted", "OfferDeclined", "VoucherExtended", "VoucherSuspended", "VoucherResumed", "VoucherWithdrawn",
            "VoucherRevoked", "CapacityConfirmed", "AttendanceRecorded",
            "AidReserved", "AidReservationRefused",
            "FundsReserved", "FundsReservationRefused", "FundsCommitted", "FundsReleased", "VoucherSettled", "DepositReceived",
            "VoucherValueChanged", "VoucherValueRefused",
            "ClaimLodged", "ClaimAccepted", "ClaimReturned", "ClaimReplaced", "ClaimRejected", "BatchSent",
            "DisbursementAccepted", "DisbursementRejected", "DisbursementPaid", "DisbursementReturned",
            "DisbursementCorrected",
        }
    ),
}  # fmt: skip
