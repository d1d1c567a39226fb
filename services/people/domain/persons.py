"""What is said of a person who is not there."""

from shared.kernel.errors import NotFound


def unknown_person() -> NotFound:
    return NotFound("unknown-person", "There is no such person.")
