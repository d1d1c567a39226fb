"""Settings of the portal, read from the environment."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, NonNegativeFloat, PositiveFloat, PositiveInt, SecretStr

from shared.runtime.settings import ServedSettings, unchanged_on_its_way


class ProviderSettings(BaseModel):
    """The OpenID provider that signs people in. `secret`: empty for a public client, which PKCE alone protects."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: Annotated[str, AfterValidator(unchanged_on_its_way)]
    client: str
    secret: SecretStr = SecretStr("")


class Settings(ServedSettings):
    """`services`: name of a service → its address (JSON in the environment). `origins`: under which the portal is reached, scheme and host,
    as the provider knows them. `demonstration`: a JSON file of people who may sign in to try it out, shown on the start page; never in
    production. `address_per_second`, `address_burst`: requests of one client address, as at the services. `live_seconds`: after which it
    is asked again whether an open page has changed. `hold_seconds`: how long a request waits for a service that is being replaced."""

    database_url: str
    provider: ProviderSettings
    services: dict[str, str]
    origins: tuple[str, ...] = Field(min_length=1)
    database_pool: int = 10
    demonstration: Path | None = None
    address_per_second: PositiveInt = 100
    address_burst: PositiveInt = 1_000
    live_seconds: PositiveFloat = 5
    hold_seconds: NonNegativeFloat = 0
