"""When a case has ended and its content is removed; legal holds; the report of the runs."""

from alembic import op

revision = "applications_0010"
down_revision = "applications_0009"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE applications ADD COLUMN voucher_outcome varchar",
    "ALTER TABLE applications ADD COLUMN voucher_closed_at timestamptz",
    "ALTER TABLE applications ADD COLUMN removed_at timestamptz",
    """
    ALTER TABLE applications ADD CONSTRAINT ck_applications_voucher
        CHECK (voucher_outcome IN ('not-funded', 'declined', 'lapsed', 'expired', 'settled', 'withdrawn', 'revoked'))
    """,
    "ALTER TABLE applications ALTER form DROP NOT NULL, ALTER return_note DROP NOT NULL",
    """
    ALTER TABLE applications ADD CONSTRAINT ck_applications_removed
        CHECK (num_nonnulls(form, return_note) = CASE WHEN removed_at IS NULL THEN 2 ELSE 0 END)
    """,
    """
    ALTER TABLE applications ADD CONSTRAINT ck_applications_removed_texts
        CHECK (removed_at IS NULL OR num_nonnulls(title, assessment) = 0)
    """,
    "ALTER TABLE form_versions ALTER form DROP NOT NULL",
    "DROP TRIGGER unchanged ON form_versions",
    # a form may be encrypted once (as before), and become empty; nothing comes back
    """
    CREATE TRIGGER unchanged BEFORE UPDATE ON form_versions
    FOR EACH ROW WHEN (NEW.form IS NOT NULL AND (OLD.form IS NULL OR get_byte(OLD.form, 0) <> 0)) EXECUTE FUNCTION append_only()
    """,
    """
    CREATE TABLE legal_holds (
        id uuid PRIMARY KEY,
        region varchar NOT NULL,
        subject_kind varchar NOT NULL CONSTRAINT known_subject CHECK (subject_kind IN ('case', 'organisation')),
        subject_id uuid NOT NULL,
        reason varchar NOT NULL,
        placed_by varchar NOT NULL,
        placed_at timestamptz NOT NULL,
        lifted_at timestamptz,
        lifted_by varchar,
        lifting_reason varchar,
        CONSTRAINT lifted_in_full CHECK (num_nulls(lifted_at, lifted_by, lifting_reason) IN (0, 3)),
        CONSTRAINT lifted_by_a_second_person CHECK (lifted_by <> placed_by)
    )
    """,
    "CREATE INDEX ix_legal_holds_subject ON legal_holds (subject_id)",
    "CREATE INDEX ix_legal_holds_list ON legal_holds (region, placed_at, id)",
    """
    CREATE TABLE retention_runs (
        id uuid PRIMARY KEY,
        region varchar NOT NULL,
        at timestamptz NOT NULL,
        removed integer NOT NULL,
        held integer NOT NULL,
        failed integer NOT NULL
    )
    """,
    "CREATE INDEX ix_retention_runs_list ON retention_runs (region, at, id)",
    """
    CREATE TABLE retention_results (
        run_id uuid NOT NULL REFERENCES retention_runs (id),
        application_id uuid NOT NULL REFERENCES applications (id),
        region varchar NOT NULL,
        at timestamptz NOT NULL,
        policy_id varchar NOT NULL,
        retention_class varchar NOT NULL,
        kept_until timestamptz NOT NULL,
        outcome varchar NOT NULL CONSTRAINT known_outcome CHECK (outcome IN ('removed', 'held', 'failed')),
        reason varchar NOT NULL,
        PRIMARY KEY (run_id, application_id)
    )
    """,
    "CREATE INDEX ix_retention_results_case ON retention_results (application_id)",
    "CREATE INDEX ix_retention_results_list ON retention_results (region, at, application_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Fails where content was removed: what must not be empty is."""
    op.execute("DROP TRIGGER unchanged ON form_versions")
    op.execute("""
        CREATE TRIGGER unchanged BEFORE UPDATE ON form_versions
        FOR EACH ROW WHEN (get_byte(OLD.form, 0) <> 0) EXECUTE FUNCTION append_only()
    """)
    op.execute("ALTER TABLE form_versions ALTER form SET NOT NULL")
    op.execute("ALTER TABLE applications ALTER form SET NOT NULL, ALTER return_note SET NOT NULL")
    for table in ("retention_results", "retention_runs", "legal_holds"):
        op.execute(f"DROP TABLE {table}")
    for column in ("removed_at", "voucher_closed_at", "voucher_outcome"):
        op.execute(f"ALTER TABLE applications DROP COLUMN {column} CASCADE")
