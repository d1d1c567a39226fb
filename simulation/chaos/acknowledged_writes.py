"""Compares the writes that the API answered with 2xx with the event logs: no acknowledged write may be missing."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from operations.client import Api, Person, Problem, Proofs
from operations.verify.facts import Facts

CREATED = {
    "/api/applications/calls": ("id", "CallPublished"),
    "/api/payments/claims": ("claim_id", "ClaimLodged"),
    "/api/payments/disbursements": ("disbursement_id", "DisbursementPrepared"),
}
"""Path → the answer's field with the id of the created resource, and the event that its creation must publish."""

DONE = {
    ("applications", "submission"): "ApplicationSubmitted",
    ("applications", "return"): "ApplicationReturned",
    ("applications", "withdrawal"): "ApplicationWithdrawn",
    ("calls", "extension"): "CallExtended",
    ("cases", "appeal"): "AppealLodged",
    ("appeals", "decision"): "AppealDecided",
    ("organisations", "links"): "UndertakingLinkRecorded",
    ("vouchers", "acceptance"): "VoucherAccepted",
    ("vouchers", "decline"): "OfferDeclined",
    ("vouchers", "withdrawal"): "VoucherWithdrawn",
    ("vouchers", "extension"): "VoucherExtended",
    ("vouchers", "suspension"): "VoucherSuspended",
    ("vouchers", "resumption"): "VoucherResumed",
    ("vouchers", "revocation"): "VoucherRevoked",
    ("claims", "acceptance"): "ClaimAccepted",
    ("claims", "rejection"): "ClaimRejected",
    ("disbursements", "approval"): "DisbursementApproved",
    ("disbursements", "cancellation"): "DisbursementCancelled",
    ("recoveries", "settlement"): "RecoverySettled",
    ("recoveries", "write-off"): "RecoveryWrittenOff",
}
"""(Noun, verb) of a path like /api/vouchers/vouchers/<id>/acceptance → the event."""

_CHANGED_FIELDS: dict[str, dict[str, Any]] = {
    "/api/payments/claims": {"requested_minor": 1},
    "/api/applications/applications": {"form": {"language": "en"}},
    "/api/payments/orders": {"agreed_minor": 1},
}
"""Path → fields that make the body of a request differ."""


_MADE = {"/api/payments/orders": "order_id"}
"""Path → the answer's field with the id of what is created, where no event follows from it."""


@dataclass(frozen=True)
class AcknowledgedWrite:
    """The log of a service must have an `event` about `subject` (an id)."""

    subject: str
    event: str
    path: str


class RecordingApi(Api):
    """Records every acknowledged write in `acknowledged`, and wrong answers in `faults`.

    It repeats every request that has an idempotency key: once with the same body, and once with another body.
    """

    def __init__(self, gateway: str, proofs: Proofs) -> None:
        super().__init__(gateway, proofs)
        self.acknowledged: list[AcknowledgedWrite] = []

    async def post(self, person: Person, path: str, body: Any = None, *, key: str | None = None) -> Any:
        answer = await super().post(person, path, body, key=key)
        if isinstance(answer, dict):
            self.acknowledged += acknowledged_writes(path, answer)
        if key is not None:
            await self._repeat(person, path, body, key, answer)
        return answer

    async def _repeat(self, person: Person, path: str, body: Any, key: str, answer: Any) -> None:
        again = await super().post(person, path, body, key=key)
        made = _MADE.get(path) or CREATED.get(path, ("id", ""))[0]
        if again[made] != answer[made]:  # a repetition shows what was made as it is now
            self.faults.append(f"POST {path}: the same key and the same body made another thing")
        try:
            await super().post(person, path, body | _CHANGED_FIELDS.get(path, {}), key=key)
        except Problem as problem:
            if problem.code == "idempotency-key-reused":
                return
        self.faults.append(f"POST {path}: a key was accepted for a different body")


def acknowledged_writes(path: str, answer: dict[str, Any]) -> Iterator[AcknowledgedWrite]:
    """Yields the writes that a 2xx answer to a POST acknowledges."""
    if path in CREATED:
        field, event = CREATED[path]
        yield AcknowledgedWrite(str(answer[field]), event, path)
    if path == "/api/applications/imports":
        for row in answer["results"]:
            if row["outcome"] != "refused":
                yield AcknowledgedWrite(str(row["application_id"]), "ApplicationSubmitted", path)
    if path == "/api/payments/batches":
        for batch in answer["batches"]:
            yield AcknowledgedWrite(str(batch["batch_id"]), "BatchSealed", path)
    parts = path.split("/")
    if len(parts) == 6 and (event := DONE.get((parts[3], parts[5]), "")):
        yield AcknowledgedWrite(str(UUID(parts[4])), event, path)


def lost_writes(acknowledged: list[AcknowledgedWrite], facts: Facts) -> list[str]:
    """Returns one sentence for each acknowledged write without an event."""
    published = {(event.name, str(value)) for event in facts.events for name, value in event.body.items() if name.endswith("_id")}
    lost = [write for write in acknowledged if (write.event, write.subject) not in published]
    return [f"{write.path} was answered with 2xx, but there is no {write.event}" for write in lost]
