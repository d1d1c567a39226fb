"""2, for what moved on our accounts beside whole payments: a debit for a batch is the sum of transfers in it; a charge, a part that came
back and money of others are lines of the bank that persons see."""

from collections import Counter

from operations.verify.breach import Found
from operations.verify.facts import Facts


def _lumps(facts: Facts) -> Found:
    for lump in facts.bank.lumps:
        detail = f"{lump.amount_minor} {lump.currency} were booked for it in {lump.file}, which is the sum of no transfers in it"
        yield f"batch {lump.batch_id}", detail, True


def _is_shown(facts: Facts) -> Found:
    """In files that payments has processed."""
    names = {name: sha256 for sha256, name in facts.bank.taken.items()}
    lines: dict[str, Counter[int]] = {}
    for row in facts.rows("payments.lines_apart"):
        lines.setdefault(row["file_sha256"], Counter())[row["amount_minor"]] += 1
    apart = [(one.file, one.amount_minor) for one in facts.bank.others]
    apart += [(one.file, one.amount_minor) for one in facts.bank.credits]
    apart += [(one.file, one.amount_minor) for one in facts.bank.statements if one.part]
    moved: dict[str, Counter[int]] = {}
    for file, minor in apart:
        moved.setdefault(file, Counter())[abs(minor)] += 1
    for file, amounts in moved.items():
        if (sha256 := names.get(file)) is None:
            continue
        for amount, count in (amounts - lines.get(sha256, Counter())).items():
            yield f"bank file {file}", f"{amount} moved beside our payments {count} times, and payments has no line of it"


MOVEMENT_CHECKS = (_lumps, _is_shown)
