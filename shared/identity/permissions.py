"""The one table of what a role may do. Services add only the checks that need their own data (assignment, four eyes)."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from shared.identity.actor import Actor, Role
from shared.kernel.errors import Forbidden


class Permission(StrEnum):
    READ_CALLS = "read-calls"
    MANAGE_CALLS = "manage-calls"
    WRITE_APPLICATION = "write-application"
    READ_APPLICATION = "read-application"
    SCREEN_APPLICATION = "screen-application"
    IMPORT_APPLICATIONS = "import-applications"
    MANAGE_EVALUATORS = "manage-evaluators"
    EVALUATE = "evaluate"
    READ_ASSIGNMENT = "read-assignment"
    READ_EVALUATION = "read-evaluation"
    APPROVE_RANKING = "approve-ranking"
    ANSWER_OFFER = "answer-offer"
    WITHDRAW = "withdraw"
    MANAGE_VOUCHER = "manage-voucher"
    READ_VOUCHER = "read-voucher"
    LODGE_CLAIM = "lodge-claim"
    CHECK_CLAIM = "check-claim"
    REGISTER_PAYEE = "register-payee"
    PREPARE_DISBURSEMENT = "prepare-disbursement"
    APPROVE_DISBURSEMENT = "approve-disbursement"
    SEAL_BATCH = "seal-batch"
    CONFIRM_ENVELOPE = "confirm-envelope"
    READ_PAYMENTS = "read-payments"
    ORDER_RECOVERY = "order-recovery"
    WRITE_OFF = "write-off"
    READ_HISTORY = "read-history"


_APPLICANT, _EVALUATOR, _OFFICER, _FINANCE, _AUDITOR = (frozenset({role}) for role in Role)

ROLES: Mapping[Permission, frozenset[Role]] = MappingProxyType(
    {
        Permission.READ_CALLS: frozenset(Role),
        Permission.MANAGE_CALLS: _OFFICER,
        Permission.WRITE_APPLICATION: _APPLICANT,
        Permission.READ_APPLICATION: _APPLICANT | _EVALUATOR | _OFFICER | _AUDITOR,
        Permission.SCREEN_APPLICATION: _OFFICER,
        Permission.IMPORT_APPLICATIONS: _OFFICER,
        Permission.MANAGE_EVALUATORS: _OFFICER,
        Permission.EVALUATE: _EVALUATOR,
        Permission.READ_ASSIGNMENT: _EVALUATOR | _OFFICER | _AUDITOR,
        Permission.READ_EVALUATION: _OFFICER | _AUDITOR,
        Permission.APPROVE_RANKING: _OFFICER,
        Permission.ANSWER_OFFER: _APPLICANT,
        Permission.WITHDRAW: _APPLICANT,
        Permission.MANAGE_VOUCHER: _OFFICER,
        Permission.READ_VOUCHER: _APPLICANT | _OFFICER | _FINANCE | _AUDITOR,
        Permission.LODGE_CLAIM: _APPLICANT,
        Permission.CHECK_CLAIM: _OFFICER,
        Permission.REGISTER_PAYEE: _APPLICANT | _FINANCE,
        Permission.PREPARE_DISBURSEMENT: _FINANCE,
        Permission.APPROVE_DISBURSEMENT: _FINANCE,
        Permission.SEAL_BATCH: _FINANCE,
        Permission.CONFIRM_ENVELOPE: _FINANCE,
        Permission.READ_PAYMENTS: _FINANCE | _AUDITOR | _OFFICER,
        Permission.ORDER_RECOVERY: _FINANCE,
        Permission.WRITE_OFF: _FINANCE,
        Permission.READ_HISTORY: _AUDITOR | _OFFICER | _FINANCE,
    }
)
"""The roles that hold each permission. An auditor only reads."""


def require_role(actor: Actor, permission: Permission) -> None:
    """Raises `Forbidden` 'wrong-role' unless one of the actor's roles holds the permission. Needs no resource."""
    if not actor.roles & ROLES[permission]:
        raise Forbidden("wrong-role", "None of your roles allows this ({permission}).", permission=permission.value)


def authorise(actor: Actor, permission: Permission, *, region: str | None, owner: UUID | None = None) -> None:
    """Raises `Forbidden` unless the actor may do this to a resource of `region` that belongs to the organisation `owner`.

    `region` None: the resource belongs to no region. `owner` None: it belongs to no applicant, or ownership does not matter.
    The codes are 'wrong-role', 'foreign-region' and 'not-owner', checked in this order. Ownership is checked only when
    applicant is the actor's only role with the permission.
    """
    require_role(actor, permission)
    if region is not None and region not in actor.regions:
        raise _foreign(region)
    if owner is not None and acts_as_applicant(actor, permission) and owner != actor.organisation_id:
        raise Forbidden("not-owner", "This belongs to another organisation.")


def acts_as_applicant(actor: Actor, permission: Permission) -> bool:
    """True when applicant is the actor's only role with the permission: lists then show only the actor's own organisation."""
    return actor.roles & ROLES[permission] == _APPLICANT


def visible_regions(actor: Actor, requested: str | None) -> frozenset[str]:
    """The regions a list may show: all of the actor's, or the one requested. `Forbidden` for a region that is not the actor's."""
    if requested is None:
        return actor.regions
    if requested not in actor.regions:
        raise _foreign(requested)
    return frozenset({requested})


def _foreign(region: str) -> Forbidden:
    return Forbidden("foreign-region", "Your roles do not hold in this region ({region}).", region=region)
