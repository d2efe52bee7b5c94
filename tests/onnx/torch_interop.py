"""LSTM and GRU classifiers that PyTorch's exporters write give the same answers in ours.

    python torch_interop.py PROGRAM [BATCHES [--dynamo] [--optional]]    (PROGRAM: built from interop/main.cpp)

Tries the TorchScript exporter and with --dynamo the newer one too, which needs onnxscript and minutes. Exit code 77, which
ctest counts as skipped, or with --optional 0, where Python has no torch, no numpy or no onnx.
"""

import json
import os
import subprocess
import sys
import tempfile
import warnings

try:
    import numpy as np
    import torch
    from torch import nn
    if not torch.__version__.startswith("1."):
        import onnx  # noqa: F401, which its exporter needs
except (ImportError, OSError, ValueError) as missing:
    print(f"skipped: {missing}; pip install numpy torch onnx onnxscript")
    sys.exit(0 if "--optional" in sys.argv else 77)

TOLERANCE = 1e-5
VOCABULARY = 7


class Classifier(nn.Module):
    def __init__(self, kind, layers, both, answer):
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, 4)
        self.rnn = getattr(nn, kind)(4, 5, layers, bidirectional=both, batch_first=True)
        width = 10 if both else 5
        self.head = nn.Sequential(nn.BatchNorm1d(width) if answer not in ("all",) else nn.Identity(), nn.Linear(width, 6),
                                  nn.ReLU(), nn.Dropout(0.5), nn.Linear(6, 3))
        self.both, self.answer = both, answer
        for parameter in self.parameters():
            nn.init.normal_(parameter, std=0.5)

    def forward(self, ids):
        y, h = self.rnn(self.embedding(ids))
        h = h[0] if isinstance(h, tuple) else h
        if self.answer == "final":
            pooled = torch.cat([h[-2], h[-1]], 1) if self.both else h[-1]
        elif self.answer == "step":
            pooled = y[:, -1]
        elif self.answer == "mean":
            pooled = y.mean(1)
        elif self.answer == "max":
            pooled = y.amax(1)
        else:
            return torch.softmax(self.head(y), -1)
        return self.head(pooled)


CASES = [("LSTM", 1, False, "final"), ("LSTM", 2, True, "final"), ("LSTM", 1, True, "step"), ("LSTM", 2, False, "mean"),
         ("LSTM", 1, True, "max"), ("LSTM", 1, True, "all"), ("GRU", 2, True, "final"), ("GRU", 1, False, "step"),
         ("RNN", 1, True, "mean")]


def export(net, path, dynamo):
    ids = torch.zeros(2, 6, dtype=torch.int64)
    axes = {"ids": {0: "batch", 1: "time"}}
    if not dynamo:
        extra = {} if torch.__version__.startswith("1.") else {"dynamo": False}
        torch.onnx.export(net, (ids,), path, input_names=["ids"], output_names=["out"], dynamic_axes=axes, **extra)
        return
    shapes = {"ids": {0: torch.export.Dim("batch"), 1: torch.export.Dim("time")}}
    torch.onnx.export(net, (ids,), path, input_names=["ids"], dynamic_shapes=shapes, dynamo=True, external_data=False,
                      verbose=False)


def write_tensors(path, tensors):
    header, data = {}, b""
    for name, values in tensors.items():
        raw = np.ascontiguousarray(values).tobytes()
        header[name] = {"dtype": "I64", "shape": list(values.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + data)


def read_tensors(path):
    with open(path, "rb") as file:
        data = file.read()
    begin = 8 + int.from_bytes(data[:8], "little")
    return {name: np.frombuffer(data[begin + e["data_offsets"][0]:begin + e["data_offsets"][1]],
                                np.float32).reshape(e["shape"])
            for name, e in json.loads(data[8:begin]).items()}


def worst_difference(program, net, path, batches, random):
    tensors = {}
    for k in range(batches):
        lengths = random.integers(1, 12, 4)
        tensors[f"ids.{k}"] = random.integers(0, VOCABULARY, (4, lengths.max()))
        tensors[f"lengths.{k}"] = lengths
    write_tensors(path + ".batches", tensors)
    subprocess.run([program, "read", path, path + ".batches", path + ".out"], check=True)
    found, worst = read_tensors(path + ".out"), 0.0
    for k in range(batches):
        for i, length in enumerate(tensors[f"lengths.{k}"]):
            with torch.no_grad():
                expected = net(torch.from_numpy(tensors[f"ids.{k}"][i:i + 1, :length]))[0].numpy()
            ours = found[f"output.{k}"][i]
            worst = np.maximum(worst, abs((ours if expected.ndim == 1 else ours[:length]) - expected).max())
    return worst


def main():
    program, batches = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20
    warnings.filterwarnings("ignore")
    print(f"torch {torch.__version__}, numpy {np.__version__}")
    failed, tried = [], 0
    with tempfile.TemporaryDirectory() as folder:
        for dynamo in (False, True):
            if dynamo and "--dynamo" not in sys.argv:
                continue
            for kind, layers, both, answer in CASES:
                name = f"{kind}_{layers}_{'both' if both else 'forward'}_{answer}_{'dynamo' if dynamo else 'script'}"
                torch.manual_seed(tried)
                net = Classifier(kind, layers, both, answer).eval()
                path = os.path.join(folder, name + ".onnx")
                try:
                    export(net, path, dynamo)
                except Exception as error:  # torch.export 2.9 gives final states of two directions a wrong shape
                    if not dynamo:
                        raise
                    print(f"{name:32} is not exported: {type(error).__name__}")
                    continue
                tried += 1
                try:
                    worst = worst_difference(program, net, path, batches, np.random.default_rng(tried))
                except subprocess.CalledProcessError:
                    worst = float("inf")
                print(f"{name:32} largest difference {worst:.2e}")
                if not worst <= TOLERANCE:
                    failed.append(name)
    print(f"{tried} networks, {tried * batches} batches")
    if failed or not tried:
        sys.exit(f"not within {TOLERANCE}: {failed}")


main()
