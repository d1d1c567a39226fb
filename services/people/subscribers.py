"""Each event that people consumes: none yet."""

from shared.messaging.inbox import Handlers

HANDLERS: Handlers = {}
