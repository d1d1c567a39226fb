"""Texts for people in the languages of the programme: gettext catalogues, rendered with Babel."""

from shared.texts.languages import LANGUAGES, negotiate
from shared.texts.translation import translate

__all__ = ["LANGUAGES", "negotiate", "translate"]
