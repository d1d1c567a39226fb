"""docs/pictures/sequence.md: one application from the draft to the last payment.

The path below names the events in the order in which a case that goes well has them, and the person who causes each that a
person causes. Publishers and consumers come from the code. `tests/e2e/test_demo.py` holds the order against the history of
a paid case of the demonstration.
"""

from dataclasses import dataclass

from shared.contracts import ALL
from shared.messaging.event import Event
from tools.pictures.handlers import consumers_of, publisher_of

_SHORT = {"applications": "A", "evaluation": "E", "vouchers": "V", "payments": "P", "people": "People"}


@dataclass(frozen=True)
class Stage:
    """What a person or a deadline does at a service, and the names of the events that follow, in order."""

    who: str
    service: str
    does: str
    events: tuple[str, ...]


PATH = (
    Stage("Applicant", "applications", "drafts and submits", ("ApplicationSubmitted",)),
    Stage("Deadline", "vouchers", "the call closes", ("MilestoneReached", "CallClosed")),
    Stage("Officer", "applications", "screens", ("ApplicationFoundEligible", "ScreeningCompleted", "EvaluatorAssigned")),
    Stage("Evaluator", "evaluation", "declares no conflict, scores", ("EvaluatorDeclared", "EvaluationCompleted")),
    Stage("Officer", "evaluation", "approves the ranking", ("RankingApproved",)),
    Stage(
        "Deadline",
        "vouchers",
        "appeals are over",
        ("MilestoneReached", "AwardGranted", "FundsReservationRequested", "FundsReserved", "VoucherOffered"),
    ),
    Stage("Beneficiary", "vouchers", "accepts the offer", ("VoucherAccepted", "FundsCommitted", "VoucherIssued")),
    Stage("Beneficiary", "payments", "lodges a claim", ("ClaimLodged",)),
    Stage("Officer", "payments", "accepts the claim", ("ClaimAccepted",)),
    Stage("Finance", "payments", "prepares, another approves", ("DisbursementPrepared", "DisbursementApproved")),
    Stage("Finance", "payments", "seals the batch", ("BatchSealed", "BatchSent")),
    Stage("Bank", "payments", "accepts, books", ("DisbursementAccepted", "DisbursementPaid")),
    Stage("Deadline", "vouchers", "the claim window ends", ("MilestoneReached", "VoucherSettled", "VoucherClosed")),
)


def of_the_case() -> list[str]:
    """The events of the path that are in the case's own history (not the call's or the batch's), in order."""
    contracts = {contract.__name__: contract for contract in ALL}
    names = (name for stage in PATH for name in stage.events)
    return [name for name in names if contracts[name].correlation_field == "application_id"]


def page() -> str:
    """A Mermaid sequence diagram. KeyError when the path names an event that does not exist."""
    contracts = {contract.__name__: contract for contract in ALL}
    lines = ["# One application, from the draft to the last payment", ""]
    lines += ["Every dotted arrow is an event over Kafka. People call an API; the bank's answers are files.", ""]
    lines += ["```mermaid", "sequenceDiagram"]
    lines += [f"    actor {person}" for person in dict.fromkeys(stage.who for stage in PATH)]
    lines += [f"    participant {short} as {service}" for service, short in _SHORT.items()]
    for stage in PATH:
        lines.append(f"    {stage.who}->>{_SHORT[stage.service]}: {stage.does}")
        for name in stage.events:
            lines += _arrows(contracts[name])
    return "\n".join([*lines, "```"])


def _arrows(contract: type[Event]) -> list[str]:
    publisher = _SHORT[publisher_of(contract)]
    arrows = [f"    {publisher}-->>{_SHORT[consumer]}: {contract.__name__}" for consumer in consumers_of(contract)]
    return arrows or [f"    Note over {publisher}: {contract.__name__}"]
