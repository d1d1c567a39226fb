"""The steps of the timers, as their workflows call them. `activities.py` implements them."""

from abc import ABC, abstractmethod

from temporalio import activity

from services.vouchers.deadlines.workflows.models import DueCheck, MilestoneCheck, NextCheck, RetentionInput


class DeadlineSteps(ABC):
    @activity.defn
    @abstractmethod
    async def announce_call_dates(self, check: DueCheck) -> NextCheck: ...

    @activity.defn
    @abstractmethod
    async def reach_milestone(self, check: MilestoneCheck) -> NextCheck: ...

    @activity.defn
    @abstractmethod
    async def announce_retention(self, retention: RetentionInput) -> NextCheck: ...
