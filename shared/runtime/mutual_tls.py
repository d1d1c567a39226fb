"""How a client proves to Temporal who it is, and knows that it is Temporal: certificates of both sides (TLS 1.2 or later)."""

from pathlib import Path

from temporalio.service import TLSConfig


def temporal_tls(ca: Path | None, certificate: Path | None, key: Path | None) -> TLSConfig | None:
    """Of PEM files: the authority that signed the server's certificate, and the client's certificate with its key. None without `ca`: no
    TLS, for a server on this machine. ValueError when one of the others is missing."""
    if ca is None:
        return None
    if certificate is None or key is None:
        raise ValueError(
            "Temporal with TLS needs the client's certificate and its key: TRIPTYCH_TEMPORAL_CERTIFICATE, TRIPTYCH_TEMPORAL_KEY."
        )
    return TLSConfig(server_root_ca_cert=ca.read_bytes(), client_cert=certificate.read_bytes(), client_private_key=key.read_bytes())


def temporal_tls_in(folder: Path | None) -> TLSConfig | None:
    """Of a folder with `ca.pem`, `temporal.pem` and `temporal.key`; None for none."""
    return None if folder is None else temporal_tls(folder / "ca.pem", folder / "temporal.pem", folder / "temporal.key")
