"""Settings of `people`, read from the environment."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr, model_validator

from shared.runtime.settings import ServiceSettings, is_this_machine, unchanged_on_its_way


class Provider(BaseModel):
    """An OpenID provider whose sign-ins count. `clients`: for which of its clients an ID token may be made. `jwks_url`: its keys.

    `command_line`: the client with which the commands of the operator sign people in; a public one, for the device flow or a loopback
    address. Empty: nobody signs in there.

    `verifies_emails`: each address that it names is its person's, as where an agency gives accounts and addresses together; so one
    without the claim `email_verified` counts as verified. A token that has the claim is believed as it says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: str
    clients: tuple[str, ...]
    jwks_url: Annotated[str, AfterValidator(unchanged_on_its_way)]
    command_line: str = ""
    verifies_emails: bool = False

    @property
    def accepted(self) -> frozenset[str]:
        """The clients for which an ID token counts."""
        return frozenset(filter(None, (*self.clients, self.command_line)))


MARK_LETTERS, _MOST_BEFORE_AT = 53, 64
"""The length of a mark (`domain/marks.py`), and of what stands before the @ of an address (RFC 5321, 4.5.3.1.1)."""


class MailServer(BaseModel):
    """Where mail is handed over, from whom it is. `security`: 'starttls', 'tls' (from the first byte) or 'none', on this machine only.

    `returns`: to whom reports of failed delivery go, the envelope's sender; `{mark}` in it is replaced by the mark of the mail. Empty: to
    the sender."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    user: str = ""
    password: SecretStr = SecretStr("")
    sender: str
    returns: str = ""

    def return_path(self, mark: str) -> str:
        """The envelope's sender of one mail."""
        return self.returns.replace("{mark}", mark) or self.sender

    @model_validator(mode="after")
    def _has_a_return_path(self) -> Self:
        if len(self.return_path("m" * MARK_LETTERS).rpartition("@")[0]) > _MOST_BEFORE_AT:
            raise ValueError(
                f"TRIPTYCH_MAIL_RETURN is too long: the mark has {MARK_LETTERS} of the {_MOST_BEFORE_AT} letters before the @."
            )
        return self

    @model_validator(mode="after")
    def _is_secured(self) -> Self:
        if self.security == "none" and not is_this_machine(self.host):
            raise ValueError(f"The mail server {self.host} is not on this machine: set TRIPTYCH_SMTP_SECURITY to starttls or tls.")
        return self


class Settings(ServiceSettings):
    """As every service, and: `providers` (JSON in the environment); `token_key`: the file with the private key (a JWK) that signs access
    tokens, whose public half the service publishes; only the API needs it.

    Only the worker needs the others. `smtp` is host:port; without it mails wait. `mail_from` is their sender, `portal` the origin of the
    pages to which they lead. `mail_return`: to whom reports of failed delivery go, see `MailServer`; `bounces`: the folder (a Maildir, or
    one of `.eml` files) into which the agency's mail server puts them. Without it they are not read.
    """

    providers: tuple[Provider, ...] = ()
    token_key: Path | None = None
    smtp: str | None = None
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    mail_from: str = ""
    mail_return: str = ""
    bounces: Path | None = None
    portal: str = ""

    @property
    def mail_server(self) -> MailServer | None:
        """ValueError for a mail server without port, security, sender, or pages."""
        if not self.smtp:
            return None
        if not self.mail_from or not self.portal:
            raise ValueError("TRIPTYCH_SMTP needs TRIPTYCH_MAIL_FROM, the sender's address, and TRIPTYCH_PORTAL, the origin of the pages.")
        host, _, port = self.smtp.rpartition(":")
        return MailServer(
            host=host.strip("[]"), port=int(port), security=self.smtp_security, user=self.smtp_user, password=self.smtp_password,
            sender=self.mail_from, returns=self.mail_return,
        )  # fmt: skip
