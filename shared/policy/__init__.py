"""Region policy: what a scheme allows, as data with sources and effective dates. See `schema`, `loader`, `rules`, `call`."""
