"""Settings of `payments`, read from the environment."""

from pathlib import Path

from shared.runtime.settings import ServiceSettings


class Settings(ServiceSettings):
    """`bank_outgoing` takes our orders to the bank, `bank_incoming` its answers; both are folders that somebody else carries further.

    `folder_poll_milliseconds` is real time, between two looks into a folder or at the sealed batches.
    """

    bank_outgoing: Path
    bank_incoming: Path
    folder_poll_milliseconds: int = 200
    bank_file_max_bytes: int = 50_000_000
