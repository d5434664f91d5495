"""The language of a text, and what the lexical index calls it.

In: texts, language tags. Out: two-letter codes. Refuses to know: indexes, articles.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

ENGLISH = "en"
# tantivy's stemmers; stop word lists are missing for Arabic, Greek, Romanian, Tamil and Turkish.
STEMMED = {
    "ar": "arabic", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "fi": "finnish", "fr": "french", "hu": "hungarian", "it": "italian",
    "nl": "dutch", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian",
    "sv": "swedish", "ta": "tamil", "tr": "turkish",
}  # fmt: skip
WITHOUT_STOP_WORDS = frozenset({"ar", "el", "ro", "ta", "tr"})
# Below these the identifier guesses ("Hello 123" is Finnish to it, with 0.06); an invented English
# council report of one sentence already has 0.99.
_FEWEST_LETTERS = 40
_SUREST = 0.9
# A page says its language in its first paragraphs; more text costs time and changes nothing.
_READ_CHARACTERS = 2_000
_SAME = {"nb": "no", "nn": "no", "iw": "he", "in": "id"}  # both Norwegians share a stemmer
_TAG = re.compile(r"\s*([a-z]{2})(?:[-_].*)?\s*", re.IGNORECASE)


def language_code(tag: str | None) -> str | None:
    """The two-letter code of a tag ("en-GB", "pt_BR", "nb"); None for anything else."""
    found = _TAG.fullmatch(tag or "")
    if not found:
        return None
    code = found[1].lower()
    return _SAME.get(code, code)


def detect_language(text: str) -> str | None:
    """The text's language as a two-letter code; None where that is not sure."""
    read = text[:_READ_CHARACTERS]
    if sum(character.isalpha() for character in read) < _FEWEST_LETTERS:
        return None
    code, probability = _identifier().classify(read)
    return language_code(code) if probability >= _SUREST else None


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
