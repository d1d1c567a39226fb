"""The HTTP edge that all services share: app, guards, bodies, problems, pages, idempotency keys."""
