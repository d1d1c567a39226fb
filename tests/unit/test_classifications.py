"""NUTS and NACE: which codes are taken, how they are written, and how they are found by words. Cases: what registers and people write."""

import tomllib
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.classifications import Scheme, canonical, contradiction, edition_of, entries, fault_of, is_valid, name_of, search
from shared.classifications.editions import activities_in, former_region, has_two_meanings
from shared.texts.languages import LANGUAGES
from shared.web.validation import MESSAGES

NUTS, NACE = Scheme.NUTS, Scheme.NACE


@pytest.mark.parametrize(
    ("scheme", "typed", "code"),
    [
        (NUTS, "EL522", "EL522"), (NUTS, "gr522", "EL522"), (NUTS, " hr063 ", "HR063"), (NUTS, "Kolding", "Kolding"),
        (NACE, "62.01", "62.01"), (NACE, "6201", "62.01"), (NACE, "62.01.Z", "62.01"), (NACE, "62.01.00.00", "62.01"),
        (NACE, "620100", "62.01"), (NACE, "62.010", "62.01"), (NACE, "C18", "18"), (NACE, "74.1", "74.1"), (NACE, "design", "design"),
        (NACE, "7", "7"), (NACE, "", ""), (NACE, "J 62.01", "62.01"), (NACE, "J.62.01", "62.01"), (NACE, "62.01 Z", "62.01"),
        (NACE, "62,01", "62.01"), (NACE, "62 01", "62.01"), (NACE, "62-01", "62.01"),
        (NACE, "PKD 62.01.Z", "62.01"), (NACE, "NKD 2007: 62.01", "62.01"),
        (NACE, "ΚΑΔ 62.01.11.00", "62.01"), (NACE, "６２.０１", "62.01"),
        (NUTS, "EL 522", "EL522"), (NUTS, "gr-522", "EL522"), (NUTS, "ΕL522", "EL522"), (NUTS, "HR\u200b063", "HR063"),
    ],
)  # fmt: skip
def test_code_is_read_as_registers_write_it(scheme: Scheme, typed: str, code: str) -> None:
    assert canonical(scheme, typed) == code


@given(st.sampled_from(Scheme), st.text(max_size=12))
def test_reading_twice_changes_nothing_more(scheme: Scheme, typed: str) -> None:
    assert canonical(scheme, canonical(scheme, typed)) == canonical(scheme, typed)


@pytest.mark.parametrize(
    ("scheme", "code", "kind"),
    [
        (NUTS, "HR063", None), (NUTS, "PL21", None), (NUTS, "HR045", "nuts_recoded"),
        (NUTS, "PL127", "nuts_recoded"), (NUTS, "HR04", "nuts_former"), (NUTS, "EL9", "nuts_unknown"),
        (NUTS, "NL33C", "nuts_recoded"), (NUTS, "HR", "nuts_unknown"), (NUTS, "ELZZZ", "nuts_unknown"),
        (NACE, "74.12", None), (NACE, "74.10", None), (NACE, "73.30", None), (NACE, "18.99", "nace_unknown"), (NACE, "J", "nace_unknown"),
    ],
)  # fmt: skip
def test_code_that_no_list_has_is_refused(scheme: Scheme, code: str, kind: str | None) -> None:
    fault = fault_of(scheme, code)
    assert (fault.kind if fault else None) == kind
    assert is_valid(scheme, code) is (kind is None)
    if fault:
        assert MESSAGES[fault.kind].format(**fault.facts)


@pytest.mark.parametrize(
    ("code", "current"),
    [
        ("HR045", ("HR063",)),
        ("HR041", ("HR050",)),
        ("BE321", ("BE32A",)),
        ("BE324", ("BE328",)),
        ("PL11", ("PL71",)),
        ("HR04", ()),
        ("HR063", None),
    ],
)
def test_former_code_names_the_present_one(code: str, current: tuple[str, ...] | None) -> None:
    """Eurostat's tables of changes; what was divided has no single code today."""
    former = former_region(code)
    assert (former and former.current) == current
    assert [one.code for one in search(NUTS, code, "en")][: len(current or ())] == [one for one in current or () if len(one) == 5]


