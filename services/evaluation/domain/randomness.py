"""Public randomness for a draw: the first round of the policy's beacon after the end of screening, checked by its signature.

Nobody chooses the round: the instant at which screening was complete does. So who hands the file in has no say in the draw.
"""

from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.kernel.drand import first_round_after, instant_of, is_signed, randomness_of
from shared.kernel.errors import Refused
from shared.policy.sections import PublicRandomness


@dataclass(frozen=True, slots=True)
class Round:
    """A round of a beacon, with its proof; values in hex."""

    number: int
    at: datetime
    randomness: str
    signature: str


class _File(BaseModel):
    """What a drand API answers for a round; newer ones leave the randomness out."""

    model_config = ConfigDict(extra="ignore", strict=True)

    round: int = Field(gt=0, lt=2**53)
    signature: str = Field(pattern="^[0-9a-f]{96}$")
    randomness: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")


def round_in(file: str, beacon: PublicRandomness, screened_at: datetime) -> Round:
    """The round in the file of a beacon. `Refused` 'randomness-unreadable', 'randomness-before-screening' or 'randomness-other-round',
    naming the round that the draw uses, and 'randomness-proof-wrong'."""
    try:
        found = _File.model_validate_json(file)
    except ValidationError as error:
        raise Refused("randomness-unreadable", "This is no round of a drand beacon.", field="file") from error
    at = instant_of(found.round, beacon.genesis_at, beacon.period_seconds)
    if at <= screened_at:
        raise Refused(
            "randomness-before-screening",
            "Round {round} is of {at}. Screening ended on {screened_at}, and the randomness has to be later.",
            field="file",
            round=found.round,
            at=at,
            screened_at=screened_at,
        )
    expected = first_round_after(screened_at, beacon.genesis_at, beacon.period_seconds)
    if found.round != expected:
        raise Refused(
            "randomness-other-round",
            "The draw uses the first round after the end of screening: {expected}.",
            field="file",
            expected=expected,
        )
    signature = bytes.fromhex(found.signature)
    randomness = randomness_of(signature)
    if found.randomness not in (None, randomness) or not is_signed(found.round, signature, bytes.fromhex(beacon.public_key)):
        raise Refused("randomness-proof-wrong", "The signature of this round is not by the beacon that the policy names.", field="file")
    return Round(found.round, at, randomness, found.signature)
