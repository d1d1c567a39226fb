"""The channel to the bank: two folders that only the right accounts of the machine may write to, and the keys of both sides."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from joserfc.jwk import KeySet

from services.payments.settings import Settings
from shared.identity.signatures import SigningKey, load_keys, load_signing_key
from shared.policy.resolver import PolicyBook
from shared.policy.sections import Bank


class ChannelRefused(Exception):
    """The worker does not start: the message says what an operator has to change."""


@dataclass(frozen=True, slots=True)
class Channel:
    """`bank_keys` None: no region's bank signs, and files are taken without a signature. `signing_key` None: none of ours is signed."""

    bank_keys: KeySet | None = None
    signing_key: SigningKey | None = None


def open_channel(settings: Settings, policies: PolicyBook) -> Channel:
    """`ChannelRefused` when a folder is open to others, or a key is missing that a region's policy asks for."""
    for folder in (settings.bank_incoming, settings.bank_outgoing):
        _check_folder(folder)
    if not is_signed(policies):
        return Channel()
    try:
        if settings.bank_keys is None or settings.bank_signing_key is None:
            raise ValueError("TRIPTYCH_BANK_KEYS and TRIPTYCH_BANK_SIGNING_KEY are not both set")
        _check_private(settings.bank_signing_key)
        return Channel(load_keys(settings.bank_keys), load_signing_key(settings.bank_signing_key))
    except (OSError, ValueError, LookupError) as error:
        raise ChannelRefused(
            f"The keys of the bank's channel cannot be read: {error}. A bank without signatures is named in the policy: "
            '`channel = "unsigned"` in [bank].'
        ) from error


def is_signed(policies: PolicyBook) -> bool:
    """True unless the newest policy of every region and scheme names its bank's channel unsigned: the folder is one for all."""
    newest = {(policy.region, policy.scheme): policy for policy in sorted(policies.all(), key=lambda policy: policy.effective_from)}
    return any(signs(policy.bank) for policy in newest.values())


def signs(bank: Bank) -> bool:
    """False only for a bank that its policy names unsigned."""
    return bank.channel != "unsigned"


def _check_folder(folder: Path) -> None:
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    mode = stat.S_IMODE(folder.stat().st_mode)
    if mode & stat.S_IWOTH:
        raise ChannelRefused(f"{folder} can be written by everybody on this machine (mode {mode:o}): `chmod o-w {folder}`.")
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise ChannelRefused(f"{folder} cannot be read and written by this service (mode {mode:o}).")


def _check_private(key: Path) -> None:
    mode = stat.S_IMODE(key.stat().st_mode)
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ValueError(f"{key} can be read by others (mode {mode:o})")
