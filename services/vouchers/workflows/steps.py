"""The steps of a lifecycle, as its workflow calls them. `activities.py` implements them.

The workflow names each step by its method here, so that a step which is renamed or gets another type fails the type check.
"""

from abc import ABC, abstractmethod

from temporalio import activity

from services.vouchers.workflows.models import Position, Step


class VoucherSteps(ABC):
    @activity.defn
    @abstractmethod
    async def request_reservation(self, step: Step) -> Position: ...

    @activity.defn
    @abstractmethod
    async def send_offer(self, step: Step) -> Position: ...

    @activity.defn
    @abstractmethod
    async def review_voucher(self, step: Step) -> Position: ...

    @activity.defn
    @abstractmethod
    async def issue_voucher(self, step: Step) -> Position: ...

    @activity.defn
    @abstractmethod
    async def close_voucher(self, step: Step) -> Position: ...
