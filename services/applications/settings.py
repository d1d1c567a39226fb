"""Settings of `applications`, read from the environment."""

from shared.runtime.settings import ServiceSettings


class Settings(ServiceSettings):
    """Nothing beyond the settings of every service."""
