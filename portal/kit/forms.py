"""What a person typed into a form."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.requests import Request

MOST_BYTES, MOST_FIELDS = 1_000_000, 2_000
TOKEN = "form-token"


class BadForm(Exception):
    """The form cannot be read, or was not sent by a page of this browser's session."""


class OldForm(Exception):
    """A page of the session before sent the form, and the browser has signed in again since."""


@dataclass(frozen=True)
class Form:
    """Names and values in the order in which they were sent; a name may come several times."""

    pairs: tuple[tuple[str, str], ...] = ()

    def get(self, name: str, default: str = "") -> str:
        """The first value, without blanks around it."""
        return next((value.strip() for key, value in self.pairs if key == name), default)

    def all(self, name: str) -> list[str]:
        return [value.strip() for key, value in self.pairs if key == name]

    def __contains__(self, name: str) -> bool:
        return any(key == name for key, _ in self.pairs)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.pairs)

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> "Form":
        """Without the character NUL, which some programs put into what is copied from them, and which no database stores."""
        return cls(tuple((name, value.replace("\r\n", "\n").replace("\0", "")) for name, value in pairs))


async def read_form(request: Request) -> Form:
    """Raises `BadForm` for a body that is too long or no form of UTF-8."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise BadForm("too long")
    try:
        return Form.of(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict"))
    except ValueError as error:
        raise BadForm("not readable") from error
