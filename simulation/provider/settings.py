"""Settings of the identity provider of the demonstration, from the environment: TRIPTYCH_PORT, TRIPTYCH_PROVIDER_KEY and so on."""

from pathlib import Path

from pydantic import SecretStr

from shared.runtime.settings import ClockSettings


class ProviderSettings(ClockSettings):
    """`provider_key`: the private RSA key (a JWK) that signs ID tokens. The client is the portal: `provider_client` and its secret, at the
    addresses `provider_origins` (JSON). `provider_people`: the file into which the list of people is written for the portal.
    `provider_database`: its own, empty at each start."""

    port: int
    regions: Path
    provider_key: Path
    provider_client: str
    provider_secret: SecretStr
    provider_origins: tuple[str, ...]
    provider_people: Path
    provider_database: Path
