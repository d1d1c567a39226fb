"""What is said of a person who is not there."""

from shared.kernel.errors import Forbidden, NotFound


def unknown_person() -> NotFound:
    return NotFound("unknown-person", "There is no such person.")


def person_ended() -> Forbidden:
    return Forbidden("person-ended", "This account was closed. Ask an administrator of your region.")
