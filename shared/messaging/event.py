"""The base of all contracts: one pydantic model per event, with its CloudEvents type, topic, key and correlation id."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from pydantic_core import from_json


class Event(BaseModel):
    """A contract is declared by four class arguments and its fields:

    `class CallOpened(Event, type="applications.CallOpened.v1", topic="applications.calls", key="call_id", correlation="call_id")`

    `key` names the field with the aggregate's id: order is kept per key. `correlation` names the field with the id that all
    events of one case share: the application's id, or the call's or batch's where no application is concerned.

    Strict where produced: an unknown or mistyped field raises ValidationError. Tolerant where consumed: see `read`.

    A change that consumers of the old version could not read is a new version. `renamed` then names the older types that `read`
    still takes, each with its old field names: `renamed={"evaluation.EvaluatorAssigned.v1": {"place": "seat"}}`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: ClassVar[str]
    topic: ClassVar[str]
    key_field: ClassVar[str]
    correlation_field: ClassVar[str]
    renamed: ClassVar[Mapping[str, Mapping[str, str]]] = {}

    def __init_subclass__(
        cls,
        *,
        type: str = "",
        topic: str = "",
        key: str = "",
        correlation: str = "",
        renamed: Mapping[str, Mapping[str, str]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init_subclass__(**kwargs)
        cls.topic, cls.key_field = topic or getattr(cls, "topic", ""), key or getattr(cls, "key_field", "")
        cls.correlation_field = correlation or getattr(cls, "correlation_field", "")
        if type:
            cls.type, cls.renamed = type, renamed or {}

    @property
    def key(self) -> UUID:
        value: UUID = getattr(self, self.key_field)
        return value

    @property
    def correlation_id(self) -> UUID:
        value: UUID = getattr(self, self.correlation_field)
        return value

    @classmethod
    def read(cls, body: bytes | str, type: str = "") -> "Event":
        """The event of a message body. Unknown fields are ignored; `type` may be an older version. ValueError when unreadable."""
        old_names = cls.renamed.get(type)
        if not old_names:
            return cls.model_validate_json(body, extra="ignore", context=CONSUMED)
        values = from_json(body)
        return cls.model_validate(
            {old_names.get(name, name): value for name, value in values.items()}, extra="ignore", strict=False, context=CONSUMED
        )


CONSUMED = {"consumed": True}
"""Validation context of `Event.read`: an unknown value of a closed vocabulary is then kept as text (see `shared.contracts.words`)."""


def contracts(root: type[Event] = Event) -> list[type[Event]]:
    """All declared contracts that have been imported, by type."""
    found = {c.type: c for c in _descendants(root) if "type" in vars(c)}
    return [found[name] for name in sorted(found)]


def _descendants(cls: type[Event]) -> list[type[Event]]:
    children = cls.__subclasses__()
    return children + [grand for child in children for grand in _descendants(child)]
