"""Every failure a caller may meet, each with a message that names the remedy.

In: nothing. Out: exception classes. `exit_code` is what the command line returns: 2 where the
caller can put it right, 1 where the fault is ours or the machine's.
"""

from __future__ import annotations


class NewsAssistantError(Exception):
    """Root of all errors raised on purpose by this package."""

    exit_code = 1


class QuestionError(NewsAssistantError):
    """The question cannot be asked as it is (empty, far too long)."""

    exit_code = 2


class SettingsError(NewsAssistantError):
    """A setting or filter is unknown or has a value that makes no sense."""

    exit_code = 2


class SourceError(NewsAssistantError):
    """A path, file or question set that was named cannot be read."""

    exit_code = 2


class ArchiveNotFoundError(NewsAssistantError):
    """There is no archive at the path that was named."""

    exit_code = 2


class ArchiveLockedError(NewsAssistantError):
    """Another process owns the archive; the message says which."""

    exit_code = 2


class ArchiveMismatchError(NewsAssistantError):
    """The archive was built with another embedder or other chunking than the settings ask for."""

    exit_code = 2


class ArchiveWriteError(NewsAssistantError):
    """The archive's folder cannot be written (read-only, disk full); nothing was half-written."""


class ArchiveDamagedError(NewsAssistantError):
    """The catalog, the one part that cannot be rebuilt, is not readable."""


class ModelError(NewsAssistantError):
    """A model file is missing, changed or not usable."""


class LanguageModelError(NewsAssistantError):
    """The language model did not answer as it should; the message says how, for a reader."""
