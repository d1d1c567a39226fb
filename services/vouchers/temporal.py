"""The client of Temporal, and how the service talks to workflows: every call may be repeated. What Temporal stores of inputs, results
and failures is encrypted.

While Temporal does not answer, calls raise `Unavailable`, for which an inbox waits without limit.
"""

from collections.abc import Awaitable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from temporalio.api.common.v1 import Payload
from temporalio.client import Client, Interceptor
from temporalio.common import WorkflowIDReusePolicy
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter, DefaultFailureConverterWithEncodedAttributes, PayloadCodec
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode, TLSConfig

from services.vouchers.settings import Settings
from shared.database.sealing import Sealer
from shared.kernel.errors import Unavailable
from shared.telemetry.tracing import otel_tracer

Answer = TypeVar("Answer")

ONCE = WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY
"""A workflow that has completed gets no second run. One that failed may: it may have waited in vain for a row that has come since."""
AGAIN = WorkflowIDReusePolicy.ALLOW_DUPLICATE
"""For a row that is not at its end although its workflow is."""
RPC_TIMEOUT = timedelta(seconds=10)
_ANSWERS = (RPCStatusCode.NOT_FOUND, RPCStatusCode.ALREADY_EXISTS, RPCStatusCode.INVALID_ARGUMENT)


ENCRYPTED = b"binary/encrypted"
_PLACE = "temporal"


class EncryptingCodec(PayloadCodec):
    """Encrypts payloads with the newest key, whose id is in the metadata. A payload in clear, from before, is read as it is."""

    def __init__(self, sealer: Sealer) -> None:
        self.sealer = sealer

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._encrypted(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Raises `SealBroken` for what was encrypted with a key that this process has not."""
        return [self._decrypted(payload) for payload in payloads]

    def _encrypted(self, payload: Payload) -> Payload:
        sealed = self.sealer.seal(payload.SerializeToString(), _PLACE)
        return Payload(metadata={"encoding": ENCRYPTED, "key-id": self.sealer.key_id(sealed)}, data=sealed)

    def _decrypted(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCRYPTED:
            return payload
        return Payload.FromString(self.sealer.open(payload.data, _PLACE))


def data_converter(sealer: Sealer) -> DataConverter:
    """Of every client and worker. Message and stack of a failure are encrypted too: they may quote anything."""
    failures = DefaultFailureConverterWithEncodedAttributes
    return replace(pydantic_data_converter, payload_codec=EncryptingCodec(sealer), failure_converter_class=failures)


def traced() -> list[Interceptor]:
    """Of a client and its workers: `traceparent` goes with each start and signal in a header, which the codec does not encrypt."""
    if (tracer := otel_tracer()) is None:
        return []
    from temporalio.contrib.opentelemetry import TracingInterceptor  # imported only where it is on

    return [TracingInterceptor(tracer)]


async def connect(address: str, namespace: str, sealer: Sealer, *, lazy: bool = True, tls: TLSConfig | None = None) -> Client:
    """A client that connects on its first call, so that a process can start before Temporal does."""
    converter = data_converter(sealer)
    return await Client.connect(address, namespace=namespace, data_converter=converter, interceptors=traced(), lazy=lazy, tls=tls)


async def connect_by(settings: Settings, *, lazy: bool = True) -> Client:
    """The client of a process of the service."""
    where = settings.temporal, settings.temporal_namespace, settings.temporal_sealer
    return await connect(*where, lazy=lazy, tls=settings.temporal_tls)


def task_queue(region: str) -> str:
    return f"vouchers.{region}"


async def start_once(start: Awaitable[object]) -> None:
    """Awaits `client.start_workflow(...)`. Does nothing when the workflow was started before."""
    try:
        await _reach(start)
    except WorkflowAlreadyStartedError:
        return


async def deliver_signal(signal: Awaitable[None]) -> bool:
    """Awaits `handle.signal(...)`. False when the workflow has ended or was never started."""
    try:
        await _reach(signal)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True


async def _reach(call: Awaitable[Answer]) -> Answer:
    """An error that is not an answer of Temporal means that it cannot be reached. A lazy client reports a failed connection as a
    RuntimeError."""
    try:
        return await call
    except RPCError as error:
        if error.status in _ANSWERS:
            raise
        raise Unavailable(f"Temporal does not answer ({error.status.name})") from error
    except RuntimeError as error:
        raise Unavailable("Temporal cannot be reached") from error
