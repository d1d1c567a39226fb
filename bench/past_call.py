"""One past call of many applications, in the databases of `applications` and `evaluation`: screened, scored by two or three evaluators, and
both services in this process."""

import json
import time
from datetime import date
from hashlib import md5
from importlib import import_module
from typing import Any, Self
from uuid import UUID

import httpx

from bench.bulk_data import filled_database
from bench.stack import Stack
from deploy.embedded.data_directory import REPOSITORY
from operations.what_if import FACTS
from services.applications.domain.eligibility import assess
from services.applications.domain.form import read_form
from shared.identity.actor import Role
from shared.policy.loader import load_book
from shared.privacy.sealed import seal_again
from simulation.sample_form import SAMPLE_FORM

CALL = UUID(md5(b"call0").hexdigest())
POLICY = next(policy for policy in load_book(REPOSITORY / "regions").all() if policy.region == "gr-central-macedonia")
_SEAT_OF_FIRM = {**SAMPLE_FORM["applicant"], "country": "GR", "nuts": "EL522"}
FORM = {**SAMPLE_FORM, "applicant": _SEAT_OF_FIRM}
ASSESSMENT = assess(POLICY, read_form(FORM), date(2023, 1, 10)).model_dump_json()
_PLACE = "(substr(receipt, 3))::int"
_ASKED = f"(200000 + {_PLACE} % 700000)"
_RANKED = f"selection_method = 'ranking', policy_id = '{POLICY.id}', region = '{POLICY.region}', envelope_minor = 500000000"
_MARKS = {"relevance": 30, "transition": 30, "quality": 20, "capacity": 10, "value-for-money": 10}


def _mark(place: int, most: int) -> str:
    """A mark from half of the most points on, which differs by application and seat."""
    return f"{most // 2} + (sequence * {7 + place} + seat * {3 + place}) % {most // 2 + 1}"


_SCORES = ", ".join(f"'{name}', {_mark(place, most)}" for place, (name, most) in enumerate(_MARKS.items()))
_TOTAL = " + ".join(_mark(place, most) for place, most in enumerate(_MARKS.values()))
APPLICATIONS = (
    f"UPDATE calls SET {_RANKED}, submitted = $1::int, screening_completed_at = timestamptz '2025-01-10' WHERE id = '{CALL}'",
    f"""
    UPDATE applications SET call_id = '{CALL}', region = '{POLICY.region}', sequence = {_PLACE}, requested_minor = {_ASKED},
        amount_minor = {_ASKED}, transitions = (ARRAY['["green"]', '["digital", "social"]', '[]'])[1 + {_PLACE} % 3]::jsonb,
        assessment = '\\x00'::bytea || convert_to('{ASSESSMENT.replace("'", "''")}', 'UTF8'),
        form = '\\x00'::bytea || convert_to(jsonb_set('{json.dumps(FORM).replace("'", "''")}'::jsonb, '{{costs,requested_minor}}',
            to_jsonb({_ASKED}))::text, 'UTF8')
    """,
)
EVALUATION = (
    f"UPDATE calls SET {_RANKED}, nonce = 'sealed', nonce_hash = 'hash' WHERE id = '{CALL}'",
    f"""
    UPDATE cases SET call_id = '{CALL}', region = '{POLICY.region}', sequence = numbered.place, rank = NULL, completed_at = opened_at,
        total_hundredths = 7000, criteria = '{{}}', failed_rules = '[]'
    FROM (SELECT application_id, row_number() OVER (ORDER BY submitted_at) AS place FROM cases) AS numbered
    WHERE numbered.application_id = cases.application_id
    """,
    """
    INSERT INTO assignments (id, application_id, organisation_id, call_id, region, evaluator_id, seat, state, assigned_at, due_at,
        declared_at, scored_at, scores, total_points, comment, sheets_set_aside)
    SELECT gen_random_uuid(), application_id, organisation_id, call_id, region, 'evaluator-third', 3, 'scored', opened_at, opened_at,
        opened_at, opened_at, '{}', 70, '\\x00'::bytea || convert_to('""', 'UTF8'), 0
    FROM cases WHERE sequence % 5 = 0
    """,
    f"""
    UPDATE assignments SET call_id = '{CALL}', region = '{POLICY.region}', scores = jsonb_build_object({_SCORES}), total_points = {_TOTAL}
    FROM cases WHERE cases.application_id = assignments.application_id
    """,
)


class PastCall:
    """`replay` asks both services as the command and the page do, and says how long each took."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._apps: dict[str, Any] = {}
        self._clients: dict[str, httpx.AsyncClient] = {}

    @classmethod
    async def open(cls, stack: Stack, cases: int) -> Self:
        past = cls(stack)
        await past._serve("applications", await filled_database(stack, "applications", cases, APPLICATIONS))
        await past._serve("evaluation", await filled_database(stack, "evaluation", cases, EVALUATION))
        return past

    async def _serve(self, service: str, url: str) -> None:
        """What is filled in clear is encrypted, as a worker does when it starts."""
        values: dict[str, Any] = {key.removeprefix("TRIPTYCH_").lower(): value for key, value in self._stack.environment(url).items()}
        values |= {"event_public_keys": self._stack.public_keys}
        settings = import_module(f"services.{service}.settings").Settings(**values)
        app = import_module(f"services.{service}.app").SERVICE.build_app(settings)
        async with app.state.sessions.begin() as session:
            await seal_again(session, service)
        self._apps[service] = app
        self._clients[service] = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://bench", timeout=120)

    async def replay(self, scenarios: list[dict[str, Any]], rounds: int) -> dict[str, float]:
        body: dict[str, Any] = {"scenarios": scenarios}
        began = time.perf_counter()
        facts = await self._ask("applications", body)
        judged = time.perf_counter()
        found = await self._ask("evaluation", {**body, "facts": {name: facts[name] for name in FACTS}, "rounds": rounds})
        ended = time.perf_counter()
        assert len(found["scenarios"]) == len(scenarios) + 1
        done = found["scenarios"][0]["rounds"]
        return {"s in all": ended - began, "s for eligibility": judged - began, "s for ranking and spread": ended - judged, "rounds": done}

    async def _ask(self, service: str, body: dict[str, Any]) -> Any:
        token = self._stack.token("auditor-1", Role.AUDITOR, [POLICY.region])
        path, headers = f"/api/{service}/calls/{CALL}/replay", {"authorization": f"Bearer {token}"}
        answer = await self._clients[service].post(path, json=body, headers=headers)
        assert answer.is_success, answer.text[:500]
        return answer.json()

    async def close(self) -> None:
        for service, client in self._clients.items():
            await client.aclose()
            await self._apps[service].state.sessions.kw["bind"].dispose()
