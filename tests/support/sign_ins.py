"""Makes the sign-ins of a running platform older than they are."""

from datetime import timedelta

import asyncpg

from deploy.embedded.state import State
from services.people.queries.sign_ins import mac_of
from services.people.tables import SignInRow
from shared.database.sealing import Sealer


async def age_sign_ins(state: State, minutes: int) -> None:
    """Of everybody: who is signed in has been so for longer."""
    database = await asyncpg.connect(state.owner_url("people", "postgresql"))
    sealer = Sealer((), bytes.fromhex(state.hash_key))
    try:
        for row in await database.fetch("SELECT * FROM sign_ins"):
            older = SignInRow.model_construct(**{**row, "signed_in_at": row["signed_in_at"] - timedelta(minutes=minutes)})
            change = "UPDATE sign_ins SET signed_in_at = $2, mac = $3 WHERE id = $1"
            await database.execute(change, older.id, older.signed_in_at, mac_of(sealer, older))
    finally:
        await database.close()
