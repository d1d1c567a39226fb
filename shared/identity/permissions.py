"""The one table of what a role may do. Services add only the checks that need their own data (assignment, four eyes)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from types import MappingProxyType
from uuid import UUID

from shared.identity.actor import Actor, Role
from shared.kernel.errors import Forbidden, Unauthenticated


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
    READ_DECISION = "read-decision"
    APPROVE_RANKING = "approve-ranking"
    LODGE_APPEAL = "lodge-appeal"
    READ_APPEAL = "read-appeal"
    DECIDE_APPEAL = "decide-appeal"
    ANSWER_OFFER = "answer-offer"
    WITHDRAW = "withdraw"
    REQUEST_CHANGE = "request-change"
    WRITE_REPORT = "write-report"
    MANAGE_VOUCHER = "manage-voucher"
    READ_VOUCHER = "read-voucher"
    BOOK_SESSION = "book-session"
    RECORD_ATTENDANCE = "record-attendance"
    READ_SESSION = "read-session"
    LODGE_CLAIM = "lodge-claim"
    CHECK_CLAIM = "check-claim"
    REGISTER_OWN_ACCOUNT = "register-own-account"
    READ_OWN_ACCOUNT = "read-own-account"
    MANAGE_PROVIDERS = "manage-providers"
    APPLY_AS_PROVIDER = "apply-as-provider"
    CHECK_PROVIDER = "check-provider"
    READ_PROVIDER = "read-provider"
    SERVE_ORDER = "serve-order"
    READ_ORDER = "read-order"
    CONFIRM_ACCOUNT = "confirm-account"
    READ_ACCOUNT_NUMBERS = "read-account-numbers"
    PREPARE_DISBURSEMENT = "prepare-disbursement"
    APPROVE_DISBURSEMENT = "approve-disbursement"
    SEAL_BATCH = "seal-batch"
    CONFIRM_ENVELOPE = "confirm-envelope"
    RELEASE_BATCH = "release-batch"
    RESOLVE_BANK_LINE = "resolve-bank-line"
    READ_PAYMENTS = "read-payments"
    REGISTER_AID = "register-aid"
    READ_OWN_AID = "read-own-aid"
    READ_LINKS = "read-links"
    CORRECT_LINKS = "correct-links"
    ORDER_RECOVERY = "order-recovery"
    SETTLE_RECOVERY = "settle-recovery"
    WRITE_OFF = "write-off"
    READ_HISTORY = "read-history"
    READ_ACCESS_LOG = "read-access-log"
    EXPORT_SUBJECT = "export-subject"
    ERASE_SUBJECT = "erase-subject"
    MANAGE_HOLDS = "manage-holds"
    READ_RETENTION = "read-retention"
    OWN_PROFILE = "own-profile"
    MANAGE_ROLES = "manage-roles"
    READ_ROLES = "read-roles"
    READ_NAMES = "read-names"
    READ_FIGURES = "read-figures"
    READ_SAMPLE = "read-sample"
    READ_REPLAY = "read-replay"


_APPLICANT, _EVALUATOR, _OFFICER, _FINANCE, _AUDITOR, _ADMINISTRATOR = (frozenset({role}) for role in Role)

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
        Permission.READ_DECISION: _APPLICANT | _OFFICER | _AUDITOR,
        Permission.APPROVE_RANKING: _OFFICER,
        Permission.LODGE_APPEAL: _APPLICANT,
        Permission.READ_APPEAL: _APPLICANT | _OFFICER | _AUDITOR,
        Permission.DECIDE_APPEAL: _OFFICER,
        Permission.ANSWER_OFFER: _APPLICANT,
        Permission.WITHDRAW: _APPLICANT,
        Permission.REQUEST_CHANGE: _APPLICANT,
        Permission.WRITE_REPORT: _APPLICANT,
        Permission.MANAGE_VOUCHER: _OFFICER,
        Permission.READ_VOUCHER: _APPLICANT | _OFFICER | _FINANCE | _AUDITOR,
        Permission.BOOK_SESSION: _APPLICANT,
        Permission.RECORD_ATTENDANCE: _APPLICANT | _OFFICER,
        Permission.READ_SESSION: _APPLICANT | _OFFICER | _AUDITOR,
        Permission.LODGE_CLAIM: _APPLICANT,
        Permission.CHECK_CLAIM: _OFFICER,
        Permission.REGISTER_OWN_ACCOUNT: _APPLICANT,
        Permission.READ_OWN_ACCOUNT: _APPLICANT,
        Permission.MANAGE_PROVIDERS: _FINANCE,
        Permission.APPLY_AS_PROVIDER: _APPLICANT,
        Permission.CHECK_PROVIDER: _OFFICER,
        Permission.READ_PROVIDER: _APPLICANT | _OFFICER | _FINANCE | _AUDITOR,
        Permission.SERVE_ORDER: _APPLICANT,
        Permission.READ_ORDER: _APPLICANT | _OFFICER | _FINANCE | _AUDITOR,
        Permission.CONFIRM_ACCOUNT: _FINANCE,
        Permission.READ_ACCOUNT_NUMBERS: _FINANCE,
        Permission.PREPARE_DISBURSEMENT: _FINANCE,
        Permission.APPROVE_DISBURSEMENT: _FINANCE,
        Permission.SEAL_BATCH: _FINANCE,
        Permission.CONFIRM_ENVELOPE: _FINANCE,
        Permission.RELEASE_BATCH: _FINANCE,
        Permission.RESOLVE_BANK_LINE: _FINANCE,
        Permission.READ_PAYMENTS: _FINANCE | _AUDITOR | _OFFICER,
        Permission.REGISTER_AID: _OFFICER,
        Permission.READ_OWN_AID: _APPLICANT,
        Permission.READ_LINKS: _OFFICER | _AUDITOR,
        Permission.CORRECT_LINKS: _OFFICER,
        Permission.ORDER_RECOVERY: _FINANCE,
        Permission.SETTLE_RECOVERY: _FINANCE,
        Permission.WRITE_OFF: _FINANCE,
        Permission.READ_HISTORY: _AUDITOR | _OFFICER | _FINANCE,
        Permission.READ_ACCESS_LOG: _AUDITOR,
        Permission.EXPORT_SUBJECT: _APPLICANT | _OFFICER | _AUDITOR,
        Permission.ERASE_SUBJECT: _OFFICER,
        Permission.MANAGE_HOLDS: _OFFICER,
        Permission.READ_RETENTION: _OFFICER | _AUDITOR,
        Permission.OWN_PROFILE: frozenset(Role),
        Permission.MANAGE_ROLES: _ADMINISTRATOR,
        Permission.READ_ROLES: _ADMINISTRATOR | _AUDITOR,
        Permission.READ_NAMES: _OFFICER | _FINANCE | _AUDITOR | _ADMINISTRATOR,
        Permission.READ_FIGURES: _OFFICER | _FINANCE | _AUDITOR | _ADMINISTRATOR,
        Permission.READ_SAMPLE: _AUDITOR,
        Permission.READ_REPLAY: _OFFICER | _AUDITOR,
    }
)
"""The roles that hold each permission. An auditor only reads. Figures are sums and counts of all regions, so who reads those of one region
reads those of all."""

WITHOUT_ROLE = frozenset({Permission.OWN_PROFILE})
"""Permissions of everybody who is signed in, also of a person who has no role yet. A machine has none of them: the profile and the
organisations are of the person for whom it acts."""

FRESH = frozenset(
    {
        Permission.APPROVE_RANKING,
        Permission.DECIDE_APPEAL,
        Permission.APPROVE_DISBURSEMENT,
        Permission.SEAL_BATCH,
        Permission.RELEASE_BATCH,
        Permission.RESOLVE_BANK_LINE,
        Permission.REGISTER_OWN_ACCOUNT,
        Permission.MANAGE_PROVIDERS,
        Permission.CONFIRM_ACCOUNT,
        Permission.SETTLE_RECOVERY,
        Permission.WRITE_OFF,
        Permission.ERASE_SUBJECT,
        Permission.MANAGE_ROLES,
    }
)
"""Permissions that need a fresh sign-in: with them money moves, or is given up, or an award is decided. An unattended screen or a
stolen token is not enough. A route whose permission is another one may ask for it too (`shared.web.auth.requires`)."""

FRESH_SECONDS = 15 * 60
"""How long ago the person may have signed in (the token's `auth_time`): a morning's payments are approved in one go."""


class FreshSignInNeeded(Unauthenticated):
    """The token is valid, the sign-in behind it too old for this step. RFC 9470, 3: the client asks the provider for a new sign-in."""

    challenge = (
        'Bearer error="insufficient_user_authentication", '
        f'error_description="More recent authentication is required", max_age="{FRESH_SECONDS}"'
    )


def require_fresh(actor: Actor) -> None:
    """Raises `FreshSignInNeeded` unless the person has signed in within `FRESH_SECONDS`."""
    if not actor.fresh:
        raise FreshSignInNeeded(
            "fresh-sign-in-needed", "This needs a sign-in of the last {minutes} minutes. Sign in again.", minutes=FRESH_SECONDS // 60
        )


def require_person(actor: Actor) -> None:
    """Raises `Forbidden` 'machine' when a machine acts."""
    if actor.machine is not None:
        raise Forbidden("machine", "A person has to do this, not a machine.")


def require_role(actor: Actor, permission: Permission) -> None:
    """Raises `Forbidden` 'wrong-role' unless the actor has a role with the permission in at least one region, and `FreshSignInNeeded`
    where the permission needs a fresh sign-in. Needs no resource."""
    if permission in WITHOUT_ROLE:
        require_person(actor)
    elif not actor.roles & ROLES[permission]:
        raise Forbidden("wrong-role", "None of your roles allows this ({permission}).", permission=permission.value)
    if permission in FRESH:
        require_fresh(actor)


@dataclass(frozen=True, slots=True)
class OwnedBy:
    """The resource belongs to this organisation of applicants: another applicant is refused."""

    organisation_id: UUID


class Unowned(Enum):
    """NO_APPLICANT: the resource belongs to the agency or to a third party, so that who acts as an applicant is refused.
    OPEN: every applicant of the region may do this to it."""

    NO_APPLICANT = "no-applicant"
    OPEN = "open"


Owner = OwnedBy | Unowned


def owned_by(organisation_id: UUID | None) -> Owner:
    """The owner of a row whose organisation may be absent: then it belongs to no applicant."""
    return Unowned.NO_APPLICANT if organisation_id is None else OwnedBy(organisation_id)


def authorise(actor: Actor, permission: Permission, *, region: str, owner: Owner = Unowned.NO_APPLICANT) -> None:
    """Raises `Forbidden` unless the actor may do this to a resource of `region` that belongs to `owner`, and `FreshSignInNeeded`.

    The codes are 'wrong-role', 'foreign-region' and 'not-owner', checked in this order. Ownership binds who has the permission in
    the region as an applicant only.
    """
    require_role(actor, permission)
    held = _held(actor, permission, region)
    if not held:
        raise _foreign(region)
    if held == _APPLICANT and not _is_own(actor, owner):
        raise Forbidden("not-owner", "This belongs to another organisation.")


def _held(actor: Actor, permission: Permission, region: str) -> frozenset[Role]:
    return actor.roles_in(region) & ROLES[permission]


def _is_own(actor: Actor, owner: Owner) -> bool:
    return owner is Unowned.OPEN or (isinstance(owner, OwnedBy) and owner.organisation_id == actor.organisation_id)


def acts_as_applicant(actor: Actor, permission: Permission, region: str) -> bool:
    """True when applicant is the actor's only role with the permission in the region."""
    return _held(actor, permission, region) == _APPLICANT


def visible_regions(actor: Actor, permission: Permission, requested: str | None) -> frozenset[str]:
    """The regions that a list may show: those in which the actor has the permission, or the one requested. `Forbidden`
    'foreign-region' for another one."""
    regions = actor.regions_as(*ROLES[permission])
    if requested is None:
        return regions
    if requested not in regions:
        raise _foreign(requested)
    return frozenset({requested})


def _foreign(region: str) -> Forbidden:
    return Forbidden("foreign-region", "Your roles do not hold in this region ({region}).", region=region)
