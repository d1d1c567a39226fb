"""Assignments whose evaluator does not answer, by the terms of each call's policy."""

from collections.abc import Callable, Collection
from datetime import datetime

from sqlalchemy import ColumnElement, and_, false, or_
from sqlmodel import col, select

from services.evaluation.domain.silence import SilenceTerms, silence_terms
from services.evaluation.domain.states import PENDING
from services.evaluation.tables import AssignmentRow, CallRow
from shared.messaging.context import Context


def late_in(context: Context, regions: Collection[str]) -> ColumnElement[bool]:
    """Those that are the task of an officer."""
    return _due(context, regions, lambda terms: terms.escalated_before)


def to_remind_in(context: Context, regions: Collection[str]) -> ColumnElement[bool]:
    """Those of which their evaluator is reminded."""
    return _due(context, regions, lambda terms: terms.reminded_before)


def _due(context: Context, regions: Collection[str], instant: Callable[[SilenceTerms], datetime]) -> ColumnElement[bool]:
    """Policies of one term together: a region has few."""
    pending = (col(AssignmentRow.region).in_(regions), col(AssignmentRow.state).in_(PENDING))
    by_policy = [
        and_(col(AssignmentRow.call_id).in_(select(CallRow.id).where(CallRow.policy_id == policy.id)), col(AssignmentRow.due_at) <= at)
        for policy in context.policies.all()
        if policy.region in regions and policy.evaluation is not None
        for at in [instant(silence_terms(policy, context.now))]
    ]
    return and_(*pending, or_(false(), *by_policy))
