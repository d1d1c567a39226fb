"""Separation of duties: the one table of steps that one person does not take in the same case, beside the permissions."""

from collections.abc import Iterable, Mapping
from enum import Enum, StrEnum
from functools import cache
from itertools import combinations
from types import MappingProxyType

from shared.kernel.errors import Forbidden


class Duty(StrEnum):
    """A part in a case that a person has taken. APPLY is everything on the applicant's side, from the draft to the last claim.
    SET_ACCOUNT: of a beneficiary, which sets its own; SET_PROVIDER_ACCOUNT: of somebody whom the agency pays in its place.
    RESOLVE_BANK_LINE: also to confirm that a payment which the bank rejected was not made. ASSIGN_EVALUATOR: to give a seat to another
    evaluator by hand, or to open a score sheet again. PROVIDE is everything on the side of a provider, from its registration to its last
    invoice; the case of a registration, or of a suspension, is the registration or the suspension itself."""

    APPLY = "apply"
    DRAFT_CALL = "draft-call"
    PUBLISH_CALL = "publish-call"
    CONFIRM_BUDGET = "confirm-budget"
    REGISTER_EVALUATOR = "register-evaluator"
    IMPORT = "import"
    SCREEN = "screen"
    OVERRULE = "overrule"
    CONFIRM_OVERRULE = "confirm-overrule"
    SCORE = "score"
    DECIDE = "decide"
    ASSIGN_EVALUATOR = "assign-evaluator"
    DECIDE_APPEAL = "decide-appeal"
    MANAGE_VOUCHER = "manage-voucher"
    SET_ACCOUNT = "set-account"
    SET_PROVIDER_ACCOUNT = "set-provider-account"
    CONFIRM_ACCOUNT = "confirm-account"
    CHECK_CLAIM = "check-claim"
    PROVIDE = "provide"
    CHECK_PROVIDER = "check-provider"
    SUSPEND_PROVIDER = "suspend-provider"
    RESUME_PROVIDER = "resume-provider"
    PREPARE = "prepare"
    APPROVE = "approve"
    SEAL = "seal"
    RELEASE = "release"
    RESOLVE_BANK_LINE = "resolve-bank-line"
    ORDER_RECOVERY = "order-recovery"
    CLOSE_RECOVERY = "close-recovery"
    REQUEST_ERASURE = "request-erasure"
    CONFIRM_ERASURE = "confirm-erasure"
    PLACE_HOLD = "place-hold"
    LIFT_HOLD = "lift-hold"


class Scope(Enum):
    """CASE: the pair is refused in the same case, which is one application with its voucher, claims and payments, or one account.
    CALL: also across the cases of one call."""

    CASE = "case"
    CALL = "call"


