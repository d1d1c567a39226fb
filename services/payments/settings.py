"""Settings of `payments`, read from the environment."""

from pathlib import Path

from pydantic import PositiveInt

from shared.runtime.settings import ServiceSettings

OPEN_CLAIMS = 50


class Settings(ServiceSettings):
    """`bank_outgoing` takes our payment files, `bank_incoming` the bank's files; another system carries both to and from the bank.

    `folder_poll_milliseconds` is real time, between two reads of a folder or of the sealed batches. `open_claims`: how many claims of one
    organisation may wait for a decision.
    """

    bank_outgoing: Path
    bank_incoming: Path
    folder_poll_milliseconds: int = 200
    bank_file_max_bytes: int = 50_000_000
    open_claims: PositiveInt = OPEN_CLAIMS
