"""Settings of `payments`, read from the environment."""

from pathlib import Path

from pydantic import PositiveInt

from shared.runtime.files import FileSettings

OPEN_CLAIMS = 50


class Settings(FileSettings):
    """`bank_outgoing` takes our payment files, `bank_incoming` the bank's files; another system carries both to and from the bank.

    `bank_keys`: a JWKS with the bank's public keys (or secrets shared with it), several while one replaces another.
    `bank_signing_key`: a JWK, our private key (or a secret), for the worker only. Both are needed unless every policy says "unsigned".

    `folder_poll_milliseconds` is real time, between two reads of a folder or of the sealed batches. `open_claims`: how many claims of one
    organisation may wait for a decision. `files` (`FileSettings`) are the documents of claims, in another place than those of applications.
    """

    bank_outgoing: Path
    bank_incoming: Path
    bank_keys: Path | None = None
    bank_signing_key: Path | None = None
    folder_poll_milliseconds: int = 200
    bank_file_max_bytes: int = 50_000_000
    open_claims: PositiveInt = OPEN_CLAIMS
