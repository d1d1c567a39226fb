"""Request bodies."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StrictBool, StrictInt

from services.evaluation.domain.states import Rescoring
from shared.contracts.common import Code
from shared.policy.scenario import MOST_APPLICATIONS, MOST_SCENARIOS, Scenarios
from shared.web.schemas import LARGEST_MINOR, Input


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


Points = Annotated[dict[Code, StrictInt], Field(max_length=50)]
Justifications = Annotated[dict[Code, Annotated[str, Field(max_length=5_000)]], Field(max_length=50)]
Comment = Annotated[str, Field(max_length=20_000)]
Words = Annotated[str, Field(min_length=1, max_length=5_000)]
"""What a person writes to another one: kept encrypted, and in no event."""


class ScoreSheetInput(Input):
    """Whole points for every criterion of the policy, each with its justification where the policy asks for one."""

    scores: Points
    justifications: Justifications = Field(default_factory=dict)
    comment: Comment = ""


class DraftInput(Input):
    """A score sheet as far as it is written; `version` is that of the draft which was loaded, 0 for none."""

    version: Annotated[StrictInt, Field(ge=0)]
    scores: Points = Field(default_factory=dict)
    justifications: Justifications = Field(default_factory=dict)
    comment: Comment = ""


class QuestionInput(Input):
    question: Words


class AnswerInput(Input):
    answer: Words


_Column = Field(max_length=MOST_APPLICATIONS)
_Minor = Annotated[StrictInt, Field(ge=0, le=LARGEST_MINOR)]


class ReplayFactsInput(Input):
    """What `applications` answers of the same call and scenarios, one column each, in the order of the sequence. `amounts_minor`: a list
    for the record and one for each scenario; null of an application that is not eligible. `voucher_types`: that each asks
    for, empty in a call without types."""

    application_ids: Annotated[list[UUID], _Column]
    sequences: Annotated[list[Annotated[StrictInt, Field(gt=0)]], _Column]
    requested_minor: Annotated[list[_Minor], _Column]
    transitions: Annotated[list[Annotated[list[Code], Field(max_length=10)]], _Column]
    amounts_minor: Annotated[list[Annotated[list[_Minor | None], _Column]], Field(max_length=MOST_SCENARIOS + 1)]
    voucher_types: Annotated[list[Code | None], _Column] = Field(default_factory=list)


class ReplayInput(Input):
    """`rounds` of the bootstrap, fewer where there are many cases; 0 for none."""

    scenarios: Scenarios
    facts: ReplayFactsInput
    rounds: Annotated[StrictInt, Field(ge=0, le=500)] = 100


class ReopeningInput(Input):
    reason: Words


class ReplacementInput(Input):
    """`why`: replaced, or conflict-found, which sets a submitted sheet aside. `evaluator_id` takes the seat; without it the platform
    chooses. `kind` is the kind of the relation that was found; `reason` is kept with the sheet that is set aside."""

    why: Literal["replaced", "conflict-found"]
    evaluator_id: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    kind: Code | None = None
    reason: Annotated[str, Field(max_length=5_000)] = ""


class AppealInput(Input):
    """`grounds`: what the applicant objects to, and why."""

    grounds: Annotated[str, Field(min_length=1, max_length=20_000)]


class AppealDecisionInput(Input):
    """`rescoring` upholds the appeal: the case is scored again, by the same evaluators or by others. Without it the appeal is dismissed."""

    reasons: Annotated[str, Field(min_length=1, max_length=20_000)]
    rescoring: Rescoring | None = None


class RankingApprovalInput(Input):
    """`list_hash` of the list that the officer has read."""

    list_hash: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class RandomnessInput(Input):
    """`file` is the beacon's answer for the round, as it is: JSON with round, signature and randomness."""

    file: Annotated[str, Field(min_length=1, max_length=4_000)]
