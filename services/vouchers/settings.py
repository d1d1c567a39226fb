"""Settings of `vouchers`, read from the environment."""

from pydantic import SecretStr

from shared.database.sealing import Sealer
from shared.runtime.settings import ServiceSettings, sealer_of


class Settings(ServiceSettings):
    """`temporal` is the gRPC address (host:port) of the Temporal frontend. `temporal_keys` encrypt what it stores, in the form of
    `master_keys`; a former key is kept as long as a workflow that it has encrypted is."""

    temporal: str
    temporal_namespace: str = "triptych"
    temporal_keys: SecretStr

    @property
    def temporal_sealer(self) -> Sealer:
        return sealer_of(self.temporal_keys)
