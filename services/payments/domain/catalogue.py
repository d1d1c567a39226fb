"""The catalogue of providers: what a registration needs, and who stands in it on a day. (No I/O, no clock: everything is an argument.)"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.payments.domain.states import ProviderState
from shared.kernel.errors import Conflict, Refused
from shared.kernel.vocabulary import RelationKind

LINKING = (RelationKind.TAX_NUMBER, RelationKind.OWNER)
"""What makes an applicant and a provider one side of a purchase, also where they are registered as two organisations."""


class ServiceKind(StrEnum):
    """What a provider offers, and is approved for."""

    INNOVATION_ADVICE = "innovation-advice"
    RESEARCH = "research"
    DESIGN = "design"
    PROTOTYPING = "prototyping"
    DIGITAL = "digital"
    MARKETING = "marketing"
    INTELLECTUAL_PROPERTY = "intellectual-property"
    TRAINING = "training"


@dataclass(frozen=True, slots=True)
class Approval:
    """For these services, from and until these days (both included; None: without an end)."""

    services: tuple[str, ...]
    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A provider as the catalogue has it; `approval` None before it was approved."""

    state: str
    approval: Approval | None = None


def check_may_apply(state: str | None) -> None:
    """`Conflict` 'provider-registered' while a registration runs; it may be corrected until an officer checks it. None: there is none."""
    if state in (ProviderState.IN_CHECK, ProviderState.APPROVED, ProviderState.SUSPENDED):
        raise Conflict(
            "provider-registered",
            "Your organisation is registered as a provider in this region already ({state}). Withdraw the registration to apply again.",
            state=state,
        )


def check_step(state: str, *allowed: ProviderState) -> None:
    """`Conflict` 'provider-state' when the registration is in another state by now."""
    if state not in allowed:
        raise Conflict("provider-state", "The registration is {state} by now. Read it again.", state=state)


def check_approval(asked: Collection[str], approval: Approval, today: date) -> None:
    """An approval is for services that the provider applied for, and for days that are not over."""
    if not approval.services:
        raise Refused("services-missing", "Choose at least one service for which the provider is approved.", field="services")
    unasked = sorted(set(approval.services) - set(asked))
    if unasked:
        raise Refused("service-not-asked", "The provider did not apply for {services}.", field="services", services=unasked)
    if approval.until is not None and approval.until < approval.since:
        raise Refused("approval-reversed", "The last day of the approval is before its first.", field="until")
    if approval.until is not None and approval.until < today:
        raise Refused("approval-over", "The last day of the approval has passed.", field="until")


def check_not_applicant(applies: bool, may_apply: bool) -> None:
    """`Refused` 'provider-applies': where the policy says so, who applies in a scheme is no provider of its region.

    Source: Croatia's digital vouchers: the provider is in a catalogue, and never an applicant.
    """
    if applies and not may_apply:
        raise Refused(
            "provider-applies",
            "This organisation, or one with its tax number or an owner of it, applies for a voucher in this region, or has one. An "
            "applicant cannot be a provider there.",
            field="region",
        )


def is_listed(entry: Entry, day: date) -> bool:
    """Whether it stands in the catalogue on the day."""
    approval = entry.approval
    if entry.state != ProviderState.APPROVED or approval is None:
        return False
    return approval.since <= day and (approval.until is None or day <= approval.until)


def is_over(entry: Entry, day: date) -> bool:
    """Whether the approval of a provider that nobody took out has ended before the day."""
    return entry.state == ProviderState.APPROVED and entry.approval is not None and (entry.approval.until or day) < day


def check_listed(entry: Entry, service: str, day: date) -> None:
    """`Refused` 'provider-not-listed' or 'service-not-listed': the provider cannot be chosen for the service on the day."""
    if not is_listed(entry, day):
        raise Refused(
            "provider-not-listed", "This provider is not in the catalogue on {day}. Choose another one.", field="provider_id", day=day
        )
    assert entry.approval is not None, "who is listed was approved"
    if service not in entry.approval.services:
        raise Refused(
            "service-not-listed", "The provider is not approved for this service ({service}). Choose another one.", field="service",
            service=service,
        )  # fmt: skip
