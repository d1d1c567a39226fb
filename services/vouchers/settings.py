"""Settings of `vouchers`, read from the environment."""

from shared.runtime.settings import ServiceSettings


class Settings(ServiceSettings):
    """`temporal` is the gRPC address (host:port) of the Temporal frontend."""

    temporal: str
    temporal_namespace: str = "triptych"
