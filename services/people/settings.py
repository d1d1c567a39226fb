"""Settings of `people`, read from the environment."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from shared.runtime.settings import ServiceSettings, unchanged_on_its_way


class Provider(BaseModel):
    """An OpenID provider whose sign-ins count. `clients`: for which of its clients an ID token may be made. `jwks_url`: its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: str
    clients: tuple[str, ...]
    jwks_url: Annotated[str, AfterValidator(unchanged_on_its_way)]


class Settings(ServiceSettings):
    """As every service, and: `providers` (JSON in the environment); `token_key`: the file with the private key (a JWK) that signs access
    tokens, whose public half the service publishes; only the API needs it."""

    providers: tuple[Provider, ...] = ()
    token_key: Path | None = None
