"""Which column or key holds which field, where the caller says so.

In: our field names and the names that a file uses for them, a record. Out: the record with those
values under our names. Refuses to know: file formats. Without a mapping the synonyms in fields.py
find the columns.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from assistant.articles.fields import SYNONYMS, FieldError, spelled_alike
from assistant.errors import SourceError

Mapped = Mapping[str, str]
_SHOWN_NAMES = 40


def checked_mapping(mapping: Mapping[str, str] | None) -> Mapped:
    """The mapping itself. Raises SourceError for a field that no article has."""
    for field in mapping or {}:
        if field not in SYNONYMS:
            raise SourceError(f"No article field is named {field!r}. Map: {', '.join(SYNONYMS)}.")
    return dict(mapping or {})


def missing_column(mapping: Mapped, names: Collection[str]) -> str | None:
    """Why these columns do not fit the mapping, naming those that exist; None where they fit."""
    for field, column in mapping.items():
        if _named_like(column, names) is None:
            shown = ", ".join(list(names)[:_SHOWN_NAMES]) or "none"
            return f"There is no column {column!r} to take {field} from. The columns are: {shown}."
    return None


def mapped(record: Mapping[Any, Any], mapping: Mapped) -> dict[Any, Any]:
    """The record with mapped values under our names, in the place of what would be found there.

    Raises FieldError where the record lacks a name that the mapping takes a field from.
    """
    if not mapping:
        return dict(record)
    names = [name for name in record if isinstance(name, str)]
    if problem := missing_column(mapping, names):
        raise FieldError(problem)
    given = {
        field: record[_named_like(column, names) or column] for field, column in mapping.items()
    }
    taken = {spelled_alike(name) for field in mapping for name in SYNONYMS[field]}
    rest = {name: value for name, value in record.items() if spelled_alike(str(name)) not in taken}
    return rest | given


def _named_like(column: str, names: Collection[str]) -> str | None:
    """The name as it stands there; capitals and blanks around it do not count."""
    if column in names:
        return column
    return next((name for name in names if name.strip().lower() == column.strip().lower()), None)
