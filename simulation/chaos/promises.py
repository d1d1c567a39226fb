"""What the population was answered 2xx for, held against the event logs: nothing that was promised may be missing."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from joserfc.jwk import ECKey

from operations.client import Api, Person, Problem
from operations.verify.facts import Facts

CREATED = {
    "/api/applications/calls": ("id", "CallPublished"),
    "/api/payments/claims": ("claim_id", "ClaimLodged"),
    "/api/payments/disbursements": ("disbursement_id", "DisbursementPrepared"),
}
"""Path → where the answer names what came into being, and the event that must tell of it."""

DONE = {
    ("applications", "submission"): "ApplicationSubmitted",
    ("applications", "return"): "ApplicationReturned",
    ("applications", "withdrawal"): "ApplicationWithdrawn",
    ("calls", "extension"): "CallExtended",
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

_ANOTHER: dict[str, dict[str, Any]] = {
    "/api/payments/claims": {"requested_minor": 1},
    "/api/applications/applications": {"form": {"language": "en"}},
}
"""Path → what makes a request another one."""


@dataclass(frozen=True)
class Promise:
    """`event` about `subject` (an id) is in the log of a service."""

    subject: str
    event: str
    path: str


class RecordingApi(Api):
    """Keeps what was promised in `promises`, and what was answered wrongly in `faults`.

    It is a careless client: every request that has a key is sent again with it, once the same and once with another body.
    """

    def __init__(self, gateway: str, key: ECKey) -> None:
        super().__init__(gateway, key)
        self.promises: list[Promise] = []

    async def post(self, person: Person, path: str, body: Any = None, *, key: str | None = None) -> Any:
        answer = await super().post(person, path, body, key=key)
        if isinstance(answer, dict):
            self.promises += promised(path, answer)
        if key is not None:
            await self._repeat(person, path, body, key, answer)
        return answer

    async def _repeat(self, person: Person, path: str, body: Any, key: str, answer: Any) -> None:
        again = await super().post(person, path, body, key=key)
        if again != answer:
            self.faults.append(f"POST {path}: the same key and the same body were answered differently")
        try:
            await super().post(person, path, body | _ANOTHER.get(path, {}), key=key)
        except Problem as problem:
            if problem.code == "idempotency-key-reused":
                return
        self.faults.append(f"POST {path}: the key of another request was taken")


def promised(path: str, answer: dict[str, Any]) -> Iterator[Promise]:
    """What a 2xx answer to a POST says has come about."""
    if path in CREATED:
        field, event = CREATED[path]
        yield Promise(str(answer[field]), event, path)
    if path == "/api/applications/imports":
        for row in answer["results"]:
            if row["outcome"] != "refused":
                yield Promise(str(row["application_id"]), "ApplicationSubmitted", path)
    if path == "/api/payments/batches":
        for batch in answer["batches"]:
            yield Promise(str(batch["batch_id"]), "BatchSealed", path)
    parts = path.split("/")
    if len(parts) == 6 and (event := DONE.get((parts[3], parts[5]), "")):
        yield Promise(str(UUID(parts[4])), event, path)


def broken(promises: list[Promise], facts: Facts) -> list[str]:
    """The promises that no event keeps, in words."""
    told = {(event.name, str(value)) for event in facts.events for name, value in event.body.items() if name.endswith("_id")}
    kept = [(promise.event, promise.subject) in told for promise in promises]
    return [f"{each.path} was answered, but there is no {each.event}" for each, is_kept in zip(promises, kept, strict=True) if not is_kept]
