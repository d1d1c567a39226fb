"""Settings of the simulated bank, from the environment: TRIPTYCH_BANK_OUTGOING and so on, and the programme clock."""

from pathlib import Path

from shared.runtime.settings import ClockSettings
from simulation.bank.behaviour import Shares


class BankSettings(ClockSettings):
    """`outgoing` and `incoming` are the platform's words: the bank reads the first and writes the second.

    `book`: file of the bank's book. The percentages are shares of all transfers. `bank_key`: the bank's private key (a JWK);
    `bank_customer_keys`: the platform's public keys (a JWKS). Without them nothing is signed or checked. `bank_paid_in`: folder of what
    people pay in. `bank_kinds`: JSON file of account → kind of bank, which may change.
    """

    bank_outgoing: Path
    bank_incoming: Path
    bank_book: Path
    bank_seed: str
    bank_key: Path | None = None
    bank_customer_keys: Path | None = None
    bank_paid_in: Path | None = None
    bank_kinds: Path | None = None
    bank_rejected_percent: int = 4
    bank_returned_percent: int = 3
    bank_late_percent: int = 3
    bank_unanswered_booked_percent: int = 4
    bank_unanswered_rejected_percent: int = 1

    def shares(self) -> Shares:
        return Shares(
            rejected=self.bank_rejected_percent,
            returned=self.bank_returned_percent,
            late=self.bank_late_percent,
            unanswered_booked=self.bank_unanswered_booked_percent,
            unanswered_rejected=self.bank_unanswered_rejected_percent,
        )
