"""Event fields of a closed vocabulary: strict where the event is produced, tolerant where it is consumed."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import structlog
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from shared.messaging.event import CONSUMED

log = structlog.get_logger()
CODE_PATTERN, CODE_LENGTH = "^[a-z0-9][a-z0-9.-]*$", 80


@dataclass(frozen=True)
class WordOf:
    """Annotation of a field: `Annotated[MilestoneKind | str, WordOf(MilestoneKind)]`.

    Validation returns the member. A word that is not in the vocabulary is an error, except while an event is read from the
    broker: there it is kept as text and logged, because the producer may be of a later release.
    """

    vocabulary: type[StrEnum]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(self._validate, serialization=core_schema.to_string_ser_schema())

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "pattern": CODE_PATTERN, "maxLength": CODE_LENGTH, "x-words": [word.value for word in self.vocabulary]}

    def _validate(self, value: Any, info: ValidationInfo) -> StrEnum | str:
        try:
            return self.vocabulary(value)
        except ValueError as error:
            if info.context is CONSUMED and isinstance(value, str) and len(value) <= CODE_LENGTH and re.match(CODE_PATTERN, value):
                log.warning("unknown word in an event", vocabulary=self.vocabulary.__name__, field=info.field_name, word=value)
                return value
            raise PydanticCustomError("unknown_word", "not one of {words}", {"words": ", ".join(self.vocabulary)}) from error
