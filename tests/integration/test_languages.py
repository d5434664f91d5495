"""Articles in several languages in one archive: detected, filtered, stemmed each in its own way."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.archive.languages import STEMMED, detect_language, language_code
from assistant.types import Filters
from tests.conftest import article
from tests.integration.conftest import open_archive
from tests.integration.test_archive import found

REPORTS = {
    "en": "The council of Marlow approved new bridges on Tuesday, and the mayor cheered loudly.",
    "de": "Der Stadtrat von Marlow hat am Dienstag neue Brücken beschlossen, sagte die "
    "Bürgermeisterin.",
    "fr": "Le conseil municipal de Marlow a approuvé mardi la construction de nouvelles écoles "
    "publiques.",
    "es": "El ayuntamiento de Marlow aprobó el martes la construcción de nuevas bibliotecas "
    "municipales. Los vecinos del barrio celebraron la decisión, dijo la alcaldesa.",
    "pl": "Rada miasta Marlow zatwierdziła we wtorek budowę nowych mostów i szkół dla mieszkańców.",
}


@pytest.mark.parametrize("language", REPORTS)
def test_languages_are_detected(language: str) -> None:
    assert detect_language(REPORTS[language]) == language


def test_what_is_not_sure_is_not_said() -> None:
    for text in ("", "Marlow", "Hello 123", "12345 67890 " * 20, "Ada Finch, Bo Reed"):
        assert detect_language(text) is None


@pytest.mark.parametrize(
    ("tag", "code"),
    [("en", "en"), ("EN-gb", "en"), ("pt_BR", "pt"), ("nb", "no"), ("English", None), (None, None)],
)
def test_language_tags(tag: str | None, code: str | None) -> None:
    assert language_code(tag) == code


def test_each_language_is_searched_in_its_own_forms(place: Path) -> None:
    articles = {
        code: article(n, text=text, title=f"Marlow {n}", publisher="Post")
        for n, (code, text) in enumerate(REPORTS.items())
    }
    with open_archive(place) as archive:
        archive.ingest(articles.values())
        assert {one.language for one in map(archive.article, (a.id for a in articles.values()))
                if one} == set(REPORTS)  # fmt: skip
        # Singular asked, plural stored (and the other way round): only the stemmer can know.
        for words, code in (
            ("bridge", "en"), ("Brücke", "de"), ("Bürgermeisterinnen", "de"), ("école", "fr"),
            ("ecole publique", "fr"), ("biblioteca", "es"), ("mostów", "pl"),
        ):  # fmt: skip
            assert found(archive, words)["lexical"] == {articles[code].url}, words
        assert len(found(archive, "Marlow")["lexical"]) == len(REPORTS)


def test_the_language_filter_binds_in_both_indexes(place: Path) -> None:
    articles = {
        code: article(n, text=text, title=f"Marlow {n}")
        for n, (code, text) in enumerate(REPORTS.items())
    }
    with open_archive(place) as archive:
        archive.ingest(articles.values())
        cases = [
            (("de",), {"de"}), (("de", "pl"), {"de", "pl"}), (("sv",), set()), ((), set(REPORTS)),
        ]  # fmt: skip
        for codes, expected in cases:
            urls = {articles[code].url for code in expected}
            filters = Filters(languages=codes)
            assert found(archive, "Marlow", filters) == {"lexical": urls, "dense": urls}, codes
            hits = archive._vectors.search(archive.embed("Marlow"), filters, 10)
            assert {p.url for p in archive.passages([k for k, _ in hits]).values()} == urls
        archive.reindex()
        assert found(archive, "Brücke")["lexical"] == {articles["de"].url}


def test_english_is_scored_as_if_there_were_no_other_language(tmp_path: Path) -> None:
    articles = [article(n) for n in range(5)]
    with open_archive(tmp_path / "one") as archive:
        archive.ingest(articles)
        alone = archive.search_lexical([("council vote 3", 1.0)], Filters(), 10)
        assert archive._lexical._present == ["en"]
    with open_archive(tmp_path / "two") as archive:
        archive.ingest([*articles, article(9, text=REPORTS["de"], title="Neue Brücken")])
        both = archive.search_lexical([("council vote 3", 1.0)], Filters(languages=("en",)), 10)
    assert [key for key, _ in both] == [key for key, _ in alone]


def test_every_stemmer_is_there(place: Path) -> None:
    with open_archive(place) as archive:
        archive.ingest(article(n, language=code) for n, code in enumerate(STEMMED))
        assert set(archive._lexical._present) == set(STEMMED)
