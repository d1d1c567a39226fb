"""Binds a consumed event to what our own rows and the policy say of its subject: a message is no authority (decision 0017)."""

from datetime import datetime

from shared.contracts.applications import CaseRemoved
from shared.contracts.common import AwardTerms
from shared.kernel.errors import Contradiction, NotYet
from shared.kernel.vocabulary import RetentionClass
from shared.messaging.event import Event
from shared.policy.case_terms import allows
from shared.policy.schema import Policy
from shared.privacy.retention import EndedCase, kept_until

_IDENTITY = ("award_id", "voucher_id", "application_id", "call_id", "region", "organisation_id", "scheme", "policy_id", "currency")


def require_same(event: Event, known: object) -> None:
    """`known` is a row or a policy. `Contradiction` when the event differs from it in a field of identity that both have."""
    for name in _IDENTITY:
        said, held = getattr(event, name, None), getattr(known, name, None)
        if said is not None and held is not None:
            require_equal(event, name, said, held)


def require_equal(event: Event, field: str, said: object, known: object) -> None:
    """`Contradiction` when what the event says is not what is known."""
    if said != known:
        raise Contradiction(f"{event.type}: {field} is {said}, known is {known}")


def require_voucher_value(event: Event, policy: Policy, amount_minor: int) -> None:
    """`Contradiction` for a voucher that the policy does not allow: the amount lies between its smallest and its largest. An
    expression of interest gets none."""
    if policy.expression is not None:
        raise Contradiction(f"{event.type}: {policy.id} asks for expressions of interest, of which no voucher comes")
    require_amount(event, "amount_minor", amount_minor, most=policy.value.largest_minor, least=max(1, policy.value.smallest_minor))


def require_terms(event: Event, policy: Policy, amount_minor: int, terms: AwardTerms | None) -> None:
    """`Contradiction` for terms that no case of the policy can have, for an amount above them, and for none where its cases differ."""
    if terms is None:
        if policy.voucher_types is not None or policy.rates is not None:
            raise Contradiction(f"{event.type}: terms are missing, and the cases of {policy.id} differ")
        return
    if not allows(policy, terms.voucher_type, terms.intensity_bp, terms.largest_minor) or amount_minor > terms.largest_minor:
        raise Contradiction(f"{event.type}: terms are {terms}, which {policy.id} does not allow for {amount_minor}")


def require_amount(event: Event, field: str, amount_minor: int, *, most: int, least: int = 0) -> None:
    """`Contradiction` when the amount is below `least` or above `most`."""
    if not least <= amount_minor <= most:
        raise Contradiction(f"{event.type}: {field} is {amount_minor}, allowed is {least} to {most}")


def require_within_programme(event: Event, policy: Policy, **dates: datetime) -> None:
    """`Contradiction` for a date after the end of the programme, when nothing is valid, claimed or paid any more."""
    for field, instant in dates.items():
        if instant > policy.programme_end_at:
            raise Contradiction(f"{event.type}: {field} is {instant.isoformat()}, the programme ends {policy.programme_end_at.isoformat()}")


def require_term_over(event: CaseRemoved, policy: Policy, not_ended_before: datetime | None, now: datetime) -> None:
    """`NotYet` before the instant that the event states. `Contradiction` for a removal before its term, counted from an instant at which we
    know ourselves that the case had not ended yet; None: we know of none."""
    if now < event.kept_until:
        raise NotYet(event.application_id, "the term is not over")
    if not_ended_before is None:
        return
    earliest = kept_until(policy, EndedCase(RetentionClass(event.retention_class), not_ended_before))
    if earliest is None or event.kept_until < earliest:
        raise Contradiction(f"{event.type}: {event.retention_class} is kept until {earliest and earliest.isoformat()}")
