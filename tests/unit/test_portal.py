"""What the pages make of typed texts, and what of values: pure parts of the portal."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.client.applications import ColumnView, QuestionView, Sum
from portal.client.base import ApiProblem
from portal.finance.words import steps
from portal.kit import answers
from portal.kit.formats import amount, day_in, deviation, last_moment, left, minor_of, money, scored
from portal.kit.forms import Form
from portal.kit.kept import Kept
from portal.kit.picker import code_in
from portal.kit.reader import CHOOSE, FORM, Reader, version_in
from portal.kit.texts import NAMES
from portal.sessions.routes import inside
from portal.sessions.vault import close, form_token, new_cookie, open_, row_of
from shared.classifications import Scheme
from shared.identity.duties import Duty
from shared.texts.languages import LANGUAGES


def question(kind: str, **values: object) -> QuestionView:
    return QuestionView.model_validate(
        {"type": kind, "id": "extra.it", "label": "", "help": None, "required": False, "blind": False, "when": [], **values}
    )


def column(key: str, kind: str) -> ColumnView:
    return ColumnView.model_validate({"type": kind, "key": key, "label": "", "optional": False})


BUDGET = question("table", most=5, columns=[column("what", "text"), column("cost_minor", "money")], sums=[Sum(column="cost_minor")])
QUESTIONS = [
    (question("text"), "Καλλιτέχνης"),
    (question("long-text"), "one\ntwo"),
    (question("texts"), ["one", "two"]),
    (question("number", decimals=2), 2505),
    (question("number"), 12),
    (question("money"), 123_456_789),
    (question("date"), "2026-03-01"),
    (question("yes-no"), False),
    (question("declaration"), True),
    (question("choices"), ["a", "b"]),
    (question("organisation"), {"name": "A school", "country": "HR"}),
    (BUDGET, [{"what": "Design", "cost_minor": 400_000}, {"what": "Print", "cost_minor": 5}]),
]


@pytest.mark.parametrize(
    ("scheme", "sent", "code"),
    [
        (Scheme.NUTS, {"it": "hr063"}, "HR063"),
        (Scheme.NUTS, {"it": "HR063 Koprivničko-križevačka županija"}, "HR063"),
        (Scheme.NUTS, {"it": "Θεσσαλονίκη"}, "EL522"),
        (Scheme.NUTS, {"it": "Nowhere"}, None),
        (Scheme.NACE, {"it": "6210"}, "62.10"),
        (Scheme.NACE, {"it": "62"}, "62"),
        (Scheme.NACE, {"it": "62 people"}, None),
        (Scheme.NACE, {"it": "design", "it:picked": "74.12", "it:searched": "design"}, "74.12"),
        (Scheme.NACE, {"it": "museum", "it:picked": "74.12", "it:searched": "design"}, None),
        (Scheme.NACE, {"it": "design", "it:picked": "18.99", "it:searched": "design"}, None),
        (Scheme.NACE, {}, None),
    ],
)
def test_code_is_the_chosen_or_the_typed_one(scheme: Scheme, sent: dict[str, str], code: str | None) -> None:
    assert code_in(scheme, "it", Form.of(sent.items()).get) == code


def test_text_is_read_without_what_cannot_be_stored() -> None:
    assert Form.of([("it", " copied\0 from\r\na table ")]).get("it") == "copied from\na table"


def test_field_of_code_offers_what_fits() -> None:
    asked = question("text", id="applicant.nuts", classification="nuts")
    assert answers.read(asked, Form.of([("applicant.nuts", "krakow")]), "EUR", "en") == (None, {"applicant.nuts": CHOOSE[Scheme.NUTS]})
    offered = answers.choices([asked], {"applicant.nuts": "krakow", "applicant.country": "PL"}, "pl")
    assert [hit.shown for hit in offered["applicant.nuts"]] == ["PL214 Krakowski", "PL213 Miasto Kraków"]
    assert answers.choices([asked], {"applicant.nuts": "PL213"}, "pl") == {}
    assert answers.typed(asked, "PL213", "EUR", "da") == {"applicant.nuts": "PL213 Miasto Kraków"}


def test_fault_in_a_table_stands_at_its_cell() -> None:
    form = Form.of([("extra.it[0].what", ""), ("extra.it[2].what", "Design"), ("extra.it[5].what", "Print")])
    assert answers.field_of(BUDGET, "extra.it.1.cost_minor", form) == "extra.it[5].cost_minor"
    assert answers.field_of(BUDGET, "extra.it", form) == "extra.it"


@pytest.mark.parametrize(("asked", "value"), QUESTIONS, ids=lambda part: part.type if isinstance(part, QuestionView) else "")
@pytest.mark.parametrize("language", LANGUAGES)
def test_answer_is_read_as_it_was_shown(asked: QuestionView, value: object, language: str) -> None:
    pairs = [
        (name, one)
        for name, typed in answers.typed(asked, value, "EUR", language).items()
        for one in ([typed] if isinstance(typed, str) else typed)
    ]
    assert answers.read(asked, Form.of(pairs), "EUR", language) == (value, {})
    assert answers.read(asked, Form(), "EUR", language) == (None, {})


@pytest.mark.parametrize("typed", ["many", "-5", "1e9999", "1e999999", "1e5", "1_0", "٣", "NaN", "1.2345", "9" * 30, "9" * 5000])
@pytest.mark.parametrize(("kind", "decimals"), [("money", 0), ("number", 0), ("number", 2)])
def test_what_is_no_number_is_an_error_at_its_field(kind: str, decimals: int, typed: str) -> None:
    value, errors = answers.read(question(kind, decimals=decimals), Form((("extra.it", typed),)), "EUR", "en")
    assert value is None
    assert list(errors) == ["extra.it"]


@pytest.mark.parametrize(
    ("decimals", "typed", "number"), [(0, "1.250", 1250), (0, "1 250", 1250), (0, "1,250", 1250), (2, "12,5 %", 1250), (2, "12.50", 1250)]
)
def test_number_is_read_in_every_spelling(decimals: int, typed: str, number: int) -> None:
    assert answers.read(question("number", decimals=decimals), Form((("extra.it", typed),)), "EUR", "da") == (number, {})


def test_number_above_the_most_says_it_as_people_write_it() -> None:
    share = question("number", decimals=2, maximum=10_050)
    _, errors = answers.read(share, Form((("extra.it", "100,51"),)), "EUR", "da")
    assert errors == {"extra.it": "Angiv højst 100,5"}


def test_fault_in_a_list_stands_at_its_question() -> None:
    for kind in ("texts", "choices"):
        assert answers.field_of(question(kind), "extra.it.0", Form()) == "extra.it"
    assert answers.field_of(question("person"), "extra.it.email", Form()) == "extra.it.email"


def test_error_in_a_cell_names_the_cell() -> None:
    form = Form((("extra.it[0].what", "Design"), ("extra.it[3].cost_minor", "abc"), ("extra.it[9999].what", "no row")))
    value, errors = answers.read(BUDGET, form, "EUR", "en")
    assert (value, list(errors)) == ([{"what": "Design"}, {}], ["extra.it[3].cost_minor"])


def test_sums_are_of_what_is_there() -> None:
    assert answers.sums(BUDGET, [{"cost_minor": 5}, {"what": "x"}, {"cost_minor": 7}]) == {"cost_minor": 12}
    assert answers.sums(BUDGET, None) == {"cost_minor": 0}


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        ("12500", 1_250_000),
        ("12.500,50", 1_250_050),
        ("12,500.50", 1_250_050),
        ("12 500,5", 1_250_050),
        ("€ 12.500", 1_250_000),
        ("0,05", 5),
        ("1,234", 123_400),
        ("1.250,-", 125_000),
        ("1250,–", 125_000),
        ("1’250", 125_000),
        ("eur 5", 500),
        ("１.２５０,５０", 125_050),
    ],
)
def test_amount_is_read_in_every_spelling(typed: str, minor: int) -> None:
    assert minor_of(typed, "EUR") == minor


@pytest.mark.parametrize(
    "typed",
    ["", "-1", "9" * 14, "9" * 5000, "-", "5,--", "1.23.4", "1,2,3", "12.5000", "٣", "1e3", "NaN", "12 PLN 5", "0x10", "0,001", "00.250"],
)
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        minor_of(typed, "EUR")


@pytest.mark.parametrize("typed", ["12 zł", "PLN 12", "12,50 kr.", "$12", "12 kn"])
def test_amount_in_another_currency_is_refused_with_ours(typed: str) -> None:
    reader = Reader([("sum", typed)], "en")
    assert (reader.amount("sum", "EUR", "Enter an amount"), reader.errors) == (
        0, {"sum": "Enter the amount in EUR, without the sign of another currency"},
    )  # fmt: skip


@given(st.integers(0, 10**13), st.sampled_from(LANGUAGES), st.sampled_from(["EUR", "PLN", "DKK"]))
def test_amount_shown_is_the_amount_read(minor: int, language: str, currency: str) -> None:
    assert minor_of(amount(minor, currency, language), currency) == minor


def test_parts_of_an_amount_are_two_digits() -> None:
    assert amount(1_200_050, "EUR", "el") == "12.000,50"


def test_whole_amounts_have_no_parts() -> None:
    assert (money(1_250_000, "DKK", "en"), money(1_250_000, "DKK", "da")) == ("DKK\u00a012,500", "12.500\u00a0kr.")
    assert (money(1_250_000, "EUR", "nl"), money(1_250_050, "EUR", "pl")) == ("€\u00a012.500", "12\u00a0500,50\u00a0€")


@pytest.mark.parametrize(("language", "shown"), [("en", ("72.50", "-0.40")), ("pl", ("72,50", "-0,40"))])
def test_points_have_two_places_in_the_language(language: str, shown: tuple[str, str]) -> None:
    assert (scored(7250, language), deviation(-0.4, language)) == shown


def test_each_step_in_a_case_has_words() -> None:
    """On the page of a payment, which says who took which step."""
    assert {duty.value for duty in Duty} <= set(steps("en"))


def test_deadline_is_the_last_minute_in_the_zone() -> None:
    end = datetime(2026, 1, 31, 23, tzinfo=UTC)
    assert last_moment(end, "Europe/Zagreb", "en").startswith("Saturday 31 January 2026, 23:59")
    assert day_in(end, "Europe/Zagreb", "en") == "Saturday 31 January 2026"


@pytest.mark.parametrize(
    ("span", "shown"),
    [({"days": 2}, "2 days"), ({"hours": 47}, "47 hours"), ({"minutes": 59}, "59 minutes"), ({"seconds": 59}, "0 minutes")],
)
def test_time_left_is_never_more_than_there_is(span: dict[str, int], shown: str) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert left(now + timedelta(**span), now, "en") == shown


def test_cookie_alone_opens_its_row() -> None:
    cookie, other = new_cookie(), new_cookie()
    closed = close(cookie, b"content")
    assert open_(cookie, closed) == b"content"
    assert open_(other, closed) is None
    assert open_(cookie, closed[:-1] + bytes([closed[-1] ^ 1])) is None
    assert len({row_of(cookie), row_of(other), form_token(cookie), form_token(other), cookie, other}) == 6


@pytest.mark.parametrize("path", ["//evil.test", "/\\evil.test", "https://evil.test", "", "home", "/a\nb", "/\tb", "\\/evil"])
def test_path_elsewhere_becomes_home(path: str) -> None:
    assert inside(path) == "/home"


def test_path_of_ours_stays() -> None:
    assert inside("/applications/1?done=saved") == "/applications/1?done=saved"


def test_reader_keeps_what_was_typed() -> None:
    reader = Reader([("staff", "two"), ("name", " Studio ")], "en")
    assert (reader.number("staff", "Enter a number"), reader.line("name", ""), reader.yes("really", "Say it")) == (0, "Studio", False)
    assert reader.errors == {"staff": "Enter a number", "really": "Say it"}
    assert reader.typed == {"staff": "two", "name": "Studio"}


def test_refused_amount_is_an_error_at_its_field() -> None:
    reader = Reader([("size.turnover", "5"), ("size.staff", "1")], "en")
    errors = [{"field": name, "reason": "Too much."} for name in ("size.turnover_minor", "size.staff", "elsewhere_minor")]
    reader.refuse(ApiProblem(422, {"errors": errors}))
    assert list(reader.errors) == ["size.turnover", "size.staff", FORM]


def test_version_that_is_none_is_no_version() -> None:
    assert [version_in(typed) for typed in ("3", "", "abc", "-1", "1.0", "٣", "9" * 400)] == [3, 0, 0, 0, 0, 0, 0]


def test_every_language_can_be_chosen() -> None:
    assert set(NAMES) == set(LANGUAGES)


async def test_answer_is_asked_again_when_its_time_is_over() -> None:
    now, asked = [0.0], list[int]()

    async def ask() -> int:
        asked.append(len(asked))
        return asked[-1]

    kept = Kept[int](60, most=2, monotonic=lambda: now[0])
    assert [await kept.get("a", ask), await kept.get("a", ask), await kept.get("b", ask)] == [0, 0, 1]
    now[0] = 59.9
    assert await kept.get("a", ask) == 0
    now[0] = 60
    assert [await kept.get("a", ask), await kept.get("a", ask)] == [2, 2]
    assert await kept.get("c", ask) == 3
    assert [await kept.get("a", ask), await kept.get("b", ask)] == [2, 4]


async def test_question_without_an_answer_is_asked_again() -> None:
    async def fail() -> int:
        raise ValueError

    async def answer() -> int:
        return 5

    kept = Kept[int](60)
    with pytest.raises(ValueError):  # noqa: PT011
        await kept.get("a", fail)
    assert await kept.get("a", answer) == 5


async def test_only_what_is_not_kept_is_asked_for() -> None:
    asked: list[list[str]] = []

    async def ask(missing: list[str]) -> dict[str, str]:
        asked.append(sorted(missing))
        return {key: key.upper() for key in missing if key != "z"}

    kept = Kept[str](60)
    assert await kept.all_of(["a", "b"], ask) == {"a": "A", "b": "B"}
    assert await kept.all_of(["b", "c", "z"], ask) == {"b": "B", "c": "C"}
    assert await kept.all_of([], ask) == {}
    assert asked == [["a", "b"], ["c", "z"]]
