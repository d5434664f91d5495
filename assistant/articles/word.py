"""Word documents (DOCX).

In: an opened zip that holds one. Out: fields for `build_article`. Raises DecodeError for what is
damaged or unpacks to too much. Refuses to know: paths.
"""

from __future__ import annotations

import io
import zipfile
from typing import Any

from assistant.articles.decode import DecodeError
from assistant.articles.documents import sane_moment, sane_title
from assistant.articles.fields import FieldError
from assistant.articles.places import Fields
from assistant.articles.streams import LARGEST_WHOLE

_HEADINGS = ("Title", "Heading 1")


def word_fields(archive: zipfile.ZipFile) -> Fields:
    """Paragraphs and tables in their order; title, author and dates of the core properties."""
    if sum(info.file_size for info in archive.infolist()) > LARGEST_WHOLE:
        raise DecodeError(f"The document unpacks to more than {LARGEST_WHOLE:,} bytes; split it.")
    document = _opened(archive)
    core = document.core_properties
    blocks = list(_blocks(document))
    title = sane_title(core.title)
    if title is None and blocks and blocks[0][0] in _HEADINGS:
        title = blocks.pop(0)[1]
    elif title and blocks and blocks[0][1] == title:
        blocks.pop(0)
    if not blocks:
        raise FieldError("The document holds no text.")
    created, modified = sane_moment(core.created), sane_moment(core.modified)
    return {
        "title": title,
        "text": "\n\n".join(text for _, text in blocks),
        "authors": core.author or None,
        "published_at": created,
        "updated_at": modified if created and modified and modified > created else None,
        "language": core.language or None,
        "source_id": core.identifier or None,
    }


def _opened(archive: zipfile.ZipFile) -> Any:
    import docx
    from docx.opc.exceptions import OpcError
    from lxml import etree

    if archive.fp is None:
        raise DecodeError("The document was closed before it was read.")
    archive.fp.seek(0)
    raw = archive.fp.read(LARGEST_WHOLE + 1)
    if len(raw) > LARGEST_WHOLE:
        raise DecodeError(f"Larger than {LARGEST_WHOLE:,} bytes, no single article; split it.")
    try:
        return docx.Document(io.BytesIO(raw))
    except (
        OpcError,
        etree.LxmlError,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        AttributeError,
    ) as error:
        detail = " ".join(str(error).split())[:160]
        raise DecodeError(f"The document is damaged: {detail}.") from error


def _blocks(document: Any) -> Any:
    """(style, text) of each paragraph and table row that has text."""
    from docx.table import Table

    for block in document.iter_inner_content():
        if isinstance(block, Table):
            for row in block.rows:
                if text := " | ".join(cell.text.strip() for cell in row.cells).strip(" |"):
                    yield "Table", text
        elif text := block.text.strip():
            yield block.style.name if block.style is not None else "", text
