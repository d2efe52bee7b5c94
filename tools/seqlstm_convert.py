#!/usr/bin/env python3
"""Converts models of Keras 3, PyTorch, fastai and Flax into a safetensors file that io::load of seqlstm reads.

    python seqlstm_convert.py model.keras model.safetensors
    python seqlstm_convert.py model.weights.h5 model.safetensors --config model.json
    python seqlstm_convert.py encoder.pth encoder.safetensors                       # fastai's save_encoder, save
    python seqlstm_convert.py net.pt net.safetensors --layers "embedding=emb lstm=rnn last dense=fc"
    python seqlstm_convert.py net.msgpack net.safetensors --layers "embedding=Embed_0 lstm=cell dense=Dense_0"

The file has PyTorch's names, weights in float32, and the architecture in its metadata; --json writes it as a
file too. A state dict of PyTorch says nothing of poolings and activations, and one of Flax neither: --layers
names them, each TYPE, TYPE=PREFIX or TYPE=PREFIX:option=value,... in the order in which they run. PREFIX is what
the layer's tensors begin with; two prefixes, FORWARD+BACKWARD, are the cells of a bidirectional layer of Flax.
Without --layers a state dict keeps its names and has no architecture: io::load(model, path) fills a model of
your own.

It needs numpy, and of the source only what reads its files: h5py (Keras), torch (PyTorch, fastai), msgpack
(Flax). Weights are read as data; no code of a file is run.
"""

import argparse
import io
import json
import os
import re
import struct
import sys
import zipfile
import zlib

try:
    import numpy as np
except ImportError:
    sys.exit("seqlstm_convert: this needs numpy; pip install numpy")


class ConvertError(Exception):
    """One sentence: what was found, what was expected."""


def needed(module, what):
    """A module that reads the source's format, or a sentence that says how to get it."""
    try:
        return __import__(module)
    except ImportError as error:
        raise ConvertError(f"reading {what} needs {module} ({error}); pip install {module}") from error


def shape_of(array):
    return "[" + ", ".join(str(n) for n in array.shape) + "]"


# ---- what is written


class Chain:
    """Layers of ours with their tensors, as they are found from the first to the last."""

    def __init__(self):
        self.vocabulary = self.channels = 0
        self.layers, self.tensors, self.notes = [], {}, []

    def add(self, kind, tensors=None, **options):
        """A layer; its tensors by PyTorch's names."""
        for name, value in (tensors or {}).items():
            self.tensors[f"{len(self.layers)}.{name}"] = value
        self.layers.append({"type": kind, **options})

    def note(self, text):
        if text not in self.notes:
            self.notes.append(text)

    def read_channels(self, count, mean=None, stddev=None):
        self.channels = count
        self.add("channels", {"scaler.mean": np.zeros(count) if mean is None else mean,
                              "scaler.stddev": np.ones(count) if stddev is None else stddev})

    def architecture(self, made_from):
        sizes = {"vocabulary": self.vocabulary, "channels": self.channels}
        return {**{k: n for k, n in sizes.items() if n}, "layers": self.layers, "made_from": made_from}


def write_safetensors(path, tensors, metadata):
    """Writes a temporary file and renames it, so that a kill leaves the old file or the new one."""
    header, blocks, offset = {"__metadata__": metadata}, [], 0
    for name, value in sorted(tensors.items(), key=lambda item: -item[1].dtype.itemsize):
        block = np.ascontiguousarray(value).tobytes()
        header[name] = {"dtype": "I64" if value.dtype == np.int64 else "F32", "shape": list(value.shape),
                        "data_offsets": [offset, offset + len(block)]}
        blocks.append(block)
        offset += len(block)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    write_file(path, b"".join([struct.pack("<Q", len(text)), text, *blocks]))


def write_file(path, data):
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        if os.path.exists(temporary):
            os.remove(temporary)
        raise ConvertError(f"cannot write '{path}': {error.strerror}") from error


def stored(tensors):
    """Arrays as they are written: floats as float32, counts as int64; none of them NaN or infinite."""
    result = {}
    for name, value in tensors.items():
        value = np.asarray(value)
        if name.endswith("num_batches_tracked"):
            result[name] = value.astype(np.int64).reshape(())
            continue
        if value.dtype.kind not in "fiu":
            raise ConvertError(f"tensor '{name}' has type {value.dtype}, expected numbers")
        result[name] = value.astype(np.float32)
        if not np.all(np.isfinite(result[name])):
            raise ConvertError(f"tensor '{name}' holds NaN or infinity, expected finite numbers: the training "
                               "that was saved had diverged, or a number is beyond float32")
    return result


# ---- recurrent layers: gates in PyTorch's order, one row per gate and unit


def gates(columns, order):
    """Blocks of columns in another order, as rows: [I, n H] to [n H, I]."""
    blocks = np.split(columns, len(order), axis=-1)
    return np.concatenate([blocks[place] for place in order], axis=-1).T


class Reader:
    """Tensors by name, each of which must be used and have the expected shape."""

    def __init__(self, tensors, path):
        self.tensors, self.path, self.used = tensors, path, set()

    def find(self, *names):
        """The first that is there, or None."""
        for name in names:
            if name in self.tensors:
                self.used.add(name)
                return np.asarray(self.tensors[name])
        return None

    def get(self, name, *shape, optional=False):
        """The tensor; None in `shape` is any size."""
        value = self.find(name)
        expected = "[" + ", ".join("any" if n is None else str(n) for n in shape) + "]"
        if value is None:
            if optional:
                return None
            raise ConvertError(f"{self.path}: tensor '{name}' is missing, expected one of shape {expected}"
                               + self.advice(name))
        if len(value.shape) != len(shape) or any(n not in (None, m) for n, m in zip(shape, value.shape)):
            raise ConvertError(f"{self.path}: tensor '{name}' has shape {shape_of(value)}, expected {expected}")
        return value

    def advice(self, name):
        """What there is beside it, for a prefix that is misspelt."""
        near = [n for n in self.tensors if n.split(".")[0] == name.split(".")[0]] or list(self.tensors)
        return "; there are " + ", ".join(f"'{n}'" for n in near[:6]) + (", ..." if len(near) > 6 else "")

    def check_all_used(self):
        left = [n for n in self.tensors if n not in self.used and not n.endswith("num_batches_tracked")]
        if left:
            raise ConvertError(f"{self.path}: no layer takes tensor '{left[0]}'"
                               + (f" and {len(left) - 1} more" if len(left) > 1 else "")
                               + "; name its layer in --layers, or leave it out with --partial")


# ---- Keras: a config that says what the layers are, and HDF5 groups numbered by class

