"""What evaluation is told by its environment."""

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Nothing but what every service needs; the hash key is the one that `applications` hashes relations with."""
