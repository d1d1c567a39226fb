"""Drafts are cases as well, calls have their end, and members are mailed about the published list."""

from alembic import op

revision = "people_0005"
down_revision = "people_0004"
branch_labels = None
depends_on = None

TEMPLATES = (
    "'receipt', 'returned', 'deadline-moved', {}'decision', 'offer', 'voucher-extended', 'digest', 'invitation', 'role-invitation', "
    "'role-granted'"
)


def upgrade() -> None:
    op.execute("ALTER TABLE cases ALTER COLUMN receipt DROP NOT NULL")
    op.execute("CREATE TABLE calls (id uuid NOT NULL, region varchar NOT NULL, closes_at timestamptz NOT NULL, PRIMARY KEY (id))")
    _allow(TEMPLATES.format("'list-published', "), "'draft', 'offer', 'claims'")


def downgrade() -> None:
    op.execute("DELETE FROM reminders WHERE case_id IN (SELECT application_id FROM cases WHERE receipt IS NULL)")
    op.execute("DELETE FROM cases WHERE receipt IS NULL")
    op.execute("DELETE FROM mails WHERE template = 'list-published'")
    op.execute("DROP TABLE calls")
    op.execute("ALTER TABLE cases ALTER COLUMN receipt SET NOT NULL")
    _allow(TEMPLATES.format(""), "'offer', 'claims'")


def _allow(templates: str, kinds: str) -> None:
    for table, column, values in (("mails", "template", templates), ("reminders", "kind", kinds)):
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_{column}")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{column} CHECK ({column} IN ({values}))")
