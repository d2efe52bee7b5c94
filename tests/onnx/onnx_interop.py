"""Files of save_onnx() are right by onnx.checker, and ONNX Runtime gives our numbers on ragged batches.

    python onnx_interop.py PROGRAM [BATCHES]    (PROGRAM: built from interop/main.cpp)

Exit code 77, which ctest counts as skipped, where Python has no onnx, onnxruntime or numpy. To run it:

    python3 -m venv venv && venv/bin/pip install numpy onnx onnxruntime && venv/bin/python onnx_interop.py PROGRAM
"""

import json
import os
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import onnx
    import onnxruntime
except ImportError as missing:
    print(f"skipped: {missing}; pip install numpy onnx onnxruntime")
    sys.exit(77)

TOLERANCE = 1e-5


def read_tensors(path):
    """The tensors of a safetensors file by name."""
    with open(path, "rb") as file:
        data = file.read()
    begin = 8 + int.from_bytes(data[:8], "little")
    types = {"F32": np.float32, "I64": np.int64}
    header = json.loads(data[8:begin])
    return {
        name: np.frombuffer(data[begin + entry["data_offsets"][0] : begin + entry["data_offsets"][1]],
                            types[entry["dtype"]]).reshape(entry["shape"])
        for name, entry in header.items()
        if name != "__metadata__"
    }


def largest(found, expected):
    """The largest difference, of numbers above 1 relative to them."""
    return (abs(found - expected) / np.maximum(1, abs(expected))).max(initial=0)


def distance(found, expected, name):
    """That of two outputs; those by position may have steps beyond ours, all 0."""
    if found.ndim >= 2 and expected.ndim == 3:
        if found.ndim == 2:
            found = found[:, :, None]
        time = min(found.shape[1], expected.shape[1])
        rest = [abs(part[:, time:]).max(initial=0) for part in (found, expected)]
        return np.max([largest(found[:, :time], expected[:, :time]), *rest])  # NaN stays NaN, which max() may drop
    if found.shape != expected.shape:
        sys.exit(f"{name}: shape {found.shape}, expected {expected.shape}")
    return largest(found, expected)


def check_model(path, batches):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    tensors = read_tensors(path.replace(".onnx", ".safetensors"))
    inputs = [value.name for value in session.get_inputs()]
    outputs = [value.name for value in session.get_outputs()]
    worst = 0.0
    for k in range(batches):
        given = {name: tensors[f"{name}.{k}"] for name in inputs}
        for name, found in zip(outputs, session.run(outputs, given)):
            worst = np.maximum(worst, distance(found, tensors[f"{name}.{k}"], f"{path}: {name}"))
    return worst


def main():
    program, batches = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 100
    print(f"onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}, numpy {np.__version__}")
    failed, models = [], 0
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([program, "write", folder, str(batches)], check=True)
        for file in sorted(os.listdir(folder)):
            if file.endswith(".onnx"):
                models += 1
                try:
                    worst = check_model(os.path.join(folder, file), batches)
                except Exception as error:  # whatever they throw is a failure of the file
                    print(f"{file}: {error}")
                    worst = float("inf")
                print(f"{file[:-5]:26} largest difference {worst:.2e}")
                if not worst <= TOLERANCE:
                    failed.append(file)
    print(f"{models} models, {models * batches} batches")
    if failed or models < 6:
        sys.exit(f"not within {TOLERANCE}: {failed}")


main()
