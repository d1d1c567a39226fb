"""Events between services: written with the state change (outbox), published by one relay, taken once (inbox)."""
