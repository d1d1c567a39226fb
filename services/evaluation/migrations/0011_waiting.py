"""What waits at a desk, without reading what is done."""

from alembic import op

revision = "evaluation_0011"
down_revision = "evaluation_0010"
branch_labels = None
depends_on = None

STATEMENTS = (
    "CREATE INDEX ix_appeals_lodged ON appeals (region, lodged_at, id) WHERE state = 'lodged'",
    "CREATE INDEX ix_questions_open ON questions (region, asked_at, id) WHERE answered_at IS NULL",
    "CREATE INDEX ix_assignments_of_evaluator ON assignments (evaluator_id, state, due_at, id)",
    "DROP INDEX ix_assignments_evaluator",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("CREATE INDEX ix_assignments_evaluator ON assignments (evaluator_id)")
    for name in ("appeals_lodged", "questions_open", "assignments_of_evaluator"):
        op.execute(f"DROP INDEX ix_{name}")
