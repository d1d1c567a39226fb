"""How many files there may be, how large, and of which kinds."""

from collections.abc import Collection
from dataclasses import dataclass

from shared.files.kinds import ENDINGS, kind_of
from shared.kernel.errors import Refused
from shared.policy.answers import FileKind

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Of all files of one application, or of one claim, together."""

    files: int = 30
    bytes: int = 100 * MIB


def checked_kind(kinds: Collection[FileKind], name: str, content: bytes) -> FileKind:
    """The kind of the content. `Refused` 'file-kind-not-allowed' when what the name says is none of `kinds`, 'file-disguised' when the
    content is another."""
    named = ENDINGS.get(name.rpartition(".")[2].lower())
    if named is None or named not in kinds:
        raise Refused("file-kind-not-allowed", "Files of these kinds are taken here: {kinds}.", field="file", kinds=list(kinds))
    if kind_of(content) is not named:
        raise Refused(
            "file-disguised", "The content of this file is not what its name says ({kind}), or it has macros.", field="file", kind=named
        )
    return named
