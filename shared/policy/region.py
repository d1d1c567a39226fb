"""What a region is called: `regions/<region>/region.toml`. Wording, no part of any rule or id."""

from typing import Self

from pydantic import model_validator

from shared.policy.sections import Strict, Titles

ENGLISH = "en"


class Region(Strict):
    """`names` by language; a language without one reads the English name."""

    names: Titles

    @model_validator(mode="after")
    def _has_english(self) -> Self:
        if ENGLISH not in self.names:
            raise ValueError("names: there is no English name")
        return self
