"""Keys with which the services of a test sign their events, and what a worker needs to know of them."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from shared.kernel.services import SERVICES
from shared.messaging.envelope import Delivery
from shared.messaging.signature import PublicKeys, Signer, owner_of

PRIVATE_KEYS = {service: hashlib.sha256(service.encode()).hexdigest() for service in SERVICES}
SIGNERS = {service: Signer(service, key) for service, key in PRIVATE_KEYS.items()}
PUBLIC_KEYS = {service: (signer.public_key,) for service, signer in SIGNERS.items()}
KEYS = PublicKeys(PUBLIC_KEYS)


def key_settings(service: str) -> dict[str, Any]:
    """The settings of a process of `service` that are about keys."""
    return {"event_signing_key": PRIVATE_KEYS[service], "event_public_keys": PUBLIC_KEYS, "master_keys": bytes(32).hex()}


def signed(delivery: Delivery, signer: Signer | None = None) -> Delivery:
    """The message as the owner of its topic signs it, or another signer."""
    signer = signer or SIGNERS[owner_of(delivery.topic)]
    return replace(delivery, headers=signer.signed(delivery.topic, delivery.key, delivery.headers, delivery.body))


def signed_together(deliveries: Sequence[Delivery], signer: Signer) -> list[Delivery]:
    """The messages as a relay sends them that signs them as one batch."""
    headers = signer.signed_batch([(it.topic, it.key, it.headers, it.body) for it in deliveries])
    return [replace(it, headers=its) for it, its in zip(deliveries, headers, strict=True)]
