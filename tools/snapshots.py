"""The committed JSON schema of every contract, and the check that a change stays readable for consumers of the old one.

`python -m tools.snapshots` writes the schemas of new and compatibly changed contracts, and refuses an incompatible change.
"""

import json
import sys
from pathlib import Path
from typing import Any

from shared.contracts import ALL
from shared.messaging.event import Event

FOLDER = Path(__file__).resolve().parents[1] / "shared/contracts/schemas"


def schema_of(contract: type[Event]) -> dict[str, Any]:
    """What goes over the wire: the body's schema, with type, topic, key and correlation field beside it."""
    return {
        "type": contract.type,
        "topic": contract.topic,
        "key": contract.key_field,
        "correlation": contract.correlation_field,
        "body": contract.model_json_schema(mode="serialization"),
    }


def path_of(event_type: str) -> Path:
    return FOLDER / f"{event_type}.json"


def write_snapshot(contract: type[Event]) -> bool:
    """Writes the schema; True when it is new or changed."""
    path, text = path_of(contract.type), json.dumps(schema_of(contract), indent=1, sort_keys=True) + "\n"
    if path.exists() and path.read_text() == text:
        return False
    FOLDER.mkdir(exist_ok=True)
    path.write_text(text)
    return True


def incompatibilities(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Why a version cannot stay what it is called. Empty when only optional fields or words were added.

    A field that old consumers read must stay, with its shape; a field that old events lack cannot become required, since
    the log is replayed.
    """
    found = [
        f"{part} changed from {old[part]} to {new[part]}" for part in ("type", "topic", "key", "correlation") if old[part] != new[part]
    ]
    return found + _compare(old["body"], new["body"], old["body"], new["body"], "")


def _compare(old: Any, new: Any, old_root: Any, new_root: Any, at: str) -> list[str]:
    old, new = _resolve(old, old_root), _resolve(new, new_root)
    found = []
    before, after = old.get("properties", {}), new.get("properties", {})
    found += [f"{at}{name} is gone" for name in before.keys() - after.keys()]
    found += [f"{at}{name} is required now" for name in set(new.get("required", [])) - set(old.get("required", []))]
    found += [f"{at}{name} is no longer always there" for name in set(old.get("required", [])) - set(new.get("required", []))]
    for name in before.keys() & after.keys():
        found += _compare(before[name], after[name], old_root, new_root, f"{at}{name}.")
    found += [f"{at.rstrip('.')} no longer knows {word}" for word in set(old.get("x-words", [])) - set(new.get("x-words", []))]
    if "items" in old and "items" in new:
        found += _compare(old["items"], new["items"], old_root, new_root, f"{at}[].")
    passing = {"properties", "required", "items", "$defs", "description", "title", "default", "x-words"}
    shapes = [{key: value for key, value in schema.items() if key not in passing} for schema in (old, new)]
    if shapes[0] != shapes[1]:
        found.append(f"{at.rstrip('.') or 'body'} has another shape")
    return sorted(found)


def _resolve(schema: Any, root: Any) -> Any:
    return root["$defs"][schema["$ref"].rsplit("/", 1)[-1]] if "$ref" in schema else schema


def main() -> int:
    for contract in ALL:
        path = path_of(contract.type)
        breaks = incompatibilities(json.loads(path.read_text()), schema_of(contract)) if path.exists() else []
        if breaks:
            print(f"{contract.type}: {'; '.join(breaks)}. Declare a new version instead: docs/how-to.md, An event.", file=sys.stderr)
            return 1
        if write_snapshot(contract):
            print(f"written {path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