KERAS_ACTIVATIONS = {"linear": None, "relu": "relu", "sigmoid": "sigmoid", "tanh": "tanh", "softmax": "softmax"}
KERAS_MERGES = {"concat": None, "sum": "sum", "ave": "mean", "mul": "product"}
KERAS_GATES = {"LSTM": (4, [0, 1, 2, 3]), "GRU": (3, [1, 0, 2]), "SimpleRNN": (1, [0])}  # theirs: i f c o, z r h
KERAS_NAMES = {"LSTM": "lstm", "GRU": "gru", "SimpleRNN": "rnn"}
KERAS_MASK_BLIND = ("Conv1D", "MaxPooling1D", "AveragePooling1D", "GlobalMaxPooling1D", "Sequential")


def snake_case(name):
    """As Keras names the groups of a class."""
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", name))
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


class KerasModel:
    def __init__(self, path, config, weights):
        self.path, self.config, self.weights, self.chain = path, config, weights, Chain()
        self.masked = False
        self.columns = 2  # their axis: [batch, steps, columns], until the steps are pooled

    def convert(self):
        self.model(self.config, "")
        if not self.chain.layers:
            raise ConvertError(f"{self.path}: the model has no layers")
        return self.chain

    # -- the graph, which must be a chain

    def model(self, config, base):
        kind = config.get("class_name")
        if kind not in ("Sequential", "Functional"):
            raise ConvertError(f"{self.path}: the model is a {kind}, expected a Sequential or Functional one, "
                               "whose config names its layers")
        layers = config["config"]["layers"]
        groups, counts = {}, {}
        for layer in layers:
            if layer.get("module", "").startswith("keras.src.ops"):
                continue  # an operation without weights
            name = snake_case(layer["class_name"])
            count = counts.get(name, 0)
            counts[name] = count + 1
            groups[layer["config"]["name"]] = f"{base}layers/{name}" + (f"_{count}" if count else "")
        for layer in layers if kind == "Sequential" else self.path_of(config["config"]):
            if isinstance(layer, list):
                for each in layer:
                    self.begin(each)
                    self.expect(each["config"], **KERAS_POOLING_OPTIONS)
                self.poolings([each["class_name"] for each in layer])
            else:
                self.layer(layer, groups[layer["config"]["name"]])

    def path_of(self, config):
        """The layers of a functional model from input to output; poolings side by side are a list."""
        by_name = {layer["name"]: layer for layer in config["layers"]}
        heads = [config["input_layers"], config["output_layers"]]
        for what, head in zip(("inputs", "outputs"), heads):
            if not isinstance(head[0], str) and len(head) > 1:
                raise ConvertError(f"{self.path}: the model has {len(head)} {what}, expected one")
        name = heads[1][0] if isinstance(heads[1][0], str) else heads[1][0][0]
        found, seen = [], set()
        while True:
            if name in seen:
                raise ConvertError(f"{self.path}: layer '{name}' reads what it answers, expected a chain without a loop")
            seen.add(name)
            layer = by_name[name]
            sources = self.sources(layer)
            if layer["class_name"] == "Concatenate":
                parts = [by_name[s] for s in sources]
                before = {s for part in parts for s in self.sources(part)}
                blind = [p for p in parts
                         if p["class_name"] not in KERAS_POOLINGS or p["config"].get("keepdims")]
                if blind or len(before) != 1 or layer["config"].get("axis", -1) not in (-1, 1):
                    raise ConvertError(f"{self.path}: layer '{name}' (Concatenate) joins "
                                       + ", ".join(p["class_name"] for p in parts)
                                       + ", expected poolings over time of one layer: branches are not a chain")
                found.append(parts)
                name = before.pop()
                continue
            found.append(layer)
            if not sources:
                return found[::-1]
            if len(sources) > 1:
                raise ConvertError(f"{self.path}: layer '{name}' ({layer['class_name']}) joins {len(sources)} "
                                   "layers, expected a chain in which each reads one")
            name = sources[0]

    def sources(self, layer):
        """Which layers it reads, masks apart."""
        nodes = layer.get("inbound_nodes", [])
        if len(nodes) > 1:
            raise ConvertError(f"{self.path}: layer '{layer['name']}' ({layer['class_name']}) runs "
                               f"{len(nodes)} times, expected once: shared layers are not a chain")
        tensors = []

        def collect(value):
            if isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
                tensors.append(value["config"]["keras_history"][0])
            elif isinstance(value, (list, tuple)):
                for item in value:
                    collect(item)

        for node in nodes:
            collect(node["args"])
        return tensors

    # -- layers

    def begin(self, layer):
        """Names the layer in errors, and notes what it does otherwise in Keras."""
        kind, config = layer["class_name"], layer["config"]
        self.name = f"{self.path}: layer '{config.get('name', kind)}' ({kind})"
        policy = config.get("dtype")
        if isinstance(policy, dict) and policy.get("config", {}).get("name", "float32") not in ("float32", "float64"):
            self.chain.note(f"layer '{config['name']}' computes in {policy['config']['name']} there, in float32 here")
        if self.masked and kind in KERAS_MASK_BLIND:
            self.chain.note(f"layer '{config['name']}' ({kind}) does not know of masks in Keras and reads padding; "
                            "here it reads each sequence alone, as Keras does without padding")

    def layer(self, layer, group):
        kind, config = layer["class_name"], layer["config"]
        self.begin(layer)
        if kind in ("Sequential", "Functional"):
            return self.model(layer, group + "/")
        convert = getattr(self, "keras_" + snake_case(kind), None)
        if convert is None or kind.startswith("_"):
            raise self.refuse("has no counterpart in seqlstm")
        return convert(config, group)

    def refuse(self, why):
        return ConvertError(f"{self.name} {why}")

    def expect(self, config, **values):
        """Refuses options whose other values we do not have."""
        for key, (given, *others) in ((k, v if isinstance(v, tuple) else (v,)) for k, v in values.items()):
            value = config.get(key, given)
            if value != given and value not in others:
                raise self.refuse(f"has {key} = {value!r}, expected {given!r}")

    def variable(self, group, number, what, *shape):
        place = f"{group}/vars/{number}"
        node = self.stored_here(place)
        expected = "[" + ", ".join("any" if n is None else str(n) for n in shape) + "]"
        if node is None or getattr(node, "shape", None) is None:
            raise ConvertError(f"{self.name} has no {what}: '{place}' is missing, expected shape {expected}")
        if len(node.shape) != len(shape) or any(n not in (None, m) for n, m in zip(shape, node.shape)):
            raise ConvertError(f"{self.name} has a {what} ('{place}') of shape {shape_of(node)}, expected {expected}")
        return np.asarray(node[()])

    def stored_here(self, place):
        """What stands at the place of an HDF5 file, or None; never what another file or place holds."""
        node = self.weights
        for name in place.split("/"):
            link = node.get(name, getlink=True) if hasattr(node, "keys") else None
            if link is None:
                return None
            if type(link).__name__ != "HardLink":
                raise ConvertError(f"{self.name} has a link ({type(link).__name__}) at '{place}', expected the numbers "
                                   "themselves, as Keras writes them")
            node = node[name]
        if getattr(node, "external", None) or getattr(node, "is_virtual", False):
            raise ConvertError(f"{self.name} keeps '{place}' in another file, expected the numbers themselves, as "
                               "Keras writes them")
        return node

    def activation(self, name):
        if isinstance(name, dict):
            name = name.get("config", {}) if isinstance(name.get("config"), str) else name.get("class_name")
        if name not in KERAS_ACTIVATIONS:
            raise self.refuse(f"has the activation {name!r}, expected one of {', '.join(KERAS_ACTIVATIONS)}")
        if KERAS_ACTIVATIONS[name]:
            self.chain.add(KERAS_ACTIVATIONS[name])

    def first(self):
        """Channels, where a chain of rows of numbers begins with another layer than Normalization."""
        if not self.chain.layers:
            if not getattr(self, "inputs", None):
                raise self.refuse("reads numbers of an unknown number of channels; give the model an Input")
            self.chain.read_channels(self.inputs)

    def keras_input_layer(self, config, group):
        shape = config.get("batch_shape") or config.get("batch_input_shape") or []
        if len(shape) == 3:
            if not shape[2]:
                raise self.refuse(f"has shape {shape}, expected a known number of channels")
            self.inputs = shape[2]
        elif len(shape) != 2:
            raise self.refuse(f"has shape {shape}, expected [batch, steps] or [batch, steps, channels]")

    def keras_normalization(self, config, group):
        if self.chain.layers or not getattr(self, "inputs", None):
            raise self.refuse("does not stand first, where channels are read")
        self.expect(config, invert=False)
        axis = config.get("axis", -1)
        if axis not in (-1, 2, [-1], [2], (-1,), (2,)):
            raise self.refuse(f"has axis = {axis!r}, expected -1: a mean for each channel")
        if config.get("mean") is not None:
            mean, variance = (np.broadcast_to(np.asarray(config[k], float).reshape(-1), (self.inputs,))
                              for k in ("mean", "variance"))
        else:
            mean = self.variable(group, 0, "mean", self.inputs)
            variance = self.variable(group, 1, "variance", self.inputs)
        self.chain.read_channels(self.inputs, mean, np.maximum(np.sqrt(variance), 1e-7))

    def keras_masking(self, config, group):
        self.masked = True
        self.chain.note(f"steps whose numbers all are {config.get('mask_value', 0)} are masked in Keras; leave them "
                        "out of sequences here")

    def keras_embedding(self, config, group):
        if self.chain.layers:
            raise self.refuse("is not the first layer")
        if config.get("lora_rank") or config.get("quantization_mode"):
            raise self.refuse("has LoRA or quantised weights, expected plain ones")
        vectors = self.variable(group, 0, "table", config["input_dim"], config["output_dim"])
        self.chain.vocabulary = config["input_dim"]
        self.chain.add("embedding", {"weight": vectors}, dim=config["output_dim"])
        if config.get("mask_zero"):
            self.masked = True
            self.chain.note("token 0 is masked in Keras; leave it out of sequences here")

    def keras_lstm(self, config, group):
        self.recurrent("LSTM", config, group)

    def keras_gru(self, config, group):
        self.recurrent("GRU", config, group)

    def keras_simple_rnn(self, config, group):
        self.recurrent("SimpleRNN", config, group)

    def recurrent(self, kind, config, group):
        self.check_recurrent(config)
        self.first()
        if config.get("go_backwards"):
            self.chain.add("reversed")
        self.chain.add(KERAS_NAMES[kind], self.cell(kind, config, group, ""), **self.cell_options(kind, config))
        if not config.get("return_sequences"):
            self.last()

    def last(self):
        self.chain.add("last")
        self.columns = 1

    def check_recurrent(self, config):
        self.expect(config, stateful=False, return_state=False, activation="tanh", time_major=False)
        self.expect(config, recurrent_activation="sigmoid")
        for key in ("dropout", "recurrent_dropout"):
            if config.get(key):
                self.chain.note(f"layer '{config['name']}': {key} = {config[key]}, of training alone, is left out")

    @staticmethod
    def cell_options(kind, config):
        options = {"hidden": config["units"]}
        if kind == "GRU":
            options["reset_after"] = config.get("reset_after", True)
        return options

    def cell(self, kind, config, group, suffix):
        """kernel [I, n H], recurrent kernel [H, n H], and one bias [n H] or two [2, n H]."""
        count, order = KERAS_GATES[kind]
        hidden, rows = config["units"], count * config["units"]
        kernel = self.variable(f"{group}/cell", 0, "kernel", None, rows)
        recurrent = self.variable(f"{group}/cell", 1, "recurrent kernel", hidden, rows)
        biases = np.zeros((2, rows))
        if config.get("use_bias", True):
            two = kind == "GRU" and config.get("reset_after", True)
            bias = self.variable(f"{group}/cell", 2, "bias", *((2, rows) if two else (rows,)))
            biases[: 2 if two else 1] = bias
        return {f"weight_ih_l0{suffix}": gates(kernel, order), f"weight_hh_l0{suffix}": gates(recurrent, order),
                f"bias_ih_l0{suffix}": gates(biases[0], order), f"bias_hh_l0{suffix}": gates(biases[1], order)}

    def keras_bidirectional(self, config, group):
        forward, backward = config["layer"], config.get("backward_layer") or config["layer"]
        kind, options, behind = forward["class_name"], forward["config"], backward["config"]
        if kind not in KERAS_GATES or backward["class_name"] != kind:
            raise self.refuse(f"runs {kind} and {backward['class_name']}, expected twice LSTM, GRU or SimpleRNN")
        mode = config.get("merge_mode")
        if mode not in KERAS_MERGES:
            raise self.refuse(f"has merge_mode = {mode!r}, expected one of {', '.join(KERAS_MERGES)}")
        for each in (options, behind):
            self.check_recurrent(each)
        same = ("units", "return_sequences", "reset_after")
        if any(options.get(k) != behind.get(k) for k in same) or options.get("go_backwards"):
            raise self.refuse("has directions that differ in more than their weights")
        self.first()
        tensors = self.cell(kind, options, f"{group}/forward_layer", "")
        tensors.update(self.cell(kind, behind, f"{group}/backward_layer", "_reverse"))
        self.chain.add(KERAS_NAMES[kind], tensors, bidirectional=True, **self.cell_options(kind, options))
        if not options.get("return_sequences"):
            self.last()
        if KERAS_MERGES[mode]:
            self.chain.add("merge_directions", mode=KERAS_MERGES[mode])

    def keras_time_distributed(self, config, group):
        inner = config["layer"]
        if inner["class_name"] not in ("Dense", "BatchNormalization", "LayerNormalization", "Activation", "Dropout"):
            raise self.refuse(f"holds {inner['class_name']}, expected a layer of each step alone, as Dense")
        outer, self.columns = self.columns, 1  # it sees [batch, columns]
        self.layer(inner, f"{group}/layer")
        self.columns = outer

    def keras_dense(self, config, group):
        self.first()
        if config.get("lora_rank") or config.get("quantization_mode"):
            raise self.refuse("has LoRA or quantised weights, expected plain ones")
        tensors = {"weight": self.variable(group, 0, "kernel", None, config["units"]).T}
        if config.get("use_bias", True):
            tensors["bias"] = self.variable(group, 1, "bias", config["units"])
        self.chain.add("dense", tensors, output=config["units"], bias="bias" in tensors)
        self.activation(config.get("activation", "linear"))

    def keras_conv1d(self, config, group):
        self.first()
        self.expect(config, groups=1, data_format=("channels_last", None))
        size, stride, dilation = (one(config.get(k, 1)) for k in ("kernel_size", "strides", "dilation_rate"))
        padding = config.get("padding", "valid")
        if padding == "same" and stride > 1:
            raise self.refuse(f"has padding 'same' with strides {stride}, whose zeros depend on the length in "
                              "Keras; expected strides 1, or padding 'valid' or 'causal'")
        if padding not in ("same", "valid", "causal"):
            raise self.refuse(f"has padding = {padding!r}, expected 'same', 'valid' or 'causal'")
        kernel = self.variable(group, 0, "kernel", size, None, config["filters"])
        tensors = {"weight": kernel.transpose(2, 1, 0)}
        if config.get("use_bias", True):
            tensors["bias"] = self.variable(group, 1, "bias", config["filters"])
        self.chain.add("conv1d", tensors, output=config["filters"], kernel=size, stride=stride, dilation=dilation,
                       padding=padding, bias="bias" in tensors)
        self.activation(config.get("activation", "linear"))

    def keras_max_pooling1d(self, config, group, kind="max_pool1d"):
        self.first()
        self.expect(config, padding="valid", data_format=("channels_last", None))
        size = one(config["pool_size"])
        self.chain.add(kind, kernel=size, stride=one(config.get("strides") or size))

    def keras_average_pooling1d(self, config, group):
        self.keras_max_pooling1d(config, group, "avg_pool1d")

    def poolings(self, kinds):
        self.first()
        kinds = [KERAS_POOLINGS[kind] for kind in kinds]
        if len(kinds) == 1:
            self.chain.add(kinds[0])
        else:
            self.chain.add("poolings", kinds=kinds)
        self.columns = 1

    def keras_global_max_pooling1d(self, config, group, kind="GlobalMaxPooling1D"):
        self.expect(config, **KERAS_POOLING_OPTIONS)
        self.poolings([kind])

    def keras_global_average_pooling1d(self, config, group):
        self.keras_global_max_pooling1d(config, group, "GlobalAveragePooling1D")

    def statistics(self, config, group):
        """gamma and beta, ones and zeros where they are left out, and how many variables they take."""
        self.first()
        axis, last = config.get("axis", -1), None
        if isinstance(axis, list) and len(axis) == 1:
            axis = axis[0]
        if axis not in (-1, self.columns):
            raise self.refuse(f"has axis = {axis!r}, expected -1 or {self.columns}: the columns")
        gamma = beta = None
        number = 0
        if config.get("scale", True):
            gamma, number = self.variable(group, number, "gamma", last), number + 1
        if config.get("center", True):
            beta, number = self.variable(group, number, "beta", last), number + 1
        return gamma, beta, number

    def keras_batch_normalization(self, config, group):
        gamma, beta, number = self.statistics(config, group)
        mean = self.variable(group, number, "moving mean", None)
        variance = self.variable(group, number + 1, "moving variance", len(mean))
        self.chain.add("batch_norm", {"weight": np.ones(len(mean)) if gamma is None else gamma,
                                      "bias": np.zeros(len(mean)) if beta is None else beta, "running_mean": mean,
                                      "running_var": variance, "num_batches_tracked": np.zeros((), np.int64)},
                       eps=config.get("epsilon", 1e-3), momentum=round(1 - config.get("momentum", 0.99), 12))

    def keras_layer_normalization(self, config, group):
        self.expect(config, rms_scaling=False)
        gamma, beta, _ = self.statistics(config, group)
        known = gamma if gamma is not None else beta
        if known is None:
            raise self.refuse("has neither scale nor center, expected one of them")
        self.chain.add("layer_norm", {"weight": np.ones(len(known)) if gamma is None else gamma,
                                      "bias": np.zeros(len(known)) if beta is None else beta},
                       eps=config.get("epsilon", 1e-3))

    def keras_dropout(self, config, group):
        self.first()
        self.chain.add("dropout", p=config["rate"])

    def keras_spatial_dropout1d(self, config, group):
        self.first()
        self.chain.add("dropout", p=config["rate"], variational=True)

    def keras_gaussian_noise(self, config, group):
        self.first()
        self.chain.add("gaussian_noise", stddev=config["stddev"])

    def keras_activation(self, config, group):
        self.first()
        self.activation(config["activation"])

    def keras_re_lu(self, config, group):
        self.expect(config, max_value=None, negative_slope=(0, 0.0), threshold=(0, 0.0))
        self.first()
        self.chain.add("relu")

    def keras_softmax(self, config, group):
        self.expect(config, axis=-1)
        self.first()
        self.chain.add("softmax")


