"""Request bodies say what they are: a number is no text, a yes no number."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from deploy.embedded.data_directory import REPOSITORY
from services.payments.api.schemas import EvidenceInput
from shared.web.schemas import Input, PositiveMinor


def bodies(parent: type[Input] = Input) -> Iterator[type[Input]]:
    for path in sorted(Path(REPOSITORY, "services").glob("*/api/schemas.py")):
        import_module(".".join(path.relative_to(REPOSITORY).with_suffix("").parts))
    for body in parent.__subclasses__():
        yield body
        yield from bodies(body)


_ANY_JSON = {"list", "dict", "str", "bool", "int", "float", "NoneType"}


def lax_leaves(schema: Any) -> Iterator[str]:
    """The numbers and truth values that take text or each other; a model may be strict as a whole, like the form and the call. Any
    JSON value (pydantic's `JsonValue`) is what its type says, so nothing is converted there."""
    if isinstance(schema, dict):
        if schema.get("config", {}).get("strict") or {str(one) for one in schema.get("choices", ())} == _ANY_JSON:
            return
        if schema.get("type") in {"int", "bool", "float"} and not schema.get("strict"):
            yield schema["type"]
        schema = [part for name, part in schema.items() if name != "serialization"]  # what is written, not read
    if isinstance(schema, list | tuple):
        for part in schema:
            yield from lax_leaves(part)


def test_every_number_in_a_body_is_strict() -> None:
    assert EvidenceInput in bodies()
    assert {body.__name__: leaves for body in bodies() if (leaves := list(lax_leaves(body.__pydantic_core_schema__)))} == {}


@pytest.mark.parametrize("amount", [True, "400", 400.0, 0, 10**15 + 1])
def test_amount_is_a_whole_positive_number(amount: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(PositiveMinor).validate_python(amount)
