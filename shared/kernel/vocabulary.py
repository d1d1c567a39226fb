"""The closed vocabularies of the programme: every word that more than one service, or a policy, uses for a kind or a state.

An event field of such a vocabulary is declared with its type of `shared.contracts.common`, which takes only these words where the
event is produced and keeps an unknown one, with a warning in the log, where it is consumed.
"""

from enum import StrEnum


class SelectionMethod(StrEnum):
    """How a call chooses: by score, by the moment of submission, or by lot among the eligible."""

    RANKING = "ranking"
    FIRST_COME = "first-come"
    DRAW = "draw"


class PaymentMode(StrEnum):
    """Who is paid when a claim is accepted."""

    REIMBURSEMENT = "reimbursement"
    PROVIDER_DIRECT = "provider-direct"


class EvidenceKind(StrEnum):
    """What a document proves that a claim rests on."""

    INVOICE = "invoice"
    PROOF_OF_PAYMENT = "proof-of-payment"
    DELIVERABLE = "deliverable"
    ACCEPTANCE_PROTOCOL = "acceptance-protocol"
    TIMESHEET = "timesheet"
    VISIBILITY_PROOF = "visibility-proof"


class LinkKind(StrEnum):
    """What makes two firms one undertaking (Regulation (EU) 2023/2831, article 2(2)(a) to (d)): one has the majority of votes in the other,
    may appoint or remove most of its board, has a dominant influence by contract or statutes, or controls the majority of votes by an
    agreement with other holders."""

    MAJORITY_OF_VOTES = "majority-of-votes"
    BOARD = "board"
    DOMINANT_INFLUENCE = "dominant-influence"
    AGREEMENT = "agreement"


class MemberRole(StrEnum):
    """What a member may do for an organisation: an owner also changes its profile and says who else is a member."""

    OWNER = "owner"
    EDITOR = "editor"


class MilestoneKind(StrEnum):
    """What a deadline is about. The subject is a call, an application, a voucher, a claim, a batch or a region, in this order."""

    CALL_OPENS = "call-opens"
    CALL_CLOSING_SOON = "call-closing-soon"
    CALL_CLOSES = "call-closes"
    EVALUATION_DUE = "evaluation-due"
    APPEALS_OVER = "appeals-over"
    RESERVE_LIST_ENDS = "reserve-list-ends"
    REPAIR_ENDS = "repair-ends"
    OFFER_REMINDER = "offer-reminder"
    VALIDITY_ENDS = "validity-ends"
    CLAIM_WINDOW_ENDS = "claim-window-ends"
    ANSWER_OVERDUE = "answer-overdue"
    CLAIM_CHECK_DUE = "claim-check-due"
    CLAIM_CORRECTION_ENDS = "claim-correction-ends"
    FINAL_REPORT_DUE = "final-report-due"
    DEPOSIT_DUE = "deposit-due"
    BANK_SILENCE = "bank-silence"
    RETENTION_DUE = "retention-due"


class TaskKind(StrEnum):
    """What waits for somebody of the agency, in the order of urgency: for finance, officers, evaluators, administrators."""

    UNKNOWN_OUTCOMES = "unknown-outcomes"
    PROOFS = "proofs"
    UNMATCHED_LINES = "unmatched-lines"
    PAYMENTS_TO_CORRECT = "payments-to-correct"
    BATCHES_TO_RELEASE = "batches-to-release"
    PAYMENTS_TO_SEAL = "payments-to-seal"
    PAYMENTS_TO_APPROVE = "payments-to-approve"
    CLAIMS_TO_PREPARE = "claims-to-prepare"
    ACCOUNTS = "accounts"
    ENVELOPES = "envelopes"
    ENVELOPE_CHANGES = "envelope-changes"
    OVERRULES = "overrules"
    CORRECTED_APPLICATIONS = "corrected-applications"
    APPLICATIONS_TO_SCREEN = "applications-to-screen"
    APPEALS = "appeals"
    QUESTIONS = "questions"
    LATE_EVALUATORS = "late-evaluators"
    CLAIMS_TO_CHECK = "claims-to-check"
    AID_TO_REGISTER = "aid-to-register"
    CHANGES = "changes"
    SUSPENDED_VOUCHERS = "suspended-vouchers"
    CALLS_TO_PUBLISH = "calls-to-publish"
    SHEETS_DUE = "sheets-due"
    INTERESTS_TO_DECLARE = "interests-to-declare"
    APPLICATIONS_TO_SCORE = "applications-to-score"
    ROLES_TO_DECIDE = "roles-to-decide"


class CallState(StrEnum):
    PUBLISHED = "published"
    OPEN = "open"
    CLOSED = "closed"


class ApplicationState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    ELIGIBLE = "eligible"
    INELIGIBLE = "ineligible"


class AssignmentState(StrEnum):
    """DECLARED: the evaluator declared no conflict of interest and may score. VOID: the case was withdrawn."""

    ASSIGNED = "assigned"
    DECLARED = "declared"
    SCORED = "scored"
    RECUSED = "recused"
    VOID = "void"


class DecisionOutcome(StrEnum):
    """INVITED: of an expression of interest, to submit an application; nothing is granted by it."""

    GRANTED = "granted"
    RESERVE = "reserve"
    REFUSED = "refused"
    INVITED = "invited"


class VoucherOutcome(StrEnum):
    """How a voucher's life ended."""

    NOT_FUNDED = "not-funded"
    DECLINED = "declined"
    LAPSED = "lapsed"
    EXPIRED = "expired"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"


class RetentionClass(StrEnum):
    """How a case ended, which decides how long its personal content is kept. PAID: aid was granted and taken, even if nothing was paid."""

    DRAFT = "draft"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    PAID = "paid"


class HoldSubject(StrEnum):
    """What a legal hold protects: one case, or every case of an organisation in the region."""

    CASE = "case"
    ORGANISATION = "organisation"


class ClaimState(StrEnum):
    """RETURNED: to the beneficiary, for correction. REPLACED: the corrected claim stands in its place."""

    LODGED = "lodged"
    RETURNED = "returned"
    REPLACED = "replaced"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class RecoveryState(StrEnum):
    ORDERED = "ordered"
    SETTLED = "settled"
    WRITTEN_OFF = "written-off"


class RelationKind(StrEnum):
    """A relation between an applicant and an evaluator by which a conflict of interest is found."""

    TAX_NUMBER = "tax-number"
    ADDRESS = "address"
    E_MAIL_DOMAIN = "e-mail-domain"
    OWNER = "owner"
    EMPLOYER = "employer"
