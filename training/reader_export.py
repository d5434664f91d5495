"""Turn a training checkpoint into what the package ships: reader.onnx (8 bits) and reader.json.

Run: python -m training.reader_export --checkpoint runs/reader/checkpoint.pt

The graph is the embedder's (training/embedder_graph.py) with token types and the reader's heads.
Weights are quantised to 8 bits per channel, activations on the fly (dynamic quantisation);
embeddings become half precision, heads, biases and layer norms stay fp32. Calibration values in an
existing reader.json are kept.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from onnx import TensorProto, helper, load, numpy_helper, save
from onnxruntime.quantization import QuantType, quantize_dynamic

from training.embedder_graph import HIDDEN, Graph, encoder
from training.reader_train import MAX_QUESTION_TOKENS, MAX_TOKENS

MODELS = Path(__file__).parents[1] / "assistant" / "answering" / "models"
HEADS = ("relevance.head", "span.head")
_UNCALIBRATED = {"threshold": 0.5, "bias": 0.0, "weights": {"both": 1.0}}


def reader_graph(weights: dict[str, Any], path: Path) -> None:
    """Write the fp32 graph: relevance [batch], start and end [batch, length]."""
    graph = Graph()
    state = encoder(graph, token_types=True)
    graph.constant("span.split", np.array([1, 1], np.int64))
    graph.constant("axis.last", np.array([-1], np.int64))
    graph.add("Gather", [state, "zero"], "first", axis=1)
    heads = ["relevance.weight", "relevance.bias"]
    graph.add("Gemm", ["first", *heads], "relevance.2d", transB=1, name=HEADS[0])
    graph.add("Squeeze", ["relevance.2d", "axis.last"], "relevance")
    graph.constant("batch.length.2", np.array([2], np.int64))
    graph.add("Concat", ["shape", "batch.length.2"], "span.unflat", axis=0)
    graph.add("Reshape", [state, "flat"], "state.flat")
    heads = ["span.weight", "span.bias"]
    graph.add("Gemm", ["state.flat", *heads], "span.flat", transB=1, name=HEADS[1])
    graph.add("Reshape", ["span.flat", "span.unflat"], "spans")
    graph.nodes.append(
        helper.make_node("Split", ["spans", "span.split"], ["start.3d", "end.3d"], axis=-1)
    )
    for name in ("start", "end"):
        graph.add("Squeeze", [f"{name}.3d", "axis.last"], name)
    used = {name for node in graph.nodes for name in node.input}
    tensors = [
        numpy_helper.from_array(value.float().numpy(), name)
        for key, value in weights.items()
        if (name := key.removeprefix("encoder.") if key.startswith("encoder.e") else key) in used
    ]
    missing = used - {t.name for t in (*tensors, *graph.constants)}
    missing -= {output for node in graph.nodes for output in node.output}
    missing -= {"", "input_ids", "attention_mask", "token_type_ids"}
    if missing:
        raise SystemExit(f"The checkpoint lacks {sorted(missing)}")
    constants = [constant for constant in graph.constants if constant.name in used]
    text = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"])
        for name in ("input_ids", "attention_mask", "token_type_ids")
    ]
    outputs = [helper.make_tensor_value_info("relevance", TensorProto.FLOAT, ["batch"])] + [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", "length"])
        for name in ("start", "end")
    ]
    model = helper.make_model(
        helper.make_graph(graph.nodes, "reader", text, outputs, constants + tensors),
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)],
        ir_version=10,
    )
    save(model, path)


def quantize(plain: Path, small: Path) -> None:
    """Layers to 8 bits per channel, embeddings to half precision; the heads stay as they are.

    Signed weights are read in four fifths of the time of unsigned ones with VNNI; for processors
    without it, where ONNX Runtime's sums overflow, the reader asks for exact kernels
    (docs/decisions.md). A vector is looked up, not multiplied, so half precision costs no time.
    """
    quantize_dynamic(
        plain,
        small,
        op_types_to_quantize=["MatMul", "Gemm"],
        nodes_to_exclude=list(HEADS),
        per_channel=True,
        weight_type=QuantType.QInt8,
        extra_options={"DefaultTensorType": TensorProto.FLOAT},
    )
    model = load(small)
    tensors = {tensor.name: tensor for tensor in model.graph.initializer}
    nodes = []
    for node in model.graph.node:
        nodes.append(node)
        table = tensors.get(node.input[0]) if node.op_type == "Gather" else None
        if table is not None and table.name.startswith("embeddings."):
            halved = numpy_helper.to_array(table).astype(np.float16)
            table.CopyFrom(numpy_helper.from_array(halved, table.name))
            output = node.output[0]
            node.output[0] = f"{output}.half"
            nodes.append(helper.make_node("Cast", [node.output[0]], [output], to=TensorProto.FLOAT))
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    save(model, small)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, default=Path("runs/reader/checkpoint.pt"))
    parser.add_argument("--output", type=Path, default=MODELS)
    parser.add_argument("--fp32", action="store_true", help="skip the quantisation, to measure it")
    chosen = parser.parse_args()
    weights = torch.load(chosen.checkpoint, weights_only=True)["model"]
    chosen.output.mkdir(parents=True, exist_ok=True)
    target = chosen.output / "reader.onnx"
    with tempfile.TemporaryDirectory(dir=chosen.output) as scratch:
        plain, small = Path(scratch) / "fp32.onnx", Path(scratch) / "int8.onnx"
        reader_graph(weights, plain)
        if chosen.fp32:
            small = plain
        else:
            quantize(plain, small)
        small.replace(target)
    described = chosen.output / "reader.json"
    known = json.loads(described.read_text()) if described.exists() else {}
    config = known | {
        "max_tokens": MAX_TOKENS,
        "max_question_tokens": MAX_QUESTION_TOKENS,
        "hidden": HIDDEN,
        "answerability": known.get("answerability", _UNCALIBRATED),
        "sha256": hashlib.sha256(target.read_bytes()).hexdigest(),
    }
    described.write_text(json.dumps(config, indent=2) + "\n")


if __name__ == "__main__":
    main()