@pytest.mark.parametrize(
    ("revision", "code", "stated", "found"),
    [
        ("2.1", "70.21", None, {"73.30"}), ("2", "73.30", None, {"70.21"}), ("2.1", "73.30", None, {"73.30"}),
        ("2.1", "63.91", "2", {"60.31"}), ("2.1", "63.91", "2.1", {"63.91"}), ("2.1", "63.91", None, {"63.91"}),
        ("2.1", "74.10", None, {"74.11", "74.12", "74.13", "74.14"}), ("2.1", "70.2", "2", {"73.30", "70.20"}),
        ("2.1", "99.99", None, {"99.99"}),
    ],
)  # fmt: skip
def test_activity_is_mapped_between_the_revisions(revision: str, code: str, stated: str | None, found: set[str]) -> None:
    assert set(activities_in(revision, code, stated)) == found


def test_only_a_code_of_two_meanings_needs_its_revision() -> None:
    assert [has_two_meanings(code) for code in ("58.12", "63.91", "18.11", "70.21", "73.30", "58", "99.99")] == [True, True, *[False] * 5]


def test_code_is_of_an_edition_and_a_country() -> None:
    assert [is_valid(NUTS, "NL33C", edition) for edition in ("2021", "2024")] == [True, False]
    assert [is_valid(NACE, "74.10", edition) for edition in ("2", "2.1")] == [True, False]
    assert [is_valid(NUTS, "EL522", country=country) for country in ("GR", "PL")] == [True, False]


def test_region_contradicts_another_country() -> None:
    fault = contradiction("EL522", "PL")
    assert fault is not None
    assert fault.facts == {"region": "EL522", "country": "PL"}
    assert contradiction("EL522", "GR") is contradiction(None, "PL") is contradiction("EL522", None) is contradiction("XX", "PL") is None


@pytest.mark.parametrize(
    ("scheme", "typed", "language", "code"),
    [
        (NACE, "graphic design", "en", "74.12"), (NACE, "projektowanie graficzne", "pl", "74.12"), (NACE, "Dizajn grafički", "hr", "74.12"),
        (NACE, "μουσικη", "el", "90.11"), (NACE, "photographic", "da", "74.20"), (NACE, "6210", "nl", "62.10"),
        (NUTS, "thessaloniki", "en", "EL522"), (NUTS, "ΘΕΣΣΑΛΟΝΙΚΗ", "el", "EL522"), (NUTS, "krakow", "en", "PL213"),
        (NUTS, "koprivnicko", "hr", "HR063"), (NUTS, "gr522", "en", "EL522"),
    ],
)  # fmt: skip
def test_code_is_found_by_words_and_by_code(scheme: Scheme, typed: str, language: str, code: str) -> None:
    assert code in [one.code for one in search(scheme, typed, language)[:3]]


@pytest.mark.parametrize("typed", ["", "  ", "zzzz", "…", "x" * 10_000])
def test_nothing_is_found_of_nothing(typed: str) -> None:
    assert search(NACE, typed, "en") == []


def test_search_keeps_to_the_country() -> None:
    assert {one.country for one in search(NUTS, "kra", "en", most=99)} > {"PL"}
    assert {one.country for one in search(NUTS, "kra", "en", "PL")} == {"PL"}


@given(st.sampled_from(Scheme), st.text(max_size=20), st.sampled_from(LANGUAGES))
def test_what_is_found_can_be_chosen(scheme: Scheme, typed: str, language: str) -> None:
    assert all(is_valid(scheme, one.code) and len(one.code) == 5 for one in search(scheme, typed, language))


@pytest.mark.parametrize("scheme", Scheme)
def test_every_entry_has_a_name_and_its_parent(scheme: Scheme) -> None:
    known = entries(scheme)
    assert len(known) > 1000
    for code, entry in known.items():
        assert all(name_of(scheme, code, language) for language in LANGUAGES)
        parent = code[:-1].rstrip(".")
        assert entry.editions
        assert len(parent) < (3 if scheme is NUTS else 2) or parent in known, code


def test_activities_of_the_newer_revision_have_six_names() -> None:
    assert all(set(one.names) == set(LANGUAGES) for one in entries(NACE).values() if edition_of(one) == "2.1")


def test_every_list_says_where_it_comes_from() -> None:
    folder = files("shared.classifications")
    sources = tomllib.loads(folder.joinpath("sources.toml").read_text())
    assert set(sources) == {path.name for path in folder.iterdir() if path.name.endswith(".csv")}
    assert all({"title", "legal", "publisher", "read_on", "reuse"} == set(source) for source in sources.values())
