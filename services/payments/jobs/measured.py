"""Measures payments for who watches the process (`queries/measured.py`)."""

from services.payments.queries.measured import measured_payments
from shared.database.engine import Sessions
from shared.identity.actor import SYSTEM
from shared.kernel.clock import ProgrammeClock
from shared.messaging.context import Context
from shared.policy.resolver import PolicyBook
from shared.telemetry.measured import Measurement


class MeasuredPayments:
    def __init__(self, sessions: Sessions, clock: ProgrammeClock, policies: PolicyBook) -> None:
        self.sessions, self.clock, self.policies = sessions, clock, policies
        self.regions = sorted({policy.region for policy in policies.all()})

    async def take(self) -> list[Measurement]:
        async with self.sessions() as session:
            return await measured_payments(Context(session, SYSTEM, self.policies, self.clock.now), self.regions)