KERAS_POOLING_OPTIONS = {"keepdims": False, "data_format": ("channels_last", None)}
KERAS_POOLINGS = {"GlobalMaxPooling1D": "max", "GlobalAveragePooling1D": "mean"}


def one(value):
    return value[0] if isinstance(value, (list, tuple)) else value


def convert_keras(path, config_path):
    h5py = needed("h5py", "Keras files")
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            for name in ("config.json", "model.weights.h5"):
                if name not in names:
                    raise ConvertError(f"{path}: the archive has no {name}, expected a .keras file of Keras 3")
            config, data = json.loads(archive.read("config.json")), archive.read("model.weights.h5")
            version = json.loads(archive.read("metadata.json")).get("keras_version", "unknown")
    else:
        if not h5py.is_hdf5(path):
            raise ConvertError(f"{path}: neither a zip archive (.keras) nor an HDF5 file (.weights.h5)")
        with open(path, "rb") as file:
            data = file.read()
        if config_path is None:
            raise ConvertError(f"{path}: weights alone; give --config FILE with what model.to_json() says")
        with open(config_path, encoding="utf-8") as file:
            config, version = json.load(file), "unknown"
    if not isinstance(config, dict) or "class_name" not in config:
        raise ConvertError(f"{config_path or path}: the config is not that of a Keras model, whose class_name it names")
    with h5py.File(io.BytesIO(data), "r") as weights:
        if "model_weights" in list(weights) or "layer_names" in weights.attrs:
            raise ConvertError(f"{path}: a file of Keras 2 (HDF5 with layer names), expected one of Keras 3; load and "
                               "save it there as .keras")
        chain = KerasModel(path, config, weights).convert()
    return chain, {"library": "keras", "version": version}


