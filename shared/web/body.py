"""Refuses requests that no service should have to handle: bodies that are too large, too deep or not JSON, and values that PostgreSQL
cannot store."""

import json
import re
from collections.abc import Iterator
from typing import Any

from starlette.requests import Request
from starlette.types import Message

from shared.kernel.errors import Refused

MAX_BODY_BYTES = 2 * 1024 * 1024
"""The limit of what is read of a request, whatever its headers say. Compressed bodies are never unpacked."""
MAX_DEPTH = 32
_BIGINT = 2**63
_UNUSABLE = re.compile("[\0\ud800-\udfff]")
"""NUL and lone surrogates."""


class MalformedBody(Refused):
    status = 400


class BodyTooLarge(Refused):
    status = 413


class WrongMediaType(Refused):
    status = 415


class StrictRequest(Request):
    """Reads JSON once and only as UTF-8 (RFC 8259, 8.1), and refuses an object with a repeated name: two readers could each take
    another one of the two values."""

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
    """The same request, but reading its body raises `BodyTooLarge` after `limit` bytes, whatever its headers say."""
    size = 0

    async def receive() -> Message:
        nonlocal size
        message = await request.receive()
        size += len(message.get("body", b""))
        if size > limit:
            raise BodyTooLarge("body-too-large", "The body may have at most {limit_bytes} bytes.", limit_bytes=limit)
        return message

    return StrictRequest(request.scope, receive)


async def check_json_body(request: Request) -> None:
    """Reads the body once (the request caches it). `Refused` when it is not JSON or holds a value that cannot be stored."""
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
        line, column = error.lineno, error.colno
        raise MalformedBody("malformed-json", "The body is not JSON: line {line}, column {column}.", line=line, column=column) from error
    except ValueError as error:  # an integer of thousands of digits
        raise MalformedBody("number-too-long", "The body holds a number that is too long.") from error
    except RecursionError as error:
        raise _too_deep() from error
    check_storable(value)


def check_parameters(request: Request) -> None:
    """The same check for values of the path and the query."""
    given = list(request.path_params.items())
    if request.scope["query_string"]:
        given += request.query_params.multi_items()
    for name, text in given:
        if not (_is_text(name) and _is_text(text)):
            check_storable({name: text})


def check_storable(value: Any) -> None:
    """`Refused` with the field when a value is nested too deeply, holds NUL or a lone surrogate, or a number out of range."""
    for path, depth, leaf in _leaves(value):
        if depth > MAX_DEPTH:
            raise _too_deep()
        if isinstance(leaf, str) and not _is_text(leaf):
            raise Refused("unusable-text", "The text holds a character that cannot be stored.", field=path)
        if isinstance(leaf, int | float) and not -_BIGINT <= leaf < _BIGINT:
            raise Refused("unusable-number", "A number is out of range.", field=path)


def _leaves(value: Any) -> Iterator[tuple[str, int, Any]]:
    """(dotted path, depth, leaf); keys of objects are leaves too. A loop, because deep input would exceed the recursion limit."""
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
    return Refused("too-deep", "The body is nested more than {levels} levels deep.", field="body", levels=MAX_DEPTH)
