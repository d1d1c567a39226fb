"""Compares the outgoing folder, which a restore does not roll back, with payments: each order in its files may have been paid."""

import hashlib
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from joserfc.jwk import KeySet

from deploy.embedded.state import State
from operations.transactions import Begin, transactions
from services.payments.commands.hold_payments import hold_payments
from services.payments.commands.import_payment_file import import_payment_file
from services.payments.commands.release_hold import release_hold
from services.payments.jobs.channel import is_signed
from services.payments.queries.orphan_orders import list_orphan_orders
from services.payments.queries.views import OrphanOrderView
from shared.database.sealing import Sealer
from shared.identity.signatures import doubt_about, load_keys, read_signature
from shared.kernel.errors import Refused
from shared.kernel.files import NOT_READABLE, read_file
from shared.kernel.printable import printable
from shared.policy.loader import load_book

MAX_BYTES = 100_000_000


@dataclass
class Comparison:
    """`files` were compared; `orders` of them were missing in the database. `unreadable`: file name → the reason."""

    files: int = 0
    orders: int = 0
    unreadable: dict[str, Refused] = field(default_factory=dict)


async def hold_and_compare(state: State, sealer: Sealer, outgoing: Path, our_keys: Path) -> Comparison:
    """Holds payments: nothing is sealed or sent until `release`. Then imports every file of the outgoing folder that we signed."""
    async with transactions(state, "payments", sealer) as begin:
        async with begin() as context:
            await hold_payments(context, "restored from a backup")
        return await _compare(begin, outgoing, our_keys, state)


async def release(
    state: State, sealer: Sealer, outgoing: Path, our_keys: Path, assurance: str, statements_until: date | None
) -> tuple[Comparison, bool]:
    """Compares again, because files may have been put back since the restore, and lifts the hold. False: payments were not held.

    Raises `Refused` while a file, or an answer of the bank, holds orders that cannot be read.
    """
    async with transactions(state, "payments", sealer) as begin:
        compared = await _compare(begin, outgoing, our_keys, state)
        if compared.unreadable:
            files = [f"{name} ({reason.code})" for name, reason in compared.unreadable.items()]
            raise Refused("unreadable-payment-files", "Files in the outgoing folder cannot be read: {files}.", files=files)
        async with begin() as context:
            lifted = await release_hold(context, assurance, statements_until)
        return compared, lifted is not None


async def orphan_orders(state: State, sealer: Sealer) -> list[OrphanOrderView]:
    """The orders in bank files for which payments has no payment."""
    async with transactions(state, "payments", sealer) as begin, begin() as context:
        return await list_orphan_orders(context)


async def _compare(begin: Begin, outgoing: Path, our_keys: Path, state: State) -> Comparison:
    """Each file is one transaction, in the order of their names. A file without our signature is no fact: it is reported."""
    compared = Comparison()
    keys = _keys(our_keys, state)
    for path in _files(outgoing):
        try:
            data = _read(path)
            _require_signature(path, data, keys)
            async with begin() as context:
                orders = await import_payment_file(context, data, MAX_BYTES)
        except Refused as refused:
            compared.unreadable[printable(path.name)] = refused
        else:
            compared.files, compared.orders = compared.files + 1, compared.orders + orders
    return compared


def _keys(our_keys: Path, state: State) -> KeySet | None:
    """None where files are not signed: no bank of a region signs, or the backup is of a version without keys."""
    return load_keys(our_keys) if is_signed(load_book(state.policies)) and our_keys.exists() else None


def _require_signature(path: Path, data: bytes, keys: KeySet | None) -> None:
    """`Refused` 'unsigned-payment-file'. Without keys the banks of all regions are without signatures."""
    if keys is not None and doubt_about(read_signature(path), hashlib.sha256(data).hexdigest(), keys):
        raise Refused("unsigned-payment-file", "The payment file has no valid signature of ours: it is not taken as given to the bank.")


def _read(path: Path) -> bytes:
    try:
        return read_file(path)
    except NOT_READABLE as error:
        raise Refused("not-a-file", "It is no regular file, or cannot be read by this account.") from error


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("[!.]*.xml"))
