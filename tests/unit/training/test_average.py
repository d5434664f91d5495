"""The mean of checkpoints."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="torch is only needed for training")


def test_the_mean_is_taken_weight_by_weight(tmp_path: Path) -> None:
    from training.reader_average import mean

    paths = []
    for number, values in enumerate(([1.0, 4.0], [3.0, 0.0])):
        paths.append(tmp_path / f"{number}.pt")
        torch.save({"model": {"layer": torch.tensor(values)}}, paths[-1])
    assert mean(paths)["layer"].tolist() == [2.0, 2.0]
    torch.save({"model": {}}, paths[1])
    with pytest.raises(KeyError, match="layer"):
        mean(paths)
