"""Text of others that is shown: the name of a file, a message, a cell. Raw, it could move the cursor, colour a line or turn its order."""

import json


def printable(text: str, keep: str = "") -> str:
    """The text, with each character that a terminal might obey written as in JSON (`\\u001b`); those in `keep` stay.

    These are controls, marks of direction, separators other than the space, and bytes that are no UTF-8. JSON stays the same JSON.
    """
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() or one in keep else json.dumps(one)[1:-1] for one in text)
