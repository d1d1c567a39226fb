"""A backup leaves the machine only as files that one identity opens, with a list that this installation has signed.

Encryption is age (X25519, ChaCha20-Poly1305), so that the operator may keep the identity with age's own tools. The signature is Ed25519
with a key of the installation. Its public half is what a restore trusts: it comes from the operator's identity file, from the command
line, or from the installation that is being replaced, never from the backup.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pyrage import DecryptError, IdentityError, RecipientError, decrypt_file, encrypt_file, x25519

SUFFIX = ".age"
_SIGNED_BY = "# signed by: "


class KeyRefused(Exception):
    """The recipient, the identity or the signer's key is missing or is none."""


def new_identity_file(path: Path, signing_key: str) -> str:
    """Writes a new identity and the public key of the installation whose backups it opens; returns the recipient.

    FileExistsError when there is such a file.
    """
    identity = x25519.Identity.generate()
    recipient, signer = str(identity.to_public()), public_key(signing_key)
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(f"# recipient: {recipient}\n{_SIGNED_BY}{signer}\n{identity}\n")
    return recipient


def signer_in(identity_file: Path) -> str | None:
    """The public key that `new_identity_file` wrote; None in a file of age's own tools."""
    lines = [line for line in identity_file.read_text().splitlines() if line.startswith(_SIGNED_BY)]
    return lines[0].removeprefix(_SIGNED_BY).strip() if lines else None


def recipients_of(texts: Iterable[str]) -> list[x25519.Recipient]:
    try:
        return [x25519.Recipient.from_str(text) for text in texts]
    except RecipientError as error:
        raise KeyRefused("A recipient begins with age1; `triptych keys backup FILE` makes one.") from error


def encrypt(source: Path, target: Path, recipients: Sequence[x25519.Recipient]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    encrypt_file(str(source), str(target), recipients)


def decrypt(source: Path, target: Path, identity_file: Path) -> None:
    """Raises `KeyRefused` when the identity is not one of the recipients."""
    try:
        secrets = [line.strip() for line in identity_file.read_text().splitlines() if line.strip() and not line.startswith("#")]
        identities = [x25519.Identity.from_str(secret) for secret in secrets]
        target.parent.mkdir(parents=True, exist_ok=True)
        decrypt_file(str(source), str(target), identities)
    except (IdentityError, DecryptError) as error:
        raise KeyRefused(f"The identity in {identity_file} does not open this backup.") from error


def public_key(signing_key: str) -> str:
    """The public half, in hex, of a signing key in hex."""
    return _private(signing_key).public_key().public_bytes_raw().hex()


def sign(signing_key: str, content: bytes) -> str:
    return _private(signing_key).sign(content).hex()


def _private(signing_key: str) -> Ed25519PrivateKey:
    if not signing_key:
        raise KeyRefused("This platform has no signing key yet: `triptych up` makes one.")
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(signing_key))


def is_signed_by(signer: str, content: bytes, signature: str) -> bool:
    """Raises `KeyRefused` when `signer` is no public key."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signer))
    except ValueError as error:
        raise KeyRefused("The signer's key has 64 hexadecimal digits; `triptych keys signer` prints it.") from error
    try:
        key.verify(bytes.fromhex(signature), content)
    except (InvalidSignature, ValueError):
        return False
    return True
