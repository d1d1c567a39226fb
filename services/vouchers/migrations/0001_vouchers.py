"""Vouchers, dates of calls, milestones, batches at the bank, steps of workflows. The tables' modules say what each constraint stops."""

from alembic import op

revision = "vouchers_0001"
down_revision = None
branch_labels = ("vouchers",)
depends_on = "messaging_0001"

STATEMENTS = (
    """
    CREATE TABLE vouchers (
        id uuid PRIMARY KEY,
        award_id uuid NOT NULL UNIQUE,
        application_id uuid NOT NULL,
        call_id uuid NOT NULL,
        region varchar NOT NULL,
        organisation_id uuid NOT NULL,
        scheme varchar NOT NULL,
        policy_id varchar NOT NULL,
        amount_minor bigint NOT NULL,
        currency varchar NOT NULL,
        state varchar NOT NULL,
        outcome varchar,
        code varchar UNIQUE,
        redeemed_minor bigint NOT NULL,
        extensions integer NOT NULL,
        created_at timestamptz NOT NULL,
        offered_at timestamptz,
        reminded_until timestamptz,
        answer_by timestamptz,
        answered_at timestamptz,
        issued_at timestamptz,
        valid_until timestamptz,
        claims_until timestamptz,
        suspended_at timestamptz,
        claimed_at timestamptz,
        settled_at timestamptz,
        closed_at timestamptz,
        CONSTRAINT known_state CHECK (
            state IN ('requested', 'offered', 'accepted', 'issued', 'claiming', 'settling', 'releasing', 'closed')),
        CONSTRAINT known_outcome CHECK (
            outcome IN ('not-funded', 'declined', 'lapsed', 'expired', 'settled', 'withdrawn', 'revoked')),
        CONSTRAINT closed_at_the_end CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
        CONSTRAINT every_end_has_an_outcome CHECK (state NOT IN ('closed', 'releasing') OR outcome IS NOT NULL),
        CONSTRAINT offers_end CHECK (state <> 'offered' OR answer_by IS NOT NULL),
        CONSTRAINT usable_when_issued CHECK (state NOT IN ('issued', 'claiming') OR issued_at IS NOT NULL),
        CONSTRAINT issued_in_full CHECK (num_nulls(issued_at, code, valid_until, claims_until) IN (0, 4)),
        CONSTRAINT claims_follow_validity CHECK (valid_until <= claims_until),
        CONSTRAINT amounts_not_negative CHECK (amount_minor > 0 AND redeemed_minor >= 0 AND extensions >= 0)
    )
    """,
    "CREATE UNIQUE INDEX one_live_voucher ON vouchers (application_id) WHERE state <> 'closed'",
    "CREATE INDEX ix_vouchers_list ON vouchers (region, state)",
    "CREATE INDEX ix_vouchers_application_id ON vouchers (application_id)",
    "CREATE INDEX ix_vouchers_call_id ON vouchers (call_id)",
    "CREATE INDEX ix_vouchers_organisation_id ON vouchers (organisation_id)",
    """
    CREATE TABLE extensions (
        voucher_id uuid NOT NULL REFERENCES vouchers,
        number integer NOT NULL,
        previous_valid_until timestamptz NOT NULL,
        previous_claims_until timestamptz NOT NULL,
        valid_until timestamptz NOT NULL,
        claims_until timestamptz NOT NULL,
        extended_at timestamptz NOT NULL,
        actor varchar NOT NULL,
        reason varchar NOT NULL,
        PRIMARY KEY (voucher_id, number),
        CONSTRAINT extensions_go_forward CHECK (valid_until > previous_valid_until)
    )
    """,
    """
    CREATE TABLE redemptions (
        disbursement_id uuid NOT NULL,
        attempt integer NOT NULL,
        voucher_id uuid NOT NULL REFERENCES vouchers,
        amount_minor bigint NOT NULL,
        returned boolean NOT NULL,
        PRIMARY KEY (disbursement_id, attempt)
    )
    """,
    "CREATE INDEX ix_redemptions_voucher_id ON redemptions (voucher_id)",
    """
    CREATE TABLE calls (
        id uuid PRIMARY KEY,
        region varchar NOT NULL,
        slug varchar NOT NULL,
        scheme varchar NOT NULL,
        selection varchar NOT NULL,
        policy_id varchar NOT NULL,
        ranking_approved_at timestamptz
    )
    """,
    "CREATE INDEX ix_calls_region ON calls (region)",
    """
    CREATE TABLE call_dates (
        call_id uuid NOT NULL REFERENCES calls,
        kind varchar NOT NULL,
        due_at timestamptz NOT NULL,
        reached_at timestamptz,
        replaced_at timestamptz,
        PRIMARY KEY (call_id, kind, due_at),
        CONSTRAINT reached_or_replaced CHECK (reached_at IS NULL OR replaced_at IS NULL),
        CONSTRAINT never_reached_early CHECK (reached_at >= due_at)
    )
    """,
    """
    CREATE TABLE milestones (
        subject_id uuid NOT NULL,
        kind varchar NOT NULL,
        case_id uuid NOT NULL,
        region varchar NOT NULL,
        policy_id varchar NOT NULL,
        due_at timestamptz NOT NULL,
        reached_at timestamptz,
        ended_at timestamptz,
        PRIMARY KEY (subject_id, kind),
        CONSTRAINT reached_or_ended CHECK (reached_at IS NULL OR ended_at IS NULL)
    )
    """,
    """
    CREATE TABLE batches (
        id uuid PRIMARY KEY,
        awaits uuid[],
        answered uuid[] NOT NULL
    )
    """,
    """
    CREATE TABLE steps (
        workflow_id varchar NOT NULL,
        number integer NOT NULL,
        name varchar NOT NULL,
        result jsonb NOT NULL,
        PRIMARY KEY (workflow_id, number)
    )
    """,
    """
    CREATE TABLE late_news (
        event_id uuid PRIMARY KEY,
        workflow_id varchar NOT NULL,
        news varchar NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX ix_late_news_workflow_id ON late_news (workflow_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE late_news, steps, batches, milestones, call_dates, calls, redemptions, extensions, vouchers")
