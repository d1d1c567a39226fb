"""The base of all contracts: one pydantic model per event, with its CloudEvents type, topic, key and correlation id."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from pydantic_core import from_json

from shared.identity.duties import Duty


class Event(BaseModel):
    """Base of all contracts. A contract is a class with its fields; an abstract base has what all contracts of a topic share:

        class CallEvent(Event, abstract=True, topic="applications.calls", key="call_id", correlation="call_id"):
            call_id: UUID

        class CallOpened(CallEvent):
            opened_at: datetime

    `duty` is the part in the case that an event proves its actor, or the person in the field `person`, to have taken
    (`shared.identity.duties`).

    `key` names the field with the aggregate's id: order is kept per key. `correlation` names the field with the id that all events
    of one case share: the application's id, or the call's or batch's where no application is concerned. `reader` names the reader
    of an event that no service consumes. The type follows from topic, class and version: 'applications.CallOpened.v1'.

    Strict where produced: an unknown or mistyped field raises ValidationError. Tolerant where consumed: see `read`.

    A change that consumers of the old version could not read raises `version`. For each older version that `read` still takes,
    `renamed` then gives its old field names, and `added` the values that its events mean for fields which they lack:
    `version=2, renamed={1: {"place": "seat"}}, added={1: {"currency": "EUR"}}`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: ClassVar[str]
    topic: ClassVar[str] = ""
    key_field: ClassVar[str] = ""
    correlation_field: ClassVar[str] = ""
    renamed: ClassVar[Mapping[str, Mapping[str, str]]] = {}
    added: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    reader: ClassVar[str] = ""
    duty: ClassVar[Duty | None] = None
    person_field: ClassVar[str] = ""

    def __init_subclass__(
        cls,
        *,
        abstract: bool = False,
        topic: str = "",
        key: str = "",
        correlation: str = "",
        version: int = 1,
        renamed: Mapping[int, Mapping[str, str]] | None = None,
        added: Mapping[int, Mapping[str, Any]] | None = None,
        reader: str = "",
        duty: Duty | None = None,
        person: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init_subclass__(**kwargs)
        cls.topic, cls.key_field = topic or cls.topic, key or cls.key_field
        cls.correlation_field = correlation or cls.correlation_field
        if not abstract:
            name = f"{cls.topic.partition('.')[0]}.{cls.__name__}"
            cls.type, cls.reader, cls.duty, cls.person_field = f"{name}.v{version}", reader, duty, person
            older = {*(renamed or {}), *(added or {})}
            cls.renamed = {f"{name}.v{old}": (renamed or {}).get(old, {}) for old in older}
            cls.added = {f"{name}.v{old}": (added or {}).get(old, {}) for old in older}

    @property
    def duty_taken(self) -> Duty | None:
        """The duty that this event proves; a contract overrides it where that depends on the fields."""
        return self.duty

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
        if type not in cls.renamed:
            return cls.model_validate_json(body, extra="ignore", context=CONSUMED)
        return cls.model_validate(cls.present(from_json(body), type), extra="ignore", strict=False, context=CONSUMED)

    @classmethod
    def present(cls, values: Mapping[str, Any], type: str) -> dict[str, Any]:
        """The fields of an event of an older version `type` as the present version has them; those of this version as they are."""
        names = cls.renamed.get(type, {})
        return {**cls.added.get(type, {}), **{names.get(name, name): value for name, value in values.items()}}


CONSUMED = {"consumed": True}
"""Validation context of `Event.read`: an unknown value of a closed vocabulary is then kept as text (see `shared.contracts.words`)."""


def contracts(root: type[Event] = Event) -> list[type[Event]]:
    """All declared contracts that have been imported, by type."""
    found = {c.type: c for c in _descendants(root) if "type" in vars(c)}
    return [found[name] for name in sorted(found)]


def _descendants(cls: type[Event]) -> list[type[Event]]:
    children = cls.__subclasses__()
    return children + [grand for child in children for grand in _descendants(child)]
