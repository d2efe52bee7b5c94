#!/usr/bin/env bash
# One would guess: an LSTM that onnxruntime quantised dynamically says the same of a sequence whatever else is in its
# batch, as the LSTM in float does; a scale belongs to a row.
# What happens: DynamicQuantizeLSTM takes one scale for all activations of a batch at once. A neighbour with larger inputs
# makes the steps of that scale coarser. Beside one whose inputs are twenty times as large, the states of a sequence change by
# 0.2, eight times what quantising it alone costs. In float they are those of the sequence by itself. Who
# predicts record by record and in batches gets two answers.
# Version: onnxruntime 1.23.2, onnx 1.19.1 (PyPI). Source: onnxruntime/contrib_ops/cpu/quantization/dynamic_quantize_lstm.cc;
# run below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv v
v/bin/pip install -q onnxruntime==1.23.2 onnx==1.19.1 numpy==2.2.6 sympy >pip.log 2>&1
v/bin/python - <<'CODE'
import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

rng = np.random.default_rng(1)
steps, inputs, hidden = 20, 16, 32
weights = {"W": rng.normal(0, 0.3, (1, 4 * hidden, inputs)), "R": rng.normal(0, 0.3, (1, 4 * hidden, hidden)),
           "B": np.zeros((1, 8 * hidden))}
graph = helper.make_graph(
    [helper.make_node("LSTM", ["x", "W", "R", "B"], ["y", "", ""], hidden_size=hidden)], "g",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, [steps, "batch", inputs])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, [steps, 1, "batch", hidden])],
    [numpy_helper.from_array(w.astype(np.float32), name) for name, w in weights.items()])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnx.save(model, "float.onnx")
quantize_dynamic("float.onnx", "int8.onnx", weight_type=QuantType.QInt8, op_types_to_quantize=["LSTM"])
operators = [node.op_type for node in onnx.load("int8.onnx").graph.node]

one = rng.normal(0, 1, (steps, 1, inputs)).astype(np.float32)
neighbour = 20 * rng.normal(0, 1, (steps, 1, inputs)).astype(np.float32)
both = np.concatenate([one, neighbour], axis=1)

def states(file, x):
    return ort.InferenceSession(file, providers=["CPUExecutionProvider"]).run(None, {"x": x})[0][:, 0, 0]

exact = states("float.onnx", one)
of_float = np.abs(exact - states("float.onnx", both)).max()
alone, beside = states("int8.onnx", one), states("int8.onnx", both)
print("onnxruntime", ort.__version__, operators)
print(f"float, alone and in a batch of two: {of_float:.1e}")
print(f"int8 and float, alone: {np.abs(alone - exact).max():.1e}")
print(f"int8, alone and in a batch of two: {np.abs(alone - beside).max():.1e}")
assert "DynamicQuantizeLSTM" in operators, "changed"
assert of_float < 1e-6, "changed"
assert np.abs(alone - beside).max() > 1e-3, "changed"
print("as described: in int8 a sequence's states depend on its batch")
CODE