def _table() -> dict[frozenset[Duty], Scope]:
    of_accounts = (Duty.SET_ACCOUNT, Duty.SET_PROVIDER_ACCOUNT, Duty.CONFIRM_ACCOUNT)  # an account is of no call
    agency = [duty for duty in Duty if duty not in (Duty.APPLY, *of_accounts)]
    screening = (Duty.SCREEN, Duty.OVERRULE, Duty.CONFIRM_OVERRULE)
    across_the_call = [
        *((Duty.REGISTER_EVALUATOR, duty) for duty in screening),  # who chose the cases would choose who scores them
        *((Duty.APPLY, duty) for duty in agency),  # PROVIDE among them: applicant and provider are never one
        *((Duty.PROVIDE, duty) for duty in agency if duty is not Duty.PROVIDE),
        (Duty.PUBLISH_CALL, Duty.CONFIRM_BUDGET),
        *((duty, Duty.DECIDE_APPEAL) for duty in (Duty.DECIDE, Duty.SCORE, Duty.ASSIGN_EVALUATOR)),  # who took part reviews nothing
        (Duty.ASSIGN_EVALUATOR, Duty.DECIDE),  # who chose the scorers by hand does not approve what they scored
        *((duty, Duty.DECIDE) for duty in (Duty.PUBLISH_CALL, Duty.CONFIRM_BUDGET, Duty.REGISTER_EVALUATOR, Duty.IMPORT, Duty.SCORE)),
    ]
    in_the_case = [
        *((duty, step) for duty in (Duty.IMPORT, Duty.SCORE, Duty.ASSIGN_EVALUATOR, Duty.DECIDE_APPEAL) for step in screening),
        (Duty.OVERRULE, Duty.CONFIRM_OVERRULE),
        (Duty.DRAFT_CALL, Duty.PUBLISH_CALL),  # of the draft; who wrote it may extend the call later
        (Duty.CHECK_CLAIM, Duty.APPROVE),
        (Duty.SUSPEND_PROVIDER, Duty.RESUME_PROVIDER),
        (Duty.PROVIDE, Duty.CONFIRM_ACCOUNT),
        (Duty.ORDER_RECOVERY, Duty.CLOSE_RECOVERY),
        (Duty.REQUEST_ERASURE, Duty.CONFIRM_ERASURE),
        (Duty.PLACE_HOLD, Duty.LIFT_HOLD),
        (Duty.PREPARE, Duty.RESOLVE_BANK_LINE),
        *((Duty.APPLY, duty) for duty in of_accounts if duty is not Duty.SET_ACCOUNT),  # a beneficiary sets its own account
        *combinations((*of_accounts, Duty.PREPARE, Duty.APPROVE, Duty.SEAL, Duty.RELEASE), 2),
    ]
    return {frozenset(pair): Scope.CASE for pair in in_the_case} | {frozenset(pair): Scope.CALL for pair in across_the_call}


SECOND = frozenset(
    {
        Duty.CONFIRM_BUDGET,
        Duty.CONFIRM_OVERRULE,
        Duty.DECIDE,
        Duty.DECIDE_APPEAL,
        Duty.CONFIRM_ACCOUNT,
        Duty.APPROVE,
        Duty.SEAL,
        Duty.RELEASE,
        Duty.RESOLVE_BANK_LINE,
        Duty.CLOSE_RECOVERY,
        Duty.CONFIRM_ERASURE,
        Duty.LIFT_HOLD,
        Duty.RESUME_PROVIDER,
    }
)
"""Duties by which a second person confirms what another has done: never a machine."""


def duty_of_setting(payee_kind: str) -> Duty:
    """Of who registers a payee's account, or proposes another."""
    return Duty.SET_PROVIDER_ACCOUNT if payee_kind == "provider" else Duty.SET_ACCOUNT


INCOMPATIBLE: Mapping[frozenset[Duty], Scope] = MappingProxyType(_table())


@cache
def incompatible(duty: Duty) -> tuple[frozenset[Duty], frozenset[Duty]]:
    """The duties that do not go with this one: in the same case, and also elsewhere in its call."""
    pairs = {other: scope for pair, scope in INCOMPATIBLE.items() if duty in pair for other in pair - {duty}}
    return frozenset(pairs), frozenset(other for other, scope in pairs.items() if scope is Scope.CALL)


def conflicting(duty: Duty, in_case: Iterable[Duty], in_call: Iterable[Duty]) -> Duty | None:
    """The first of a person's earlier duties, in the case or elsewhere in its call, that does not go with `duty`."""
    of_case, of_call = incompatible(duty)
    return next(iter([*sorted(of_case.intersection(in_case)), *sorted(of_call.intersection(in_call))]), None)


def check_separation(duty: Duty, in_case: Iterable[Duty], in_call: Iterable[Duty]) -> None:
    """`Forbidden` 'incompatible-step' when the person has taken a step that does not go with this one."""
    earlier = conflicting(duty, in_case, in_call)
    if earlier:
        raise Forbidden(
            "incompatible-step",
            "In this case or its call you took this step: {earlier}. So another person with your role has to take this one.",
            earlier=earlier.value,
        )
