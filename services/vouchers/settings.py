"""Settings of `vouchers`, read from the environment."""

from pathlib import Path

from pydantic import SecretStr
from temporalio.service import TLSConfig

from shared.database.sealing import Sealer
from shared.runtime.mutual_tls import temporal_tls
from shared.runtime.settings import ServiceSettings, sealer_of


class Settings(ServiceSettings):
    """`temporal` is the gRPC address (host:port) of the Temporal frontend. `temporal_keys` encrypt what it stores, in the form of
    `master_keys`; a former key is kept as long as a workflow that it has encrypted is.

    `temporal_ca`, `temporal_certificate`, `temporal_key`: PEM files for TLS with certificates of both sides, for a Temporal that is not on
    this machine (`shared/runtime/mutual_tls.py`)."""

    temporal: str
    temporal_namespace: str = "triptych"
    temporal_keys: SecretStr
    temporal_ca: Path | None = None
    temporal_certificate: Path | None = None
    temporal_key: Path | None = None

    @property
    def temporal_tls(self) -> TLSConfig | None:
        return temporal_tls(self.temporal_ca, self.temporal_certificate, self.temporal_key)

    @property
    def temporal_sealer(self) -> Sealer:
        return sealer_of(self.temporal_keys)
