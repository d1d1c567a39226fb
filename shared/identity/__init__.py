"""Identity: actors, bearer tokens, permissions and separation of duties."""
