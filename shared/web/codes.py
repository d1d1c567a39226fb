"""Codes of a list in request bodies: read as people write them, refused when the list does not have them."""

from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from shared.classifications import Scheme, canonical, fault_of


def _read(scheme: Scheme) -> BeforeValidator:
    return BeforeValidator(lambda value: canonical(scheme, value) if isinstance(value, str) else value)


def _checked(scheme: Scheme) -> Callable[[str], str]:
    def check(code: str) -> str:
        if fault := fault_of(scheme, code):
            raise PydanticCustomError(fault.kind, "not in the list", dict(fault.facts))
        return code

    return check


NutsCode = Annotated[
    str, _read(Scheme.NUTS), Field(max_length=20, description="NUTS code of the seat, Greece is EL"), AfterValidator(_checked(Scheme.NUTS))
]
NaceCode = Annotated[str, _read(Scheme.NACE), Field(max_length=20, description="NACE"), AfterValidator(_checked(Scheme.NACE))]
