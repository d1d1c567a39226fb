"""The columns in which the register of a member state takes de minimis aid: one file a country, `registers/<country>.toml`."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from tomllib import loads
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.kernel.money import Money

FOLDER = Path(__file__).resolve().parent / "registers"
Name = Literal["beneficiary", "tax_number", "amount", "currency", "amount_eur", "granted_on", "authority", "sector", "regulation", "text"]
"""What a column has. `text`: the same in every row."""


class RegisterColumn(BaseModel):
    """`in_kind`: the text where the aid is hours or places; without it that is the same. The instruments are those of Annex II of
    Regulation (EU) No 651/2014 (grant, loan, guarantee, tax advantage, risk finance, other), of which hours and places are the last one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    header: Annotated[str, Field(min_length=1)]
    value: Name
    text: str = ""
    in_kind: str = ""


class Register(BaseModel):
    """`source`: where the contents of the columns come from; `confirmed`: headings and order were read in a publication of the register.
    `decimal`: the sign between units and cents; `dates`: as `strftime` writes them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    name: Annotated[str, Field(min_length=1)]
    source: Annotated[str, Field(min_length=1)]
    confirmed: bool
    read_on: date
    decimal: Literal[",", "."]
    dates: Annotated[str, Field(min_length=1)]
    columns: Annotated[tuple[RegisterColumn, ...], Field(min_length=1)]

    def written(self, column: RegisterColumn, facts: Mapping[str, Any]) -> str:
        """Of one aid. `facts`: by name; an amount is `Money`, a day a date, `in_kind` true or false, all else text."""
        text = column.in_kind if column.in_kind and facts.get("in_kind") else column.text
        value = text if column.value == "text" else facts.get(column.value)
        if isinstance(value, Money):
            return str(Decimal(value.decimal()).quantize(Decimal("0.01"))).replace(".", self.decimal)
        return value.strftime(self.dates) if isinstance(value, date) else str(value or "")


@cache
def registers() -> dict[str, Register]:
    """By country."""
    found = [Register.model_validate(loads(path.read_text(encoding="utf-8"))) for path in sorted(FOLDER.glob("*.toml"))]
    return {one.country: one for one in found}
