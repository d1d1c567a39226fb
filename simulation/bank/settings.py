"""What the simulated bank is told by its environment (TRIPTYCH_BANK_OUTGOING ... and the programme clock's numbers)."""

from pathlib import Path

from shared.runtime.settings import ClockSettings
from simulation.bank.behaviour import Shares


class BankSettings(ClockSettings):
    """`outgoing` and `incoming` are named from the platform's side: the bank reads the first and writes the second.

    `book` is the file of the bank's own book; the percentages are shares of all transfers.
    """

    bank_outgoing: Path
    bank_incoming: Path
    bank_book: Path
    bank_seed: str
    bank_rejected_percent: int = 4
    bank_returned_percent: int = 3
    bank_late_percent: int = 3
    bank_silent_booked_percent: int = 4
    bank_silent_rejected_percent: int = 1

    def shares(self) -> Shares:
        return Shares(
            rejected=self.bank_rejected_percent,
            returned=self.bank_returned_percent,
            late=self.bank_late_percent,
            silent_booked=self.bank_silent_booked_percent,
            silent_rejected=self.bank_silent_rejected_percent,
        )