# ---- PyTorch, fastai and Flax: tensors by name, and layers that --layers names


class Layers:
    """One function for each type of layer that --layers may name; subclasses know a library's tensors."""

    def __init__(self, reader):
        self.reader, self.chain = reader, Chain()

    def add(self, kind, prefixes, options):
        self.kind = kind
        if kind in PLAIN_LAYERS:
            if prefixes:
                raise ConvertError(f"--layers: {kind} has no tensors, but '{'+'.join(prefixes)}' is given for them")
            self.refuse_rest(options, *PLAIN_LAYERS[kind])
            return self.chain.add(kind, **options)
        function = getattr(self, "layer_" + kind, None)
        if function is None:
            known = sorted(name[6:] for name in dir(self) if name.startswith("layer_"))
            raise ConvertError(f"--layers: '{kind}' is no layer of seqlstm, expected one of "
                               + ", ".join(known + sorted(PLAIN_LAYERS)))
        if self.chain.layers == [] and kind not in ("embedding", "channels"):
            self.begin(kind, prefixes)
        if len(prefixes) > 1 and kind not in ("lstm", "gru", "rnn"):
            raise ConvertError(f"--layers: {kind} has one prefix, but '{'+'.join(prefixes)}' are given")
        return function([p + "." if p else "" for p in prefixes or [""]], options)

    def begin(self, kind, prefixes):
        raise ConvertError(f"--layers: a chain begins with embedding=PREFIX or channels:count=N, not with {kind}")

    def layer_channels(self, prefixes, options):
        self.chain.read_channels(self.option(options, "count"))
        self.refuse_rest(options)

    def option(self, options, key):
        if key not in options:
            raise ConvertError(f"--layers: {self.kind} needs {key}, as in {self.kind}=PREFIX:{key}=...")
        return options.pop(key)

    def refuse_rest(self, options, *known):
        for key in options:
            if key not in known:
                raise ConvertError(f"--layers: {self.kind} has no option '{key}'"
                                   + (f", expected one of {', '.join(known)}" if known else ""))

    def embed(self, table, options):
        self.refuse_rest(options)
        self.chain.vocabulary = len(table)
        self.chain.add("embedding", {"weight": table}, dim=table.shape[1])

    def convolution(self, weight, bias, options):
        self.refuse_rest(options, "padding", "stride", "dilation")
        if weight.shape[2] > 1 and "padding" not in options:
            raise ConvertError("--layers: conv1d needs padding=same, valid or causal: tensors do not say it")
        tensors = {"weight": weight, **({} if bias is None else {"bias": bias})}
        self.chain.add("conv1d", tensors, output=weight.shape[0], kernel=weight.shape[2], bias=bias is not None,
                       **{"padding": "valid", **options})

    def affine(self, weight, bias, options):
        self.refuse_rest(options)
        tensors = {"weight": weight, **({} if bias is None else {"bias": bias})}
        self.chain.add("dense", tensors, output=weight.shape[0], bias=bias is not None)


