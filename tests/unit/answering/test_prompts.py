"""Prompts: what is refused when they are loaded; all of ours are right."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.answering.prompts import FOLDER, find_prompt, load_prompt
from assistant.errors import SettingsError


def test_a_prompt_is_filled_in_one_pass(tmp_path: Path) -> None:
    (tmp_path / "p.md").write_text("$a costs $$5, says $b.", "utf-8")
    prompt = load_prompt(tmp_path / "p.md", ("a", "b"))
    assert prompt.fill(a="$b", b="$a") == "$b costs $5, says $a."


@pytest.mark.parametrize("text", ["$a", "$a $b $c", "$a $b $", "${a} ${b", ""])
def test_missing_unknown_and_broken_variables_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "p.md").write_text(text, "utf-8")
    with pytest.raises(SettingsError, match=r"p\.md must hold \$a, \$b and no other"):
        load_prompt(tmp_path / "p.md", ("a", "b"))


def test_an_unreadable_prompt_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load_prompt(tmp_path / "none.md", ())
    (tmp_path / "p.md").write_bytes(b"\xff")
    with pytest.raises(SettingsError, match="cannot be read"):
        load_prompt(tmp_path / "p.md", ())


def test_own_prompts_come_before_ours(tmp_path: Path) -> None:
    (tmp_path / "judge.md").write_text("mine", "utf-8")
    assert find_prompt("judge", tmp_path, ()).fill() == "mine"
    assert "$" not in find_prompt("answer_rules", tmp_path, ("fence",)).fill(fence="x")
    assert (FOLDER / "judge.md").exists()
