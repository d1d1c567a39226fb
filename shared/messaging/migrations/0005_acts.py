"""Who took which part in a case. Acts from before are filled in from the service's own event log."""

from alembic import op

revision = "messaging_0005"
down_revision = "messaging_0004"
branch_labels = None
depends_on = None

_DUTIES = {
    "CallPublished": "publish-call", "CallExtended": "publish-call", "ApplicationSubmitted": "apply", "ApplicationWithdrawn": "apply",
    "ApplicationReturned": "screen", "ApplicationFoundEligible": "screen", "ApplicationFoundIneligible": "screen",
    "EvaluatorAssigned": "score", "RankingApproved": "decide",
    "VoucherAccepted": "apply", "OfferDeclined": "apply", "VoucherWithdrawn": "apply",
    "VoucherExtended": "manage-voucher", "VoucherSuspended": "manage-voucher", "VoucherResumed": "manage-voucher",
    "VoucherRevoked": "manage-voucher", "ClaimLodged": "apply", "ClaimAccepted": "check-claim", "ClaimRejected": "check-claim",
    "DisbursementPrepared": "prepare", "DisbursementCancelled": "prepare", "DisbursementApproved": "approve",
    "RecoveryOrdered": "order-recovery", "RecoverySettled": "close-recovery", "RecoveryWrittenOff": "close-recovery",
}  # fmt: skip
_PERSON = "CASE WHEN split_part(type, '.', 2) = 'EvaluatorAssigned' THEN body ->> 'evaluator_id' ELSE actor END"


def upgrade() -> None:
    duties = ", ".join(f"('{name}', '{duty}')" for name, duty in _DUTIES.items())
    op.execute(
        """
        CREATE TABLE acts (
            event_id uuid PRIMARY KEY,
            subject_id uuid NOT NULL,
            call_id uuid,
            duty varchar NOT NULL,
            actor varchar NOT NULL,
            at timestamptz NOT NULL
        )
        """
    )
    op.execute(
        f"""
        INSERT INTO acts
        SELECT DISTINCT ON (event_id) event_id, correlation_id, CAST(body ->> 'call_id' AS uuid), duties.duty, {_PERSON}, time
        FROM outbox JOIN (VALUES {duties}) AS duties (name, duty) ON duties.name = split_part(outbox.type, '.', 2)
        WHERE {_PERSON} <> 'system'
        """
    )
    op.execute("CREATE INDEX ix_acts_subject ON acts (actor, subject_id)")
    op.execute("CREATE INDEX ix_acts_call ON acts (actor, call_id)")


def downgrade() -> None:
    op.execute("DROP TABLE acts")
