"""What this service is told by its environment."""

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Nothing beyond what every service needs."""
