"""`python -m bench.bare.worker SERVICE [--unsigned]`: the worker of a service, with a handler that writes one row.

It is unchanged, except that with `--unsigned` it neither signs events nor checks signatures.
"""

import sys
from typing import Any

import uvloop
from sqlalchemy import text

from shared.contracts.applications import CallOpened
from shared.database import create_engine
from shared.messaging.context import Context
from shared.messaging.inbox import Handlers
from shared.messaging.signature import PublicKeys, Signer
from shared.messaging.unwritten import write_later
from shared.policy.resolver import PolicyBook
from shared.runtime.settings import ServiceSettings
from shared.runtime.worker import Worker

SENDER, RECEIVER = "applications", "evaluation"
EFFECT = text("INSERT INTO effects (event_id) VALUES (:event_id)")


async def record_effect(context: Context, event: Any) -> None:
    write_later(context.session, EFFECT, {"event_id": context.event_id})


def leave_unsigned() -> None:
    """For comparison only: what do signatures cost?"""
    setattr(Signer, "signed_batch", lambda self, messages: [dict(headers) for _, _, headers, _ in messages])  # noqa: B010
    setattr(PublicKeys, "check", lambda *_: None)  # noqa: B010


async def main(service: str, *options: str) -> None:
    if "--unsigned" in options:
        leave_unsigned()
    settings = ServiceSettings()
    engine = create_engine(settings.database_url, settings.database_pool, f"{service}-worker")
    handlers: Handlers = {CallOpened: record_effect} if service == RECEIVER else {}
    await Worker(service, settings, engine, PolicyBook([]), handlers).run()


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
