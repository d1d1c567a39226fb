"""The timers as workflows. Deterministic: they hold no date; they ask the database, sleep, and ask again."""
