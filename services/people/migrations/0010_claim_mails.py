"""Mails about claims that were returned, accepted or rejected."""

from alembic import op

revision = "people_0010"
down_revision = "people_0009"
branch_labels = None
depends_on = None

BEFORE = (
    "'receipt', 'returned', 'deadline-moved', 'list-published', 'decision', 'offer', 'voucher-extended', 'digest', 'invitation', "
    "'role-invitation', 'role-granted'"
)
CLAIMS = "'claim-returned', 'claim-accepted', 'claim-rejected'"


def upgrade() -> None:
    _take(f"{BEFORE}, {CLAIMS}")


def downgrade() -> None:
    op.execute(f"DELETE FROM mails WHERE template IN ({CLAIMS})")
    _take(BEFORE)


def _take(templates: str) -> None:
    op.execute("ALTER TABLE mails DROP CONSTRAINT ck_mails_template")
    op.execute(f"ALTER TABLE mails ADD CONSTRAINT ck_mails_template CHECK (template IN ({templates}))")
