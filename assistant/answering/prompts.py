"""Prompts: one Markdown file each, with $variables that are checked when the file is loaded.

In: a path, the variables that the code fills in. Out: a Prompt. Refuses to know: language models,
what a prompt is for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from string import Template

from assistant.errors import SettingsError

FOLDER = Path(__file__).parents[1] / "prompts"


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt whose variables are known to be right; `sha256` is of the file's text."""

    template: Template
    sha256: str

    def fill(self, **values: str) -> str:
        """The text with every variable replaced; values are put in as they are, in one pass."""
        return self.template.substitute(values)


def load_prompt(path: Path, variables: Collection[str]) -> Prompt:
    """Read and check a prompt file.

    Raises SettingsError where it cannot be read, lacks one of `variables` or has another one.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The prompt {path} cannot be read ({error}).") from error
    template = Template(text)
    if not template.is_valid() or set(template.get_identifiers()) != set(variables):
        raise SettingsError(
            f"The prompt {path} must hold ${', $'.join(sorted(variables))} and no other $variable "
            "(write $$ for a dollar sign)."
        )
    return Prompt(template, hashlib.sha256(text.encode()).hexdigest())


def find_prompt(name: str, folder: Path | None, variables: Collection[str]) -> Prompt:
    """The prompt `name`.md of `folder` where it has one, else the one of the package."""
    own = folder / f"{name}.md" if folder else None
    return load_prompt(own if own and own.exists() else FOLDER / f"{name}.md", variables)
