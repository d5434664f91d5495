"""Articles over HTTP: listed, read, added, removed.

In: requests, JSON articles, files. Out: articles and what became of those that were sent.
Refuses to know: file formats (the loaders read them); who may change the archive (`access`).
"""

from __future__ import annotations

import shutil
import tempfile
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, File, HTTPException, Query, UploadFile
from fastapi import Path as InPath
from fastapi.responses import JSONResponse, Response

from assistant.articles.fields import FieldError, build_article
from assistant.types import article_id
from assistant.web import uploads
from assistant.web.api import COMMON_PROBLEMS
from assistant.web.models import LONGEST_NAME, ArticleIn
from assistant.web.responses import ArticlePageOut, IngestOut, WholeArticleOut
from assistant.web.services import Services, Shared

router = APIRouter(prefix="/api/articles", tags=["articles"])

MOST_LISTED = 200
MOST_FILES = 50
LARGEST_OFFSET = 2**31
_NOT_HERE = "The archive holds no article with this id."

_Id = Annotated[str, InPath(pattern=r"^[0-9a-f]{16}$", examples=["0123456789abcdef"])]
_WITH_404 = {**COMMON_PROBLEMS, 404: {**COMMON_PROBLEMS[400], "description": "No such article"}}
_WITH_507 = {**COMMON_PROBLEMS, 507: {**COMMON_PROBLEMS[400], "description": "The disk is full"}}


@router.get("", summary="List articles", response_model=ArticlePageOut, responses=COMMON_PROBLEMS)
async def listed(
    services: Shared,
    offset: Annotated[int, Query(ge=0, le=LARGEST_OFFSET)] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_LISTED)] = 50,
    publisher: Annotated[str | None, Query(max_length=LONGEST_NAME)] = None,
) -> Response:
    """One page of the articles, newest first, without their texts."""
    archive = services.assistant.archive
    page, total = await services.reading.run(partial(archive.articles, offset, limit, publisher))
    articles = [article.to_json(text=False) for article in page]
    return JSONResponse({"total": total, "offset": offset, "limit": limit, "articles": articles})


@router.get("/{id}", summary="Read an article", response_model=WholeArticleOut, responses=_WITH_404)
async def read(id: _Id, services: Shared) -> Response:  # noqa: A002  (its name in the path)
    """The current version of an article, with its text."""
    article = await services.reading.run(partial(services.assistant.archive.article, id))
    if article is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, _NOT_HERE)
    return JSONResponse(article.to_json())


@router.post(
    "",
    summary="Add or change an article",
    status_code=HTTPStatus.CREATED,
    response_model=IngestOut,
    responses={**_WITH_507, 200: {"model": IngestOut, "description": "Changed, or unchanged"}},
)
async def add(sent: ArticleIn, services: Shared) -> Response:
    """Take one article in; it can be asked about once this returns."""
    try:
        article = build_article(sent.model_dump(), fallback_url=sent.url)
    except FieldError as error:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error
    summary = await services.writing.run(partial(services.assistant.archive.ingest, [article]))
    if summary.rejected:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, summary.rejected[0].reason)
    place = {"Location": f"/api/articles/{article_id(article.url)}"}
    status = HTTPStatus.CREATED if summary.added else HTTPStatus.OK
    body = summary.to_json() | {"id": article.id, "url": article.url}
    return JSONResponse(body, status, headers=place)


@router.post(
    "/files",
    summary="Add the articles of files",
    response_model=IngestOut,
    responses=_WITH_507,
)
async def add_files(
    files: Annotated[list[UploadFile], File(max_length=MOST_FILES)], services: Shared
) -> Response:
    """Take in files of any known kind; one that cannot be read is named in `rejected`."""
    return JSONResponse(await services.writing.run(partial(_take_in, services, files)))


def _take_in(services: Services, files: list[UploadFile]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="news-assistant-upload-") as place:
        paths = []
        for number, file in enumerate(files):
            # A folder each: two files may have one name.
            folder = Path(place, str(number))
            folder.mkdir()
            path = folder / uploads.safe_name(file.filename or "")
            with path.open("wb") as kept:
                shutil.copyfileobj(file.file, kept)
            paths.append(path)
        archive = services.assistant.archive
        return archive.ingest(one for path in paths for one in uploads.read_upload(path)).to_json()


@router.delete(
    "/{id}",
    summary="Remove an article",
    status_code=HTTPStatus.NO_CONTENT,
    response_class=Response,
    responses=_WITH_404,
)
async def remove(id: _Id, services: Shared) -> Response:  # noqa: A002  (its name in the path)
    """Take an article out, all its versions."""
    removed = await services.writing.run(partial(services.assistant.archive.remove, [id]))
    if not removed:
        raise HTTPException(HTTPStatus.NOT_FOUND, _NOT_HERE)
    return Response(status_code=HTTPStatus.NO_CONTENT)