PLAIN_LAYERS = {"reversed": (), "merge_directions": ("mode",), "last": (), "mean": (), "max": (),
                "poolings": ("kinds",), "max_pool1d": ("kernel", "stride"), "avg_pool1d": ("kernel", "stride"),
                "dropout": ("p", "variational"), "sigmoid": (), "tanh": (), "relu": (), "softmax": ()}


class TorchLayers(Layers):
    def layer_embedding(self, prefixes, options):
        self.embed(self.reader.get(prefixes[0] + "weight", None, None), options)

    def layer_dense(self, prefixes, options):
        weight = self.reader.get(prefixes[0] + "weight", None, None)
        self.affine(weight, self.reader.get(prefixes[0] + "bias", len(weight), optional=True), options)

    def layer_conv1d(self, prefixes, options):
        weight = self.reader.get(prefixes[0] + "weight", None, None, None)
        self.convolution(weight, self.reader.get(prefixes[0] + "bias", len(weight), optional=True), options)

    def layer_batch_norm(self, prefixes, options):
        prefix = prefixes[0]
        self.refuse_rest(options, "eps", "momentum")
        mean = self.reader.get(prefix + "running_mean", None)
        weight, bias = (self.reader.get(prefix + n, len(mean), optional=True) for n in ("weight", "bias"))
        if (weight is None) != (bias is None):
            raise ConvertError(f"{self.reader.path}: of '{prefix}weight' and '{prefix}bias' one is missing, expected "
                               "both or, without affine, neither")
        self.chain.add("batch_norm", {"weight": np.ones(len(mean)) if weight is None else weight,
                                      "bias": np.zeros(len(mean)) if bias is None else bias, "running_mean": mean,
                                      "running_var": self.reader.get(prefix + "running_var", len(mean)),
                                      "num_batches_tracked": np.zeros((), np.int64)}, **options)

    def layer_layer_norm(self, prefixes, options):
        self.refuse_rest(options, "eps")
        weight = self.reader.get(prefixes[0] + "weight", None)
        bias = self.reader.get(prefixes[0] + "bias", len(weight), optional=True)
        self.chain.add("layer_norm", {"weight": weight, "bias": np.zeros(len(weight)) if bias is None else bias},
                       **options)

    def layer_attention_pooling(self, prefixes, options):
        self.refuse_rest(options)
        prefix = prefixes[0]
        hidden = self.reader.get(prefix + "hidden.weight", None, None)
        score = self.reader.get(prefix + "score.weight", None, len(hidden))
        self.chain.add("attention_pooling", {"hidden.weight": hidden, "score.weight": score,
                                             "hidden.bias": self.reader.get(prefix + "hidden.bias", len(hidden))},
                       attention=len(hidden), heads=len(score))

    def layer_crf(self, prefixes, options):
        self.refuse_rest(options)
        prefix = prefixes[0]
        between = self.reader.get(prefix + "transitions", None, None)
        ends = {f"{end}_transitions": self.reader.get(f"{prefix}{end}_transitions", len(between))
                for end in ("start", "end")}
        self.chain.add("crf", {"transitions": between, **ends})

    def layer_lstm(self, prefixes, options):
        self.recurrent(prefixes[0], 4, options)

    def layer_gru(self, prefixes, options):
        self.recurrent(prefixes[0], 3, options)

    def layer_rnn(self, prefixes, options):
        self.recurrent(prefixes[0], 1, options)

    def recurrent(self, prefix, count, options):
        """All layers and directions of a module; a weight dropout of fastai keeps its own under _raw."""
        self.refuse_rest(options)

        def name_of(stem):
            names = [f"{prefix}{stem}_raw", f"{prefix}module.{stem}", prefix + stem, prefix + stem[:-3]]
            found = [n for n in names if n in self.reader.tensors and (n != names[3] or stem.endswith("_l0"))]
            self.reader.used.update(found)  # a wrapped copy of a raw weight is its last dropout
            return found[0] if found else names[2]

        tensors, layers, hidden, projection, reverse = {}, 0, 0, 0, False
        biases, without = [], []
        while name_of(f"weight_ih_l{layers}") in self.reader.tensors or layers == 0:
            suffixes = [f"_l{layers}"]
            if name_of(f"weight_ih_l{layers}_reverse") in self.reader.tensors:
                suffixes.append(f"_l{layers}_reverse")
            if layers > 0 and reverse != (len(suffixes) == 2):
                raise ConvertError(f"{self.reader.path}: tensor '{prefix}weight_ih_l{layers}_reverse' is "
                                   + ("missing" if reverse else "there")
                                   + ", expected all layers of one module to have as many directions")
            reverse = len(suffixes) == 2
            for suffix in suffixes:
                recurrent = self.reader.get(name_of("weight_hh" + suffix), None, None)
                hidden = len(recurrent) // count
                columns = recurrent.shape[1]
                projected = self.reader.get(name_of("weight_hr" + suffix), None, hidden, optional=True)
                if len(recurrent) != count * hidden or (projected is None and columns != hidden):
                    raise ConvertError(f"{self.reader.path}: tensor '{name_of('weight_hh' + suffix)}' has shape "
                                       f"{shape_of(recurrent)}, expected [{count} H, H]: those of a {self.kind}")
                tensors["weight_ih" + suffix] = self.reader.get(name_of("weight_ih" + suffix), count * hidden, None)
                tensors["weight_hh" + suffix] = recurrent
                for bias in ("bias_ih", "bias_hh"):
                    value = self.reader.get(name_of(bias + suffix), count * hidden, optional=True)
                    (without if value is None else biases).append(name_of(bias + suffix))
                    tensors[bias + suffix] = np.zeros(count * hidden) if value is None else value
                if projected is not None:
                    tensors["weight_hr" + suffix] = projected
                    projection = len(projected)
            layers += 1
        if biases and without:
            raise ConvertError(f"{self.reader.path}: tensor '{without[0]}' is missing, expected it beside "
                               f"'{biases[0]}': a module has all biases or none")
        for name in self.reader.tensors:  # a layer without its weight_ih
            beyond = re.fullmatch(r"(?:module\.)?(?:weight|bias)_[a-z]+_l(\d+)(?:_reverse)?(?:_raw)?", name[len(prefix):])
            if name.startswith(prefix) and beyond and int(beyond[1]) >= layers:
                raise ConvertError(f"{self.reader.path}: tensor '{prefix}weight_ih_l{layers}' is missing, expected it "
                                   f"beside '{name}'")
        for stem in ("weight_hh", "bias_ih", "bias_hh"):  # a half without its weight_ih
            if name_of(f"{stem}_l0_reverse") in self.reader.tensors and not reverse:
                raise ConvertError(f"{self.reader.path}: tensor '{prefix}weight_ih_l0_reverse' is missing, expected it "
                                   f"beside '{prefix}{stem}_l0_reverse'")
        extra = {"projection": projection} if projection else {}
        self.chain.add(self.kind, tensors, hidden=hidden, layers=layers, bidirectional=reverse, **extra)


