"""Settings of `evaluation`, read from the environment."""

from shared.runtime.settings import ServiceSettings


class Settings(ServiceSettings):
    """As every service."""
