"""A decision may be that an expression of interest is invited."""

from alembic import op

revision = "evaluation_0015"
down_revision = "evaluation_0014"
branch_labels = None
depends_on = None

BEFORE, INVITED = "'granted', 'reserve', 'refused'", "'invited'"


def upgrade() -> None:
    _take(f"{BEFORE}, {INVITED}")


def downgrade() -> None:
    _take(BEFORE)


def _take(outcomes: str) -> None:
    op.execute("ALTER TABLE decisions DROP CONSTRAINT outcome")
    op.execute(f"ALTER TABLE decisions ADD CONSTRAINT outcome CHECK (outcome IN ({outcomes}))")