class FlaxLayers(Layers):
    """Kernels [in, out]; cells of linen have one product for each gate, those of nnx one for all."""

    def layer_embedding(self, prefixes, options):
        self.embed(self.reader.get(prefixes[0] + "embedding", None, None), options)

    def layer_dense(self, prefixes, options):
        kernel = self.reader.get(prefixes[0] + "kernel", None, None)
        self.affine(kernel.T, self.reader.get(prefixes[0] + "bias", kernel.shape[1], optional=True), options)

    def layer_conv1d(self, prefixes, options):
        kernel = self.reader.get(prefixes[0] + "kernel", None, None, None)
        bias = self.reader.get(prefixes[0] + "bias", kernel.shape[2], optional=True)
        if options.get("stride", 1) > 1 and options.get("padding") == "same":
            raise ConvertError("--layers: conv1d with padding=same and a stride has zeros that depend on the length "
                               "in Flax; expected stride=1, or padding=valid or causal")
        self.convolution(kernel.transpose(2, 1, 0), bias, options)

    def layer_batch_norm(self, prefixes, options):
        self.refuse_rest(options, "eps", "momentum")
        prefix = prefixes[0]
        mean = self.reader.get(prefix + "mean", None)
        scale, bias = (self.reader.get(prefix + n, len(mean), optional=True) for n in ("scale", "bias"))
        self.chain.add("batch_norm", {"weight": np.ones(len(mean)) if scale is None else scale,
                                      "bias": np.zeros(len(mean)) if bias is None else bias, "running_mean": mean,
                                      "running_var": self.reader.get(prefix + "var", len(mean)),
                                      "num_batches_tracked": np.zeros((), np.int64)}, **options)

    def layer_layer_norm(self, prefixes, options):
        self.refuse_rest(options, "eps")
        scale = self.reader.get(prefixes[0] + "scale", None)
        bias = self.reader.get(prefixes[0] + "bias", len(scale), optional=True)
        self.chain.add("layer_norm", {"weight": scale, "bias": np.zeros(len(scale)) if bias is None else bias},
                       **{"eps": 1e-6, **options})  # Flax' own

    def layer_lstm(self, prefixes, options):
        self.recurrent(prefixes, "ifgo", options)

    def layer_gru(self, prefixes, options):
        self.recurrent(prefixes, "rzn", options)

    def layer_rnn(self, prefixes, options):
        self.recurrent(prefixes, "", options)

    def recurrent(self, prefixes, letters, options):
        self.refuse_rest(options)
        if len(prefixes) > 2:
            raise ConvertError(f"--layers: {self.kind} has one cell or two (FORWARD+BACKWARD), "
                               f"not {len(prefixes)}; name each layer of a stack")
        tensors = {}
        for prefix, suffix in zip(prefixes, ("", "_reverse")):
            for side, ours in (("i", "ih"), ("h", "hh")):
                kernel, bias = self.products(prefix, side, letters)
                tensors[f"weight_{ours}_l0{suffix}"], tensors[f"bias_{ours}_l0{suffix}"] = kernel.T, bias
        hidden = tensors["weight_hh_l0"].shape[1]
        rows = max(len(letters), 1) * hidden
        for name, value in tensors.items():
            if len(value) != rows or ("hh" in name and value.ndim == 2 and value.shape[1] != hidden):
                raise ConvertError(f"{self.reader.path}: the cell '{prefixes[-1][:-1]}' gives a {name} of shape "
                                   f"{shape_of(value)}, expected {rows} rows of {hidden} units")
        self.chain.add(self.kind, tensors, hidden=hidden, bidirectional=len(prefixes) == 2)

    def products(self, prefix, side, letters):
        """Kernel [in, gates H] and bias of what is multiplied by x ("i") or by h."""
        has_bias = side == ("h" if letters == "ifgo" else "i")  # one for each gate, where both are added
        whole = self.reader.find(f"{prefix}dense_{side}.kernel")
        if whole is not None:
            bias = self.reader.get(f"{prefix}dense_{side}.bias", whole.shape[1], optional=not has_bias)
            return whole, np.zeros(whole.shape[1]) if bias is None else bias
        kernels, biases = [], []
        for letter in letters or [""]:
            name = prefix + side + letter
            if f"{name}_.kernel" in self.reader.tensors:
                name += "_"  # nnx cannot call a member "if"
            kernels.append(self.reader.get(name + ".kernel", None, None))
            optional = not has_bias and not (side == "h" and letter == "n")  # the reset gate stands before this one
            bias = self.reader.get(name + ".bias", kernels[-1].shape[1], optional=optional)
            biases.append(np.zeros(kernels[-1].shape[1]) if bias is None else bias)
        return np.concatenate(kernels, axis=1), np.concatenate(biases)


