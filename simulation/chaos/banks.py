"""The kinds of banks of a round: each region's bank writes its files in another way."""

from collections.abc import Sequence

from deploy.embedded.data_directory import DataDirectory
from simulation.bank.kinds import KINDS, write_kinds
from simulation.demo.region import Region
from simulation.demo.seeded_random import SeededRandom


def draw_kinds(seed: int, number: int, accounts: Sequence[str]) -> dict[str, str]:
    """A kind for each account, from a seeded order of all kinds, so that a few rounds play each of them."""
    order = sorted(KINDS, key=lambda name: SeededRandom(str(seed)).number("bank", name))
    places = [number * len(accounts) + place for place in range(len(accounts))]
    return {account: order[(place + place // len(order)) % len(order)] for account, place in zip(accounts, places, strict=True)}


def play_banks(data: DataDirectory, regions: Sequence[Region], seed: int, number: int) -> dict[str, str]:
    """Sets them for the bank, and lets people of the regions pay in. Returns region → kind."""
    drawn = draw_kinds(seed, number, [region.policy.bank.debtor_iban for region in regions])
    write_kinds(data.bank_kinds, drawn)
    for region in regions:
        region.paid_in = data.bank_paid_in
    return {region.id: drawn[region.policy.bank.debtor_iban] for region in regions}
