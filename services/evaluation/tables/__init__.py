"""The tables of evaluation. Every command locks the row of the call first, so the changes of one call happen one after another."""

from services.evaluation.tables.appeals import AppealRow, RevisedRankingRow
from services.evaluation.tables.assignments import AssignmentRow
from services.evaluation.tables.base import Table
from services.evaluation.tables.calls import CallRow, EnvelopeChangeRow, QueueEntryRow
from services.evaluation.tables.cases import CaseRow
from services.evaluation.tables.decisions import DecisionRow
from services.evaluation.tables.evaluators import EvaluatorRow
from services.evaluation.tables.randomness import RandomnessRow
from services.evaluation.tables.rankings import RankingRow
from services.evaluation.tables.sheets import DraftRow, QuestionRow, SetAsideSheetRow

__all__ = [
    "AppealRow", "AssignmentRow", "CallRow", "CaseRow", "DecisionRow", "DraftRow", "EnvelopeChangeRow", "EvaluatorRow",
    "QuestionRow", "QueueEntryRow", "RandomnessRow", "RankingRow", "RevisedRankingRow", "SetAsideSheetRow", "Table",
]  # fmt: skip