def parse_layers(text):
    """[(type, prefixes, options)] of "lstm=rnn last conv1d=conv:padding=same,stride=2"."""
    for item in text.split():
        head, _, rest = item.partition(":")
        kind, has_prefix, prefix = head.partition("=")
        options = {}
        for pair in filter(None, rest.split(",")):
            key, equal, value = pair.partition("=")
            if not equal:
                raise ConvertError(f"--layers: '{pair}' of '{item}' is no option=value")
            options[key] = option_value(value)
        if "kinds" in options:
            options["kinds"] = str(options["kinds"]).split("/")
        yield kind, prefix.split("+") if has_prefix else [], options


def option_value(text):
    for convert in (int, float):
        try:
            return convert(text)
        except ValueError:
            pass
    return {"true": True, "false": False}.get(text, text)


def fastai_layers(tensors):
    """The --layers of an AWD_LSTM as fastai saves it: an encoder, a language model or a text classifier."""
    table = next((n for n in tensors if re.fullmatch(r"(.*\.)?encoder\.weight", n)), None)
    if table is None:
        return None
    prefix = table[: -len("encoder.weight")]
    if not any(n.startswith(f"{prefix}rnns.0.") for n in tensors):
        return None
    if any(n.startswith((f"{prefix}layers.0.", f"{prefix}rnns.0.layers.")) for n in tensors):
        raise ConvertError("the encoder is a QRNN, which seqlstm does not have, expected LSTMs")
    layers = [f"embedding={prefix}encoder"]
    count = 0
    while any(n.startswith(f"{prefix}rnns.{count}.") for n in tensors):
        layers.append(f"lstm={prefix}rnns.{count}")
        count += 1
    if "1.decoder.weight" in tensors:
        layers.append("dense=1.decoder")
    head = sorted({tuple(int(k) for k in m.groups()) for m in
                   (re.match(r"1\.layers\.(\d+)\.(\d+)\.", n) for n in tensors) if m})
    if head:
        layers.append("poolings:kinds=last/max/mean")
        blocks = sorted({block for block, _ in head})
        for block, place in head:
            name = f"1.layers.{block}.{place}"
            if f"{name}.running_mean" in tensors:
                layers.append(f"batch_norm={name}")
            else:
                layers.append(f"dense={name}")
                if block != blocks[-1]:
                    layers.append("relu")
    return " ".join(layers)


def drop_copies(tensors):
    """Tensors that fastai saves twice: the embedding of encoder_dp is the encoder's."""
    return {n: t for n, t in tensors.items() if not n.endswith("encoder_dp.emb.weight")}


def read_torch(path):
    torch = needed("torch", "PyTorch files")
    release = re.match(r"(\d+)\.(\d+)", torch.__version__)
    if not release or tuple(map(int, release.groups())) < (2, 6):
        raise ConvertError(f"torch {torch.__version__} runs code that a file holds even where it is told to read "
                           "weights alone (CVE-2025-32434), expected 2.6 or newer; pip install --upgrade torch")
    with open(path, "rb") as file:
        begin = file.read(4)
    if not (begin.startswith(b"PK") or begin.startswith(b"\x80")):
        raise ConvertError(f"{path}: neither a zip archive nor a pickle, expected a file that torch.save wrote")
    try:
        saved = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # an unpickler's complaints are of many kinds
        text = str(error)
        if "TorchScript" in text or "torch.jit" in text:
            why = "it holds a TorchScript program"
        elif "weights_only" in text or "Unsupported" in text or "global" in text.lower():
            why = "it holds objects, not only tensors"
        else:
            raise ConvertError(f"{path}: not a file that torch.save wrote, or damaged "
                               f"({text.splitlines()[0] if text else type(error).__name__})") from error
        raise ConvertError(f"{path}: {why}, expected a state dict; save model.state_dict() (fastai: "
                           "learn.save(name, with_opt=False), not learn.export())") from error
    for key in ("state_dict", "model_state_dict", "model"):
        if isinstance(saved, dict) and isinstance(saved.get(key), dict):
            saved = saved[key]
            break
    if not isinstance(saved, dict):
        raise ConvertError(f"{path}: holds a {type(saved).__name__}, expected a state dict")
    tensors = {str(n): t for n, t in saved.items() if isinstance(t, torch.Tensor)}
    if not tensors:
        raise ConvertError(f"{path}: holds no tensors, expected a state dict")
    quantised = next((n for n, t in tensors.items() if t.is_quantized or t.layout != torch.strided), None)
    if quantised:
        raise ConvertError(f"{path}: tensor '{quantised}' is quantised or sparse, expected a dense one")
    if all(n.startswith("module.") for n in tensors):  # DataParallel
        tensors = {n[len("module."):]: t for n, t in tensors.items()}
    tensors = {n: t.detach() for n, t in tensors.items()}  # parameters too
    return {n: (t if t.dtype in (torch.int64, torch.int32) else t.float()).numpy() for n, t in tensors.items()}, \
        torch.__version__


def read_safetensors(path):
    """Tensors of a safetensors file, with PyTorch's names."""
    kinds = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "BF16": "<u2"}
    with open(path, "rb") as file:
        data = file.read()
    try:
        (size,) = struct.unpack("<Q", data[:8])
        header = json.loads(data[8: 8 + size])
        tensors = {}
        for name, entry in header.items():
            if name == "__metadata__":
                continue
            begin, end = entry["data_offsets"]
            if entry["dtype"] not in kinds:
                raise ConvertError(f"{path}: tensor '{name}' has type {entry['dtype']}, expected one of "
                                   + ", ".join(kinds))
            values = np.frombuffer(data[8 + size + begin: 8 + size + end], kinds[entry["dtype"]])
            if entry["dtype"] == "BF16":
                values = (values.astype(np.uint32) << 16).view(np.float32)
            tensors[name] = values.reshape(entry["shape"])
        return tensors, "safetensors"
    except (struct.error, ValueError, KeyError, TypeError) as error:
        raise ConvertError(f"{path}: not a safetensors file, or damaged ({error})") from error


