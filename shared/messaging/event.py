"""What an event is: one pydantic model, its CloudEvents type, its topic, its key and what it belongs to."""

from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Event(BaseModel):
    """Base of all contracts. A contract is declared with four words and its fields:

    `class CallOpened(Event, type="applications.CallOpened.v1", topic="applications.calls", key="call_id", case="call_id")`

    `key` names the field with the aggregate's id (order is kept per key), `case` the field with the id that ties
    together everything that follows from one application (the application's id, or the call's, or the batch's).

    Strict where produced: an unknown or mistyped field raises. Tolerant where consumed: see `read`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: ClassVar[str]
    topic: ClassVar[str]
    key_field: ClassVar[str]
    case_field: ClassVar[str]

    def __init_subclass__(cls, *, type: str = "", topic: str = "", key: str = "", case: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if type:
            cls.type, cls.topic, cls.key_field, cls.case_field = type, topic, key, case

    @property
    def key(self) -> UUID:
        value: UUID = getattr(self, self.key_field)
        return value

    @property
    def case(self) -> UUID:
        value: UUID = getattr(self, self.case_field)
        return value

    @classmethod
    def read(cls, body: bytes | str) -> "Event":
        """From the bytes on the wire; fields that this version does not know are passed over. ValueError if not readable."""
        return cls.model_validate_json(body, extra="ignore")


def contracts(root: type[Event] = Event) -> list[type[Event]]:
    """All declared contracts that have been imported, by type."""
    found = {c.type: c for c in _descendants(root) if "type" in vars(c)}
    return [found[name] for name in sorted(found)]


def _descendants(cls: type[Event]) -> list[type[Event]]:
    children = cls.__subclasses__()
    return children + [grand for child in children for grand in _descendants(child)]
