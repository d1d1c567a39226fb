"""Request bodies."""

from typing import Annotated

from pydantic import Field, StrictBool, StrictInt

from shared.contracts.common import Code
from shared.web.schemas import Input


class RelationInput(Input):
    """A relation in plain text; only its keyed hash is stored."""

    kind: Code
    value: Annotated[str, Field(min_length=1, max_length=500)]


class EvaluatorInput(Input):
    """`evaluator_id` is the subject of the evaluator's token; of an e-mail address only a keyed hash is stored."""

    evaluator_id: Annotated[str, Field(min_length=1, max_length=200)]
    region: Annotated[str, Field(min_length=1, max_length=80)]
    languages: Annotated[list[Annotated[str, Field(pattern="^[a-z]{2,3}$")]], Field(min_length=1, max_length=30)]
    topics: list[Code] = Field(default_factory=list, max_length=100)
    relations: list[RelationInput] = Field(default_factory=list, max_length=100)


class DeclarationInput(Input):
    """`kind` is the kind of relation behind a declared conflict, e.g. employer; no names."""

    conflict: StrictBool
    kind: Code | None = None


class ScoreSheetInput(Input):
    """Whole points for every criterion of the policy."""

    scores: Annotated[dict[Code, StrictInt], Field(max_length=50)]
    comment: Annotated[str, Field(max_length=20_000)] = ""


class RankingApprovalInput(Input):
    """`list_hash` of the list that the officer has read."""

    list_hash: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class RandomnessInput(Input):
    """`file` is the beacon's answer for the round, as it is: JSON with round, signature and randomness."""

    file: Annotated[str, Field(min_length=1, max_length=4_000)]
