"""The mail to those whose expression of interest was chosen."""

from alembic import op

revision = "people_0018"
down_revision = "people_0017"
branch_labels = None
depends_on = None

BEFORE = (
    "'receipt', 'returned', 'deadline-moved', 'list-published', 'decision', 'offer', 'voucher-extended', 'digest', 'invitation', "
    "'role-invitation', 'role-granted', 'claim-returned', 'claim-accepted', 'claim-rejected', "
    "'call-corrected', 'appeal-received', 'appeal-decided', 'change-decided', 'question-answered', "
    "'order-rerouted', 'order-taken-back', 'link-corrected', 'attendance-recorded', 'session-cancelled'"
)
INVITED = "'invited'"


def upgrade() -> None:
    _take(f"{BEFORE}, {INVITED}")


def downgrade() -> None:
    op.execute(f"DELETE FROM mails WHERE template IN ({INVITED})")
    _take(BEFORE)


def _take(templates: str) -> None:
    op.execute("ALTER TABLE mails DROP CONSTRAINT ck_mails_template")
    op.execute(f"ALTER TABLE mails ADD CONSTRAINT ck_mails_template CHECK (template IN ({templates}))")
