"""Settings of `evaluation`, read from the environment."""

from pydantic import SecretStr

from shared.runtime.settings import ServiceSettings


class Settings(ServiceSettings):
    """`nonce_key`: 32 bytes in hex, which encrypt the nonces of draws in the database."""

    nonce_key: SecretStr

    @property
    def sealing_key_bytes(self) -> bytes:
        return bytes.fromhex(self.nonce_key.get_secret_value())
