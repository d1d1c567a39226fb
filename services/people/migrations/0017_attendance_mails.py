"""Mails about sessions: a record of who was there, and a session that will not take place."""

from alembic import op

revision = "people_0017"
down_revision = "people_0016"
branch_labels = None
depends_on = None

BEFORE = (
    "'receipt', 'returned', 'deadline-moved', 'list-published', 'decision', 'offer', 'voucher-extended', 'digest', 'invitation', "
    "'role-invitation', 'role-granted', 'claim-returned', 'claim-accepted', 'claim-rejected', "
    "'call-corrected', 'appeal-received', 'appeal-decided', 'change-decided', 'question-answered', "
    "'order-rerouted', 'order-taken-back', 'link-corrected'"
)
SESSIONS = "'attendance-recorded', 'session-cancelled'"


def upgrade() -> None:
    _take(f"{BEFORE}, {SESSIONS}")


def downgrade() -> None:
    op.execute(f"DELETE FROM mails WHERE template IN ({SESSIONS})")
    _take(BEFORE)


def _take(templates: str) -> None:
    op.execute("ALTER TABLE mails DROP CONSTRAINT ck_mails_template")
    op.execute(f"ALTER TABLE mails ADD CONSTRAINT ck_mails_template CHECK (template IN ({templates}))")
