"""An event of a case, of whatever service."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel


class CaseEvent(BaseModel):
    """An event in a service's history, and the service. `time` is programme time."""

    service: str
    event_id: UUID
    position: int
    type: str
    subject: UUID
    time: datetime
    actor: str
    reason: str
    policy_id: str
    causation_id: UUID | None
    body: dict[str, Any]

    @property
    def name(self) -> str:
        """'ApplicationSubmitted' of 'applications.ApplicationSubmitted.v1'."""
        return self.type.split(".")[1]
