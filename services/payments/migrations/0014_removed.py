"""What may be removed once the term of a case is over: references of documents and the bytes of payment files, which may only become
empty."""

from alembic import op

revision = "payments_0014"
down_revision = "payments_0013"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE vouchers ADD COLUMN removed_at timestamptz",
    "ALTER TABLE bank_files ADD COLUMN removed_at timestamptz",
    "ALTER TABLE batches ADD COLUMN removed_at timestamptz",
    "ALTER TABLE batches ALTER COLUMN file DROP NOT NULL",
    "ALTER TABLE batches ADD CONSTRAINT removed_or_whole CHECK ((file IS NULL) = (removed_at IS NOT NULL))",
    "ALTER TABLE claim_evidence ALTER COLUMN reference DROP NOT NULL, ALTER COLUMN number_key DROP NOT NULL",
    """
    CREATE OR REPLACE FUNCTION sealed_bytes() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (NEW.id, NEW.file_hash, NEW.total_minor) IS DISTINCT FROM (OLD.id, OLD.file_hash, OLD.total_minor)
            OR (NEW.file IS NOT NULL AND NEW.file IS DISTINCT FROM OLD.file)
            OR (OLD.removed_at IS NOT NULL AND NEW.removed_at IS DISTINCT FROM OLD.removed_at)
        THEN
            RAISE EXCEPTION 'a sealed batch does not change' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE FUNCTION stated_reference() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (NEW.reference IS NOT NULL AND NEW.reference IS DISTINCT FROM OLD.reference)
            OR (NEW.number_key IS NOT NULL AND NEW.number_key IS DISTINCT FROM OLD.number_key)
        THEN
            RAISE EXCEPTION 'the reference of a document does not change' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER stated_reference BEFORE UPDATE ON claim_evidence FOR EACH ROW EXECUTE FUNCTION stated_reference()",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


BEFORE = """
    CREATE OR REPLACE FUNCTION sealed_bytes() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (NEW.id, NEW.file_hash, NEW.file, NEW.total_minor) IS DISTINCT FROM (OLD.id, OLD.file_hash, OLD.file, OLD.total_minor) THEN
            RAISE EXCEPTION 'a sealed batch does not change' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
"""


def downgrade() -> None:
    """Fails where a content is removed already."""
    op.execute(BEFORE)
    op.execute("ALTER TABLE batches ALTER COLUMN file SET NOT NULL")
    op.execute("ALTER TABLE claim_evidence ALTER COLUMN reference SET NOT NULL, ALTER COLUMN number_key SET NOT NULL")
    op.execute("DROP TRIGGER stated_reference ON claim_evidence")
    op.execute("DROP FUNCTION stated_reference")
    op.execute("ALTER TABLE batches DROP CONSTRAINT removed_or_whole")
    for table in ("vouchers", "bank_files", "batches"):
        op.execute(f"ALTER TABLE {table} DROP COLUMN removed_at")
