"""What two persons have said of a payment, of a recovery or of an unknown outcome can be undone by its opposite; a payment that came back
can be booked again."""

from alembic import op

revision = "payments_0041"
down_revision = "payments_0040"
branch_labels = None
depends_on = None

_OF_PAYMENTS = "(resolution IN ('matched', 'returned-in-part')) = (disbursement_id IS NOT NULL)"
_OF_RECOVERIES = "(resolution = 'recovery') = (recovery_id IS NOT NULL)"
_DOCUMENT = ("media_type", "size_bytes", "sha256", "scan")


def _checked(table: str, name: str, condition: str) -> tuple[str, str]:
    return f"ALTER TABLE {table} DROP CONSTRAINT {name}", f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({condition})"


def _matches(before: str) -> tuple[str, ...]:
    return tuple(
        statement
        for table in ("line_proposals", "line_parts")
        for name, condition in (("matched_to_a_payment", _OF_PAYMENTS), ("matched_to_a_recovery", _OF_RECOVERIES))
        for statement in _checked(table, name, before + condition)
    )


STATEMENTS = (
    "ALTER TABLE attempts ADD COLUMN corrections integer NOT NULL DEFAULT 0",
    "ALTER TABLE attempts ADD COLUMN returned_before date",
    "ALTER TABLE recoveries ADD COLUMN reopened integer NOT NULL DEFAULT 0",
    *_matches("resolution = 'undone' OR "),
    "ALTER TABLE outcome_proofs ADD COLUMN undoes uuid REFERENCES outcome_proofs (id)",
    *(f"ALTER TABLE outcome_proofs ALTER COLUMN {name} DROP NOT NULL" for name in _DOCUMENT),
    *_checked("outcome_proofs", "known_outcome", "outcome IN ('paid', 'rejected', 'unknown')"),
    *_checked("outcome_proofs", "removed_or_whole", "undoes IS NOT NULL OR (document IS NULL) = (removed_at IS NOT NULL)"),
    "ALTER TABLE outcome_proofs ADD CONSTRAINT unknown_again CHECK ((outcome = 'unknown') = (undoes IS NOT NULL))",
    f"""
    ALTER TABLE outcome_proofs ADD CONSTRAINT with_its_document
    CHECK (num_nulls({", ".join(_DOCUMENT)}) = CASE WHEN undoes IS NULL THEN 0 ELSE 4 END)
    """,
    "CREATE INDEX ix_bank_lines_attempt ON bank_lines (attempt_id) WHERE attempt_id IS NOT NULL AND amount_minor IS NOT NULL",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Fails where something was undone."""
    op.execute("DROP INDEX ix_bank_lines_attempt")
    op.execute("ALTER TABLE outcome_proofs DROP CONSTRAINT with_its_document, DROP CONSTRAINT unknown_again")
    for statement in (
        *_checked("outcome_proofs", "removed_or_whole", "(document IS NULL) = (removed_at IS NOT NULL)"),
        *_checked("outcome_proofs", "known_outcome", "outcome IN ('paid', 'rejected')"),
        *(f"ALTER TABLE outcome_proofs ALTER COLUMN {name} SET NOT NULL" for name in _DOCUMENT),
        "ALTER TABLE outcome_proofs DROP COLUMN undoes",
        *_matches(""),
        "ALTER TABLE recoveries DROP COLUMN reopened",
        "ALTER TABLE attempts DROP COLUMN corrections, DROP COLUMN returned_before",
    ):
        op.execute(statement)
