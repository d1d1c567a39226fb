"""Drafts and justifications of score sheets, sheets set aside, questions, appeals, and lists revised after appeals."""

from alembic import op

revision = "evaluation_0009"
down_revision = "evaluation_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE assignments ADD COLUMN justifications bytea, ADD COLUMN sheets_set_aside int NOT NULL DEFAULT 0")
    op.execute("ALTER TABLE assignments ALTER sheets_set_aside DROP DEFAULT")
    op.execute("ALTER TABLE assignments ADD COLUMN ended_for varchar")
    op.execute("ALTER TABLE cases ADD COLUMN results int NOT NULL DEFAULT 0")
    op.execute("UPDATE cases SET results = 1 WHERE completed_at IS NOT NULL")
    op.execute("ALTER TABLE cases ALTER results DROP DEFAULT")
    op.execute("ALTER TABLE calls ADD COLUMN appeal_term_over_at timestamptz")
    op.execute("UPDATE calls SET appeal_term_over_at = appeals_over_at")
    op.execute("""
        CREATE TABLE drafts (
            assignment_id uuid PRIMARY KEY REFERENCES assignments (id),
            region varchar NOT NULL,
            organisation_id uuid NOT NULL,
            version int NOT NULL,
            content bytea NOT NULL,
            saved_at timestamptz NOT NULL,
            CONSTRAINT version CHECK (version > 0)
        )
    """)
    _set_aside()
    _questions()
    _appeals()


def _set_aside() -> None:
    op.execute("""
        CREATE TABLE set_aside_sheets (
            assignment_id uuid NOT NULL REFERENCES assignments (id),
            number int NOT NULL,
            application_id uuid NOT NULL,
            region varchar NOT NULL,
            organisation_id uuid NOT NULL,
            evaluator_id varchar NOT NULL,
            seat int NOT NULL,
            scores jsonb NOT NULL,
            total_points int NOT NULL,
            justifications bytea,
            comment bytea,
            scored_at timestamptz NOT NULL,
            set_aside_for varchar NOT NULL,
            set_aside_by varchar NOT NULL,
            set_aside_at timestamptz NOT NULL,
            reason bytea,
            PRIMARY KEY (assignment_id, number),
            CONSTRAINT set_aside_for CHECK (set_aside_for IN ('reopened', 'conflict', 'appeal'))
        )
    """)
    op.execute("CREATE INDEX ix_set_aside_sheets_case ON set_aside_sheets (application_id)")


def _questions() -> None:
    op.execute("""
        CREATE TABLE questions (
            id uuid PRIMARY KEY,
            assignment_id uuid NOT NULL REFERENCES assignments (id),
            application_id uuid NOT NULL,
            call_id uuid NOT NULL,
            region varchar NOT NULL,
            organisation_id uuid NOT NULL,
            asked_by varchar NOT NULL,
            asked_at timestamptz NOT NULL,
            question bytea,
            answered_by varchar,
            answered_at timestamptz,
            answer bytea,
            CONSTRAINT answer CHECK ((answered_at IS NULL) = (answered_by IS NULL))
        )
    """)
    op.execute("CREATE INDEX ix_questions_list ON questions (region, asked_at, id)")
    op.execute("CREATE INDEX ix_questions_assignment ON questions (assignment_id)")


def _appeals() -> None:
    op.execute("""
        CREATE TABLE appeals (
            id uuid PRIMARY KEY,
            application_id uuid NOT NULL UNIQUE REFERENCES cases (application_id),
            call_id uuid NOT NULL REFERENCES calls (id),
            region varchar NOT NULL,
            organisation_id uuid NOT NULL,
            list_hash varchar NOT NULL,
            state varchar NOT NULL,
            lodged_by varchar NOT NULL,
            lodged_at timestamptz NOT NULL,
            grounds bytea,
            decided_by varchar,
            decided_at timestamptz,
            reasons bytea,
            rescoring varchar,
            CONSTRAINT state CHECK (state IN ('lodged', 'dismissed', 'upheld', 'settled', 'withdrawn')),
            CONSTRAINT rescoring CHECK (rescoring IS NULL OR rescoring IN ('same-evaluators', 'other-evaluators')),
            CONSTRAINT decision CHECK ((decided_at IS NULL) = (decided_by IS NULL)),
            CONSTRAINT decided CHECK (state NOT IN ('dismissed', 'upheld', 'settled') OR decided_at IS NOT NULL)
        )
    """)
    op.execute("CREATE INDEX ix_appeals_call ON appeals (call_id)")
    op.execute("CREATE INDEX ix_appeals_list ON appeals (region, lodged_at, id)")
    op.execute("""
        CREATE TABLE revised_rankings (
            call_id uuid NOT NULL REFERENCES calls (id),
            number int NOT NULL,
            list_hash varchar NOT NULL,
            list_text varchar NOT NULL,
            approved_by varchar NOT NULL,
            approved_at timestamptz NOT NULL,
            outcomes jsonb NOT NULL,
            PRIMARY KEY (call_id, number),
            CONSTRAINT number CHECK (number > 1)
        )
    """)


def downgrade() -> None:
    for table in ("revised_rankings", "appeals", "questions", "set_aside_sheets", "drafts"):
        op.execute(f"DROP TABLE {table}")
    op.execute("ALTER TABLE calls DROP COLUMN appeal_term_over_at")
    op.execute("ALTER TABLE cases DROP COLUMN results")
    op.execute("ALTER TABLE assignments DROP COLUMN justifications, DROP COLUMN sheets_set_aside, DROP COLUMN ended_for")
