"""Texts for people in the languages of the programme: gettext catalogues, rendered with Babel."""

from shared.texts.languages import LANGUAGES, in_language, negotiate
from shared.texts.translation import say, translate

__all__ = ["LANGUAGES", "in_language", "negotiate", "say", "translate"]
