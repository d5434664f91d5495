"""Turn the shipped reader.onnx back into a checkpoint, to train on from it.

Run: python -m training.reader_weights --output runs/reader-start.pt
Then: python -m training.reader_train --start runs/reader-start.pt ...

What rounding took away is not known. A trained weight lies near MiniLM's own (training moves it by
.0018 on average, a step of int8 is .003 to .004), so each is put half way between the middle of its
step and the place in that step that is nearest to MiniLM's.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from assistant.archive.embedding import minilm_folder
from training.reader_export import MODELS
from training.reader_model import ReaderModel


def checkpoint_weights(model: Path) -> dict[str, torch.Tensor]:
    """The state of a ReaderModel with the weights of `model`; heads it lacks are fresh."""
    loaded = onnx.load(model)
    tensors = {t.name: numpy_helper.to_array(t) for t in loaded.graph.initializer}
    state: dict[str, torch.Tensor] = ReaderModel(minilm_folder()).state_dict()
    for key, original in state.items():
        name = key.removeprefix("encoder.") if key.startswith("encoder.e") else key
        if name in tensors:
            state[key] = torch.tensor(tensors[name].astype(np.float32))
        elif f"{name}_quantized" in tensors:
            state[key] = _restored(tensors, name, original)
        elif f"{name}_Transposed_quantized" in tensors:
            state[key] = _restored(tensors, f"{name}_Transposed", original.T).T.contiguous()
    return state


def _restored(tensors: dict[str, Any], name: str, original: torch.Tensor) -> torch.Tensor:
    value, step, zero = (
        torch.tensor(tensors[f"{name}_{part}"].astype(np.float32))
        for part in ("quantized", "scale", "zero_point")
    )
    middle = (value - zero) * step
    nearest = torch.clamp(original, middle - step / 2, middle + step / 2)
    return (middle + nearest) / 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=MODELS / "reader.onnx")
    parser.add_argument("--output", type=Path, default=Path("runs/reader-start.pt"))
    chosen = parser.parse_args()
    chosen.output.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"model": checkpoint_weights(chosen.model)}, chosen.output)


if __name__ == "__main__":
    main()
