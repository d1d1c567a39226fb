"""The proof of a draw: the portal and the lines that it shows compute the same as the service that drew."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from portal.client.evaluation import DrawEntryView, DrawView, RandomnessView
from portal.public.draw import checks_of, program_of
from services.evaluation.domain.draw import draw_key, nonce_hash, seed_of
from services.evaluation.domain.ranking import ListEntry, Listing

APPLICATIONS = [UUID(int=number) for number in range(1, 6)]
NONCE, NOW = "11" * 32, datetime(2026, 3, 1, tzinfo=UTC)


def drawn(randomness: str = "") -> DrawView:
    """As the service publishes it."""
    entries = tuple(ListEntry(one, number, 100) for number, one in enumerate(APPLICATIONS))
    listing = Listing(UUID(int=9), "draw", "be-kortrijk/creative-voucher/1", "EUR", 1_000, (), (), entries)
    seed = seed_of(listing.hash(), NONCE, randomness)
    order = [DrawEntryView(application_id=one, draw_key=key) for key, one in sorted((draw_key(seed, one), one) for one in APPLICATIONS)]
    beacon = RandomnessView(
        beacon="drand", chain_hash="", public_key="", round=1, at=NOW, randomness=randomness, signature="", file="", file_hash="",
    ) if randomness else None  # fmt: skip
    return DrawView(
        call_id=UUID(int=9), nonce_hash=nonce_hash(NONCE), committed_at=NOW, opens_at=NOW, randomness=beacon, list_hash=listing.hash(),
        nonce=NONCE, seed=seed, list_text=listing.text(), order=order, revisions=[],
    )  # fmt: skip


def before_the_draw() -> DrawView:
    """Of a call whose rules ask for a round of a beacon, which is not recorded."""
    nothing = {"list_hash": None, "nonce": None, "seed": None, "list_text": None, "order": []}
    return drawn().model_copy(update={**nothing, "awaits_beacon": "drand"})


@pytest.mark.parametrize("randomness", ["", "ab" * 32])
def test_lines_give_the_published_values(randomness: str, tmp_path: Path) -> None:
    draw = drawn(randomness)
    assert draw.list_text is not None
    (tmp_path / "list-7.json").write_text(draw.list_text)
    run = [sys.executable, "-I", "-c", program_of(draw, 7)]
    said = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=20).stdout.splitlines()
    assert [line.split()[-1] for line in said[:3]] == [draw.nonce_hash, draw.list_hash, draw.seed]
    assert [line.split() for line in said[3:]] == [[str(one.application_id), one.draw_key] for one in draw.order]


@pytest.mark.parametrize("randomness", ["", "ab" * 32])
def test_what_does_not_fit_together_is_found(randomness: str) -> None:
    draw = drawn(randomness)
    assert set(checks_of(draw).values()) == {True}
    for changed, wrong in (
        ({"nonce_hash": "0" * 64}, "commitment"),
        ({"list_text": "{}"}, "list"),
        ({"seed": "0" * 64}, "seed"),
        ({"order": draw.order[::-1]}, "order"),
    ):
        assert not checks_of(draw.model_copy(update=changed))[wrong], wrong


def test_nothing_is_checked_before_the_draw() -> None:
    assert checks_of(before_the_draw()) == {}
