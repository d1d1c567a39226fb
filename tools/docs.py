"""`python -m tools.docs [--check]`: writes the generated documents, or fails when one of them is out of date."""

import json
import sys
from importlib.metadata import version
from pathlib import Path

from shared.contracts import ALL
from tools import asyncapi
from tools.pictures import data_model, event_matrix, sequence, states
from tools.pictures.handlers import CONSUMED
from tools.written import NOTE, ROOT, write_or_check

DOCS = ROOT / "docs"


def documents() -> dict[Path, str]:
    """Path to content of everything that is generated from the code."""
    pictures = {
        "events.md": event_matrix.page(),
        "sequence.md": sequence.page(),
        "states.md": states.page(),
        **{f"data-model-{service}.md": data_model.page(service) for service in CONSUMED},
    }
    return {
        DOCS / "events/asyncapi.json": json.dumps(asyncapi.asyncapi(ALL, version("triptych")), indent=1) + "\n",
        DOCS / "events/README.md": asyncapi.page(ALL),
        **{DOCS / "pictures" / name: f"{NOTE}\n\n{text}\n" for name, text in pictures.items()},
    }


if __name__ == "__main__":
    sys.exit(write_or_check(documents(), sys.argv[1:]))