def read_flax(path):
    msgpack = needed("msgpack", "Flax files")

    def array(data):
        shape, dtype, values = msgpack.unpackb(data, raw=True)
        dtype = dtype.decode()
        if dtype in ("bfloat16", "V2"):
            return (np.frombuffer(values, "<u2").astype(np.uint32) << 16).view(np.float32).reshape(shape)
        return np.frombuffer(values, dtype).reshape(shape)

    with open(path, "rb") as file:
        data = file.read()
    try:
        tree = msgpack.unpackb(data, ext_hook=lambda code, part: array(part) if code in (1, 3) else None,
                               raw=False, strict_map_key=False)
    except Exception as error:
        raise ConvertError(f"{path}: not a msgpack file of Flax, or damaged ({error}); write one with "
                           "flax.serialization.to_bytes(params)") from error
    tensors = {}

    def walk(prefix, node):
        if isinstance(node, dict) and node.get("__msgpack_chunked_array__"):
            parts = [node["chunks"][k] for k in sorted(node["chunks"], key=int)]
            node = np.concatenate(parts).reshape([node["shape"][k] for k in sorted(node["shape"], key=int)])
        if isinstance(node, dict):
            for key, inner in node.items():
                walk(f"{prefix}.{key}" if prefix else str(key), inner)
        elif isinstance(node, np.ndarray):
            tensors[prefix] = node

    walk("", tree)
    if not tensors:
        raise ConvertError(f"{path}: holds no arrays, expected a tree of parameters")
    result = {}
    for name, value in tensors.items():  # collections of linen: their inner names do not meet
        for collection in ("params.", "batch_stats."):
            if name.startswith(collection):
                name = name[len(collection):]
                break
        result[name] = value
    return result, "flax"


def convert_named(path, source, layers, partial):
    """Tensors of a state dict, as --layers or the names of fastai say; or as they are."""
    read = {"torch": read_torch, "safetensors": read_safetensors, "flax": read_flax}[source]
    tensors, version = read(path)
    library = "flax" if source == "flax" else "torch"
    if layers is None and source != "flax":
        tensors = drop_copies(tensors)
        layers = fastai_layers(tensors)
        library = "fastai" if layers else library
    if layers is None:
        if source == "flax":
            raise ConvertError(f"{path}: arrays of Flax have no order; give --layers. There are "
                               + ", ".join(f"'{n}'" for n in list(tensors)[:8]))
        return tensors, {"library": library, "version": version}
    reader = Reader(drop_copies(tensors), path)
    chain_of = (FlaxLayers if source == "flax" else TorchLayers)(reader)
    for kind, prefixes, options in parse_layers(layers):
        chain_of.add(kind, prefixes, options)
    if not chain_of.chain.layers:
        raise ConvertError("--layers names no layer")
    if not partial:
        reader.check_all_used()
    return chain_of.chain, {"library": library, "version": version}


# ---- the program


def source_of(path):
    """Which library a file is of, by its first bytes and its name."""
    with open(path, "rb") as file:
        begin = file.read(16)
    name = path.lower()
    if begin.startswith(b"\x89HDF"):
        return "keras"
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
        return "keras" if "config.json" in names or "model.weights.h5" in names else "torch"
    for suffix, source in ((".safetensors", "safetensors"), (".msgpack", "flax"), (".keras", "keras"), (".h5", "keras"),
                           (".pt", "torch"), (".pth", "torch"), (".bin", "torch"), (".ckpt", "torch"), (".pkl", "torch")):
        if name.endswith(suffix):
            return source
    raise ConvertError(f"{path}: neither name nor first bytes say which library it is of; give --from")


def convert(options):
    source = options.source or source_of(options.input)
    if source == "keras":
        if options.layers:
            raise ConvertError("--layers is for state dicts; a Keras file names its layers itself")
        found, made_from = convert_keras(options.input, options.config)
    else:
        found, made_from = convert_named(options.input, source, options.layers, options.partial)
    metadata = {"format": "seqlstm-converted"}
    if isinstance(found, Chain):
        architecture = found.architecture(made_from)
        metadata["architecture"] = json.dumps(architecture)
        write_safetensors(options.output, stored(found.tensors), metadata)
        if options.json:
            write_file(options.json, (json.dumps(architecture, indent=2) + "\n").encode())
        for number, layer in enumerate(found.layers):
            given = ", ".join(f"{k} {v}" for k, v in layer.items() if k != "type")
            print(f"{number:3d}  {layer['type']}" + (f" ({given})" if given else ""))
        for note in found.notes:
            print(f"note: {note}")
    else:
        if options.json:
            raise ConvertError("--json: there is no architecture without --layers")
        write_safetensors(options.output, stored(found), metadata)
        print(f"{len(found)} tensors under their own names, no architecture: load them into a model of your own, or "
              "give --layers")


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input", help=".keras, .weights.h5, .pt, .pth, .safetensors or .msgpack")
    parser.add_argument("output", help="the safetensors file to write")
    parser.add_argument("--config", help="Keras: JSON of model.to_json(), for a file of weights alone")
    parser.add_argument("--layers", help="PyTorch, Flax: the layers in the order in which they run")
    parser.add_argument("--json", help="writes the architecture to this file too")
    parser.add_argument("--partial", action="store_true", help="leaves out tensors that no layer takes")
    parser.add_argument("--from", dest="source", choices=("keras", "torch", "safetensors", "flax"),
                        help="the library, where the file does not say it")
    options = parser.parse_args(arguments)
    try:
        convert(options)
    except ConvertError as error:
        sys.exit(report(str(error)))
    except (OSError, zipfile.BadZipFile) as error:
        sys.exit(report(f"{options.input}: cannot be read: {error}"))
    except MemoryError:
        sys.exit(report(f"{options.input}: does not fit into memory; its sizes are damaged, or the machine is too small"))
    except RecursionError:
        sys.exit(report(f"{options.input}: is nested too deep, expected a file that its library wrote"))
    except (RuntimeError, zlib.error, EOFError, struct.error) as error:  # of h5py and zipfile; unknown packings too
        sys.exit(report(f"{options.input}: damaged, or packed in a way that is not read here "
                        f"({type(error).__name__}: {error})"))
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, ArithmeticError) as error:
        sys.exit(report(f"{options.input}: not laid out as a file of its library ({type(error).__name__}: {error}); "
                        "it is damaged or of another version"))


def report(text):
    print("seqlstm_convert: " + " ".join(text.split()), file=sys.stderr)
    return 2


if __name__ == "__main__":
    main()
