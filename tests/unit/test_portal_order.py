"""Names in the order of the reader's alphabet."""

import pytest

from portal.kit.order import by_name

ALPHABETICAL = [
    ("pl", ["Łódź", "Zakopane", "Lublin", "Łomża", "Żory", "Źródła", "Ćmielów", "Cieszyn"],
     ["Cieszyn", "Ćmielów", "Lublin", "Łomża", "Łódź", "Zakopane", "Źródła", "Żory"]),
    ("hr", ["Džep", "Dubrovnik", "Đakovo", "Čakovec", "Cres", "Ćuk", "Ljubljana", "Lovran", "Luka", "Zadar", "Žminj"],
     ["Cres", "Čakovec", "Ćuk", "Dubrovnik", "Džep", "Đakovo", "Lovran", "Luka", "Ljubljana", "Zadar", "Žminj"]),
    ("da", ["Århus", "Ærø", "Ølgod", "Aabenraa", "Vejle", "Kolding"], ["Kolding", "Vejle", "Ærø", "Ølgod", "Aabenraa", "Århus"]),
    ("el", ["Ωραία", "Άρτα", "Αθήνα", "Έδεσσα", "Δράμα"], ["Αθήνα", "Άρτα", "Δράμα", "Έδεσσα", "Ωραία"]),
    ("nl", ["Zwolle", "ënde", "Eeklo", "Étudio"], ["Eeklo", "ënde", "Étudio", "Zwolle"]),
    ("en", ["b", "A", "2 lines", "Ώρα", "a"], ["2 lines", "A", "a", "b", "Ώρα"]),
]  # fmt: skip
"""As the collation charts of the Unicode Common Locale Data Repository have them."""


@pytest.mark.parametrize(("language", "names", "ordered"), ALPHABETICAL, ids=[language for language, _, _ in ALPHABETICAL])
def test_names_stand_in_the_order_of_the_alphabet(language: str, names: list[str], ordered: list[str]) -> None:
    assert by_name(names, str, language) == ordered
