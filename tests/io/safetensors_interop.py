"""Files of ours are read by Python's safetensors package, and its files by us.

    python safetensors_interop.py PROGRAM    (PROGRAM: built from interop/main.cpp)

Exit code 77, which ctest counts as skipped, where Python has no safetensors or no numpy. To run it:

    python3 -m venv venv && venv/bin/pip install numpy safetensors && venv/bin/python safetensors_interop.py PROGRAM
"""

import os
import subprocess
import sys
import tempfile

try:
    import numpy as np
    from safetensors import safe_open
    from safetensors.numpy import load_file, save_file
except ImportError as missing:
    print(f"skipped: {missing}; pip install numpy safetensors")
    sys.exit(77)

RAMP = (np.arange(12, dtype=np.float32) * 0.25 - 1).reshape(3, 4)


def check(what, condition):
    if not condition:
        sys.exit(f"not as expected: {what}")


def check_ours(path):
    expected = {
        "flags": np.array([0, 1, 255], np.uint8),
        "lstm.weight_ih_l0": RAMP,
        "exact": np.array([[0.1], [-np.inf]], np.float64),
        "num_batches_tracked": np.array(1 << 40, np.int64),
        "empty": np.zeros((0, 5), np.float32),
    }
    tensors = load_file(path)
    check("names of our file", sorted(tensors) == sorted(expected))
    for name, value in expected.items():
        same = tensors[name].dtype == value.dtype and tensors[name].shape == value.shape
        check(f"tensor '{name}' of our file", same and np.array_equal(tensors[name], value))
    with safe_open(path, framework="np") as file:
        check("metadata of our file", file.metadata() == {"writer": "seqlstm", "text": 'café "quoted"'})


def save_theirs(path):
    tensors = {
        "f32": RAMP,
        "f64": np.array([0.1, -3]),
        "f16": np.array([1.5, -0.25, 65504], np.float16),
        "i64": np.array(-5, np.int64),
        "i32": np.array([-1, 7], np.int32),
        "u8": np.array([[1, 2, 3]], np.uint8),
        "bool": np.array([True, False]),
    }
    save_file(tensors, path, metadata={"writer": "python"})


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        ours = os.path.join(folder, "ours.safetensors")
        theirs = os.path.join(folder, "theirs.safetensors")
        subprocess.run([program, "write", ours], check=True)
        check_ours(ours)
        save_theirs(theirs)
        subprocess.run([program, "read", theirs], check=True)
    print("files cross both ways")


main()
