"""PDF and Word files."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import docx
import pypdf
import pytest

from assistant.articles.documents import sane_moment, sane_title
from tests.unit.articles.reading import BODY, one, reason, write

PAGES = (
    ("The Teal Courier, page 1", "Marlow votes for a new bridge", "",
     "The council of Marlow voted for a new bridge over the river Teal on Tues-",
     "day. Work on it begins in May and will last for at least two years.",
     "Opponents promised to go to court."),
    ("The Teal Courier, page 2", "The mayor said the plan would cost 41 million crowns."),
    ("The Teal Courier, page 3", "A ferry crosses the river until then."),
)  # fmt: skip


def pdf(pages: tuple[tuple[str, ...], ...], info: dict[str, str] | None = None) -> bytes:
    """A PDF written by hand: Helvetica, one line of text below the other."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    kids = []
    for lines in pages:
        shown = b"BT /F1 11 Tf 60 780 Td 14 TL\n"
        for line in lines:
            shown += b"(" + line.encode("latin-1") + b") Tj T*\n"
        shown += b"ET"
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(shown), shown))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    held = io.BytesIO(b"%PDF-1.4\n")
    held.seek(0, io.SEEK_END)
    places = []
    for number, content in enumerate(objects, 1):
        places.append(held.tell())
        held.write(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    table = held.tell()
    held.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    for place in places:
        held.write(b"%010d 00000 n \n" % place)
    held.write(
        b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, table)
    )
    if info is None:
        return held.getvalue()
    return rewritten(held.getvalue(), info=info)


def rewritten(raw: bytes, *, info: dict[str, str] | None = None, password: str = "") -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(raw))
    writer.add_metadata(info or {})
    if password:
        writer.encrypt(password, algorithm="AES-256")
    held = io.BytesIO()
    writer.write(held)
    return held.getvalue()


def test_a_pdf_page_by_page(tmp_path: Path) -> None:
    item = one(write(tmp_path / "a.pdf", pdf(PAGES)))
    assert [item.text[start:].split("\n\n")[0] for start in item.page_starts] == [
        "Marlow votes for a new bridge",
        "The mayor said the plan would cost 41 million crowns.",
        "A ferry crosses the river until then.",
    ]
    assert "over the river Teal on Tuesday. Work on it" in item.text
    assert "Teal Courier, page" not in item.text
    assert item.published_at is None


def test_metadata_of_a_pdf(tmp_path: Path) -> None:
    info = {"/Title": "Bridge vote", "/Author": "Ada Finch", "/CreationDate": "D:20260503083000Z"}
    item = one(write(tmp_path / "a.pdf", pdf(PAGES, info)))
    assert (item.title, item.authors) == ("Bridge vote", ("Ada Finch",))
    assert item.published_at == datetime(2026, 5, 3, 8, 30, tzinfo=UTC)
    poor = {"/Title": "Microsoft Word - draft.docx", "/CreationDate": "D:29990101000000Z"}
    item = one(write(tmp_path / "b.pdf", pdf(PAGES, poor)))
    assert item.title == "Marlow votes for a new bridge"
    assert item.published_at is None


def test_a_pdf_with_an_owner_password_only_is_read(tmp_path: Path) -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(PAGES)))
    writer.encrypt("", "owner", algorithm="AES-256")
    held = io.BytesIO()
    writer.write(held)
    assert "ferry" in one(write(tmp_path / "a.pdf", held.getvalue())).text


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (rewritten(pdf(PAGES), password="secret"), "qpdf"),
        (pdf(((), ())), "ocrmypdf"),
        (b"%PDF-1.4\nno more", "damaged"),
        (pdf(PAGES)[:300], "damaged"),
    ],
)
def test_pdfs_that_give_nothing_name_the_remedy(tmp_path: Path, raw: bytes, words: str) -> None:
    assert words in reason(write(tmp_path / "a.pdf", raw))


def word(**core: object) -> bytes:
    document = docx.Document()
    for name, value in core.items():
        setattr(document.core_properties, name, value)
    document.add_heading("Marlow votes for a new bridge", 0)
    document.add_paragraph(BODY)
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "Cost", "41 million"
    document.add_paragraph("Opponents promised to go to court.")
    held = io.BytesIO()
    document.save(held)
    return held.getvalue()


def test_a_word_document(tmp_path: Path) -> None:
    raw = word(
        title="Bridge vote",
        author="Ada Finch",
        created=datetime(2026, 5, 3, 8, 30),  # noqa: DTZ001
        modified=datetime(2026, 5, 4, 8, 30),  # noqa: DTZ001
        language="en-GB",
    )
    item = one(write(tmp_path / "a.docx", raw))
    assert item.title == "Bridge vote"
    assert item.text == (
        f"Marlow votes for a new bridge\n\n{BODY}\n\nCost | 41 million\n\n"
        "Opponents promised to go to court."
    )
    assert item.published_at == datetime(2026, 5, 3, 8, 30, tzinfo=UTC)
    assert item.updated_at == datetime(2026, 5, 4, 8, 30, tzinfo=UTC)
    assert (item.authors, item.language) == (("Ada Finch",), "en")


def test_a_word_documents_heading_is_its_title(tmp_path: Path) -> None:
    item = one(write(tmp_path / "a.docx", word(title="")))
    assert item.title == "Marlow votes for a new bridge"
    assert item.text.startswith(BODY)


def test_damaged_word_documents(tmp_path: Path) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("word/document.xml", "<w>")
    assert "damaged" in reason(write(tmp_path / "a.docx", held.getvalue()))
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * 60_000_000)
    assert "more than" in reason(write(tmp_path / "b.docx", held.getvalue()))


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Bridge  vote", "Bridge vote"),
        ("Microsoft Word - draft3.doc", None),
        ("untitled", None),
        ("layout.indd", None),
        ("2026-05-03", None),
        ("", None),
        (None, None),
    ],
)
def test_titles_of_programs(title: str | None, expected: str | None) -> None:
    assert sane_title(title) == expected


def test_clocks_never_set() -> None:
    assert sane_moment(datetime(1980, 1, 1, tzinfo=UTC)) is None
    assert sane_moment(None) is None
