"""What a process of `vouchers` is told by its environment."""

from shared.settings import ServiceSettings


class VouchersSettings(ServiceSettings):
    """`temporal` is the gRPC address (host:port) of the Temporal frontend."""

    temporal: str
    temporal_namespace: str = "triptych"
