"""What no service should ever have to look at: bodies too large, too deep, not JSON, or that PostgreSQL cannot hold."""

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from starlette.requests import Request
from starlette.types import Message

from shared.kernel.errors import Refused

MAX_BODY_BYTES = 2 * 1024 * 1024
"""The one limit of what is read of a request, whatever its headers claim. Nothing that is compressed is ever unpacked."""
MAX_DEPTH = 32
_BIGINT = 2**63
_UNUSABLE = re.compile("[\0\ud800-\udfff]")
"""NUL, and half a character."""


class MalformedBody(Refused):
    status = 400


class BodyTooLarge(Refused):
    status = 413


class WrongMediaType(Refused):
    status = 415


class StrictRequest(Request):
    """JSON is read once, as UTF-8 and nothing else (RFC 8259, 8.1), and no name twice in one object: whoever reads the other one
    of the two has been told another story."""

    _value: Any

    async def json(self) -> Any:
        if not hasattr(self, "_value"):
            self._value = json.loads((await self.body()).decode("utf-8-sig"), object_pairs_hook=_object)
        return self._value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise MalformedBody("repeated-name", "An object in the body has the same name twice.")
    return found


def bounded(request: Request, limit: int = MAX_BODY_BYTES) -> Request:
    """The same request, whose body ends in `BodyTooLarge` once it has passed `limit` bytes, whatever its headers claim."""
    size = 0

    async def receive() -> Message:
        nonlocal size
        message = await request.receive()
        size += len(message.get("body", b""))
        if size > limit:
            raise BodyTooLarge("body-too-large", f"The body may have at most {limit} bytes.", limit_bytes=limit)
        return message

    return StrictRequest(request.scope, receive)


async def check_json_body(request: Request) -> None:
    """Reads the body once (the request keeps it parsed) and refuses what is not JSON or could not be stored."""
    if not await request.body():
        return
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise WrongMediaType("unsupported-media-type", "The body has to be JSON, and Content-Type has to say so.")
    try:
        value = await request.json()
    except UnicodeDecodeError as error:
        raise MalformedBody("not-utf-8", "The body is not valid UTF-8.") from error
    except json.JSONDecodeError as error:
        raise MalformedBody("malformed-json", f"The body is not JSON: line {error.lineno}, column {error.colno}.") from error
    except ValueError as error:  # an integer of thousands of digits
        raise MalformedBody("malformed-json", "The body holds a number that is too long.") from error
    except RecursionError as error:
        raise _too_deep() from error
    check_storable(value)


def check_parameters(request: Request) -> None:
    """The same for what comes in the path and the query."""
    for name, text in [*request.path_params.items(), *request.query_params.multi_items()]:
        check_storable({name: text})


def check_storable(value: Any) -> None:
    """`Refused` naming the field when a value is nested too deeply, holds NUL or half a character, or an unusable number."""
    for path, depth, leaf in _leaves(value):
        if depth > MAX_DEPTH:
            raise _too_deep()
        if isinstance(leaf, str) and not _is_text(leaf):
            raise Refused("unusable-text", "The text holds a character that cannot be stored.", field=path)
        if isinstance(leaf, int | float) and not (math.isfinite(leaf) and -_BIGINT <= leaf < _BIGINT):
            raise Refused("unusable-number", "The number is out of range.", field=path)


def _leaves(value: Any) -> Iterator[tuple[str, int, Any]]:
    """(dotted path, depth, leaf), keys of objects among the leaves. A loop, because what it guards against breaks recursion."""
    stack: list[tuple[str, int, Any]] = [("", 1, value)]
    while stack:
        path, depth, part = stack.pop()
        if not isinstance(part, dict | list) or depth > MAX_DEPTH:
            yield path, depth, part
            continue
        for name, child in part.items() if isinstance(part, dict) else enumerate(part):
            if isinstance(name, str) and not _is_text(name):
                yield path or "body", depth, name
            stack.append((f"{path}.{name}" if path else str(name), depth + 1, child))


def _is_text(text: str) -> bool:
    return _UNUSABLE.search(text) is None


def _too_deep() -> Refused:
    return Refused("too-deep", f"The body is nested more than {MAX_DEPTH} levels deep.", field="body")
