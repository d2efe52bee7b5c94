"""Models of Keras, PyTorch, fastai and Flax, converted, answer as they do there.

    python convert_oracles.py PROGRAM CONVERTER    (PROGRAM: built from convert/main.cpp)

Each architecture gets random weights, is saved as its library saves it, converted by tools/seqlstm_convert.py and
run by us over ragged batches. "alone" compares with the library's answers to each sequence without padding,
"padded" with those to one batch, padded on the right with a mask, lengths or packing, as the library has it.
Libraries that this Python does not have are left out; exit code 77, which ctest counts as skipped, where it has
none. convert_requirements.txt has the versions that were tried.
"""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import zipfile

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

try:
    import numpy as np
except ImportError as missing:
    print(f"skipped: {missing}; pip install -r convert_requirements.txt")
    sys.exit(77)

TOLERANCE = 1e-5
VOCABULARY, CHANNELS = 11, 4
LENGTHS = [5, 1, 8, 3, 13, 2, 8, 5, 13, 1]
LONG_LENGTHS = [9, 7, 13, 9, 16, 7]


def load_converter(path):
    spec = importlib.util.spec_from_file_location("seqlstm_convert", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Bench:
    """Converts, runs and compares; counts what was tried."""

    def __init__(self, program, converter, folder):
        self.program, self.converter, self.folder = program, converter, folder
        self.module = load_converter(converter)
        self.failures = []
        self.count = 0
        self.begin("")

    def begin(self, library):
        self.library, self.architectures, self.cases, self.sequences, self.worst = library, 0, 0, 0, 0.0
        self.refused = 0

    def path(self, suffix):
        self.count += 1
        return os.path.join(self.folder, f"{self.count}{suffix}")

    def convert(self, source, *options, modules=None):
        """`modules`: a folder whose modules stand before those that are installed."""
        target = self.path(".safetensors")
        environment = {**os.environ, **({"PYTHONPATH": modules} if modules else {})}
        result = subprocess.run([sys.executable, self.converter, source, target, *options], capture_output=True,
                                text=True, env=environment)
        return result, target

    def check(self, name, source, answers, sequences, options=(), ways=("alone", "padded")):
        """answers(way, sequences): what the library says, an array for each sequence."""
        self.architectures += 1
        result, model = self.convert(source, *options)
        if result.returncode != 0:
            self.failures.append(f"{self.library}, {name}: {result.stderr.strip()}")
            return
        given, answered = self.path(".safetensors"), self.path(".safetensors")
        self.module.write_safetensors(given, {str(i): s for i, s in enumerate(sequences)}, {})
        run = subprocess.run([self.program, model, given, answered], capture_output=True, text=True)
        if run.returncode != 0:
            self.failures.append(f"{self.library}, {name}: {run.stderr.strip()}")
            return
        ours, _ = self.module.read_safetensors(answered)
        for way in ways:
            self.cases += 1
            for i, expected in enumerate(answers(way, sequences)):
                self.sequences += 1
                expected = np.atleast_2d(np.asarray(expected, np.float64))
                found = ours[str(i)]
                if expected.shape != found.shape:
                    self.failures.append(f"{self.library}, {name}, {way}: sequence {i} has shape {found.shape}, "
                                         f"expected {expected.shape}")
                    return
                difference = float(np.max(np.abs(found - expected), initial=0))
                self.worst = max(self.worst, difference)
                if not difference <= TOLERANCE:
                    self.failures.append(f"{self.library}, {name}, {way}: sequence {i} of {len(sequences[i])} steps "
                                         f"differs by {difference:.2g}, at most {TOLERANCE} is allowed")
                    return

    def refuse(self, name, source, expected, *options, modules=None):
        """The converter says `expected` in one sentence."""
        self.refused += 1
        result, _ = self.convert(source, *options, modules=modules)
        lines = result.stderr.strip().splitlines()
        if result.returncode != 2 or len(lines) != 1 or expected not in lines[0]:
            self.failures.append(f"{self.library}, refusing {name}: exit {result.returncode}, {result.stderr.strip()!r}, "
                                 f"expected one line with {expected!r}")

    def report(self, version):
        print(f"{self.library} {version}: {self.architectures} architectures, {self.cases} cases of "
              f"{self.sequences} sequences in all, largest difference {self.worst:.1e}; {self.refused} refused as "
              "they should be", flush=True)


def token_sequences(rng, lengths=None):
    return [rng.integers(1, VOCABULARY, n) for n in lengths or LENGTHS]


def row_sequences(rng, lengths=None):
    return [rng.normal(size=(n, CHANNELS)).astype(np.float32) for n in lengths or LENGTHS]


def padded(sequences, value=0):
    longest = max(len(s) for s in sequences)
    width = sequences[0].shape[1:]
    batch = np.full((len(sequences), longest, *width), value, sequences[0].dtype)
    for row, s in zip(batch, sequences):
        row[: len(s)] = s
    return batch


def alone(run, sequences):
    """run(batch) of all sequences of one length together, which needs no padding."""
    answers = [None] * len(sequences)
    for n in sorted({len(s) for s in sequences}):
        places = [i for i, s in enumerate(sequences) if len(s) == n]
        for i, answer in zip(places, np.asarray(run(np.stack([sequences[i] for i in places])))):
            answers[i] = answer
    return answers


def cut(batch, sequences):
    """The rows of real steps, where there is one for each step."""
    batch = np.asarray(batch)
    return list(batch) if batch.ndim == 2 else [row[: len(s)] for row, s in zip(batch, sequences)]


# ---- Keras


def keras_architectures(keras):
    layer = keras.layers
    tokens = lambda: keras.Input((None,), dtype="int32")
    rows = lambda: keras.Input((None, CHANNELS))
    masked = lambda: layer.Embedding(VOCABULARY, 6, mask_zero=True)
    both = ("alone", "padded")

    def chain(*layers):
        return keras.Sequential(list(layers))

    def functional(make, first=tokens):
        start = first()
        return keras.Model(start, make(start))

    yield "LSTM", chain(tokens(), masked(), layer.LSTM(5), layer.Dense(3, activation="sigmoid")), both
    yield "LSTM without bias, by step", chain(
        tokens(), masked(), layer.LSTM(5, use_bias=False, return_sequences=True), layer.Dense(2)), both
    yield "two LSTMs", chain(tokens(), masked(), layer.LSTM(7, return_sequences=True), layer.LSTM(4)), both
    yield "GRU", chain(tokens(), masked(), layer.GRU(5), layer.Dense(3, activation="softmax")), both
    yield "GRU with the original's reset", chain(
        tokens(), masked(), layer.GRU(5, reset_after=False), layer.Dense(3)), both
    yield "SimpleRNN", chain(tokens(), masked(), layer.SimpleRNN(5), layer.Dense(3, activation="tanh")), both
    yield "LSTM backwards", chain(tokens(), masked(), layer.LSTM(5, go_backwards=True), layer.Dense(2)), both
    yield "LSTM backwards, by step", chain(
        tokens(), masked(), layer.LSTM(5, go_backwards=True, return_sequences=True)), ("alone",)
    for mode in ("concat", "sum", "ave", "mul"):
        yield f"Bidirectional LSTM, {mode}", chain(
            tokens(), masked(), layer.Bidirectional(layer.LSTM(5), merge_mode=mode), layer.Dense(2)), both
        yield f"Bidirectional LSTM, {mode}, by step", chain(
            tokens(), masked(), layer.Bidirectional(layer.LSTM(5, return_sequences=True), merge_mode=mode)), both
        yield f"stack of Bidirectional GRUs, {mode}", chain(
            tokens(), masked(), layer.Bidirectional(layer.GRU(4, return_sequences=True), merge_mode=mode),
            layer.Bidirectional(layer.GRU(3), merge_mode=mode), layer.BatchNormalization(), layer.Dense(2)), both
    yield "Bidirectional with a backward layer of its own", chain(
        tokens(), masked(), layer.Bidirectional(layer.GRU(4), backward_layer=layer.GRU(4, go_backwards=True))), both
    yield "mean over masked steps", chain(
        tokens(), masked(), layer.Bidirectional(layer.LSTM(5, return_sequences=True)), layer.Dropout(0.3),
        layer.GlobalAveragePooling1D(), layer.Dense(4, activation="relu"), layer.BatchNormalization(scale=False),
        layer.LayerNormalization(), layer.Dense(2)), both
    yield "convolutions and poolings", chain(
        tokens(), layer.Embedding(VOCABULARY, 6), layer.Conv1D(5, 3, padding="same", activation="relu"),
        layer.MaxPooling1D(2), layer.Conv1D(6, 2, padding="causal", dilation_rate=2), layer.AveragePooling1D(2, 1),
        layer.SpatialDropout1D(0.2), layer.Bidirectional(layer.LSTM(4, return_sequences=True)),
        layer.GlobalMaxPooling1D(), layer.Dense(2)), ("long",)
    yield "convolutions with strides", chain(
        tokens(), layer.Embedding(VOCABULARY, 6), layer.Conv1D(5, 3, strides=2, padding="valid", use_bias=False),
        layer.ReLU(), layer.Conv1D(5, 4, padding="same"), layer.Activation("tanh"), layer.GRU(4), layer.Dense(2),
        layer.Softmax()), ("long",)
    yield "rows of numbers, normalised", chain(
        rows(), layer.Normalization(), layer.LSTM(5, return_sequences=True), layer.GaussianNoise(0.1),
        layer.GlobalMaxPooling1D(), layer.Dense(2)), ("alone",)
    yield "rows of numbers, masked", chain(
        rows(), layer.Masking(0.0), layer.Bidirectional(layer.GRU(5)), layer.Dense(2)), both
    yield "a functional model by step", functional(lambda x: layer.TimeDistributed(
        layer.Dense(3, activation="softmax"))(layer.Bidirectional(layer.LSTM(5, return_sequences=True))(
            masked()(x)))), both
    yield "a functional model with two poolings", functional(lambda x: (
        lambda h: layer.Dense(2)(layer.Concatenate()([layer.GlobalMaxPooling1D()(h),
                                                      layer.GlobalAveragePooling1D()(h)])))(
        layer.LSTM(5, return_sequences=True)(layer.Embedding(VOCABULARY, 6)(x)))), ("alone",)
    yield "normalisations by number of axis", chain(
        tokens(), masked(), layer.LSTM(5, return_sequences=True), layer.BatchNormalization(axis=2),
        layer.TimeDistributed(layer.LayerNormalization(axis=1)), layer.LSTM(4), layer.LayerNormalization(axis=1)), both
    yield "a model within a model", chain(
        tokens(), masked(), chain(keras.Input((None, 6)), layer.LSTM(5, return_sequences=True), layer.LSTM(3)),
        chain(keras.Input((3,)), layer.Dense(4, activation="relu"), layer.Dense(2))), ("alone",)


def draw_keras(model, rng):
    """Random weights; variances above 0."""
    for v in model.variables:
        if v.dtype != "float32":
            continue
        value = rng.normal(size=v.shape) * 0.4
        v.assign(np.abs(value) + 0.2 if "variance" in v.name else value)
    for layer in model.layers:
        if type(layer).__name__ == "Normalization":
            layer.finalize_state()


def check_keras(bench, rng):
    import keras

    def answers_of(model):
        def answers(way, sequences):
            run = lambda batch: model(batch, training=False)
            return cut(run(padded(sequences)), sequences) if way == "padded" else alone(run, sequences)
        return answers

    for name, model, ways in keras_architectures(keras):
        draw_keras(model, rng)
        path = bench.path(".keras")
        model.save(path)
        lengths = LONG_LENGTHS if ways == ("long",) else LENGTHS
        tokens = len(model.input_shape) == 2
        sequences = (token_sequences if tokens else row_sequences)(rng, lengths)
        bench.check(name, path, answers_of(model), sequences, ways=ways)
    first = next(keras_architectures(keras))[1]  # another instance, whose layers have other names
    draw_keras(first, rng)
    weights, config = bench.path(".weights.h5"), bench.path(".json")
    first.save_weights(weights)
    with open(config, "w") as file:
        file.write(first.to_json())
    bench.check("weights and config apart", weights, answers_of(first), token_sequences(rng), ("--config", config))
    refuse_keras(bench, keras, weights, config)
    bench.report(f"{keras.__version__} ({keras.backend.backend()})")


def refuse_keras(bench, keras, weights, config):
    layer = keras.layers

    def saved(*layers):
        path = bench.path(".keras")
        keras.Sequential([keras.Input((6,), dtype="int32"), layer.Embedding(VOCABULARY, 6), *layers]).save(path)
        return path

    bench.refuse("a layer we do not have", saved(layer.Flatten(), layer.Dense(2)), "(Flatten) has no counterpart")
    bench.refuse("an activation", saved(layer.LSTM(3), layer.Dense(2, activation="gelu")),
                 "(Dense) has the activation 'gelu', expected one of linear")
    bench.refuse("gates of another function", saved(layer.GRU(3, recurrent_activation="hard_sigmoid")),
                 "(GRU) has recurrent_activation = 'hard_sigmoid', expected 'sigmoid'")
    for kind in (layer.BatchNormalization, layer.LayerNormalization):
        bench.refuse(f"{kind.__name__} over steps", saved(layer.LSTM(3, return_sequences=True), kind(axis=1)),
                     f"({kind.__name__}) has axis = 1, expected -1 or 2: the columns")
    start = keras.Input((6,), dtype="int32")
    steps = layer.LSTM(3, return_sequences=True)(layer.Embedding(VOCABULARY, 6, mask_zero=True)(start))
    pooled = [layer.GlobalMaxPooling1D(name="highest", **o)(steps) for o in ({}, {"data_format": "channels_first"})]
    for other, model in zip((False, True), pooled):
        path = bench.path(".keras")
        joined = layer.Concatenate()([layer.GlobalAveragePooling1D()(steps), model])
        keras.Model(start, joined).save(path)
        if other:
            bench.refuse("poolings over columns, side by side", path,
                         "layer 'highest' (GlobalMaxPooling1D) has data_format = 'channels_first'")
            continue
        result, _ = bench.convert(path)
        if "layer 'highest' (GlobalMaxPooling1D) does not know of masks" not in result.stdout:
            bench.failures.append(f"keras: no note of masks for poolings side by side: {result.stdout} {result.stderr}")
    bench.refuse("a stateful layer", saved_stateful(bench, keras), "(LSTM) has stateful = True, expected False")
    bench.refuse("zeros that depend on the length", saved(layer.Conv1D(3, 3, strides=2, padding="same")),
                 "(Conv1D) has padding 'same' with strides 2")
    start = keras.Input((6,), dtype="int32")
    vectors = layer.Embedding(VOCABULARY, 6)(start)
    branched = keras.Model(start, layer.Add()([layer.LSTM(3)(vectors), layer.GRU(3)(vectors)]))
    path = bench.path(".keras")
    branched.save(path)
    bench.refuse("a branch", path, "(Add) joins 2 layers, expected a chain")
    bench.refuse("weights without a config", weights, "weights alone; give --config FILE")
    with open(config) as file:
        other = json.load(file)
    other["config"]["layers"][2]["config"]["units"] = 6
    changed = bench.path(".json")
    with open(changed, "w") as file:
        json.dump(other, file)
    bench.refuse("weights of another size", weights, "has a kernel ('layers/lstm/cell/vars/0') of shape [6, 20], "
                 "expected [any, 24]", "--config", changed)
    import h5py

    def changed_weights(change):
        path = bench.path(".weights.h5")
        with open(weights, "rb") as source, open(path, "wb") as target:
            target.write(source.read())
        with h5py.File(path, "a") as file:
            cell = file["layers/lstm/cell/vars"]
            values = cell["0"][()]
            del cell["0"]
            change(cell, values)
        return path

    def kept_outside(cell, values):
        outside = bench.path(".raw")
        values.tofile(outside)
        cell.create_dataset("0", values.shape, values.dtype, external=[(outside, 0, values.nbytes)])

    for what, link in (("another file", h5py.ExternalLink(weights, "/layers/lstm/cell/vars/0")),
                       ("another place", h5py.SoftLink("/layers/lstm/cell/vars/1"))):
        bench.refuse(f"a link to {what}", changed_weights(lambda cell, values, to=link: cell.update({"0": to})),
                     f"has a link ({type(link).__name__}) at 'layers/lstm/cell/vars/0'", "--config", config)
    bench.refuse("numbers in another file", changed_weights(kept_outside),
                 "keeps 'layers/lstm/cell/vars/0' in another file", "--config", config)
    bench.refuse("a size beyond memory", changed_weights(lambda cell, values: cell.create_dataset(
        "0", (2**40, 2**20), values.dtype, chunks=(1024, 1024))),
                 "of shape [1099511627776, 1048576], expected [any, 20]", "--config", config)
    start = keras.Input((6,), dtype="int32")
    looped = json.loads(keras.Model(start, layer.LSTM(3)(layer.Embedding(VOCABULARY, 6)(start))).to_json())
    of_embedding, of_lstm = looped["config"]["layers"][1:]
    of_embedding["inbound_nodes"][0]["args"][0]["config"]["keras_history"][0] = of_lstm["name"]
    with open(changed, "w") as file:
        json.dump(looped, file)
    bench.refuse("a loop", weights, "reads what it answers, expected a chain without a loop", "--config", changed)
    whole = saved(layer.Bidirectional(layer.LSTM(3)))
    half = bench.path(".keras")
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(half, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name.endswith(".h5"):
                inner = bench.path(".h5")
                with open(inner, "wb") as file:
                    file.write(data)
                with h5py.File(inner, "a") as file:
                    del file["layers/bidirectional/backward_layer"]
                with open(inner, "rb") as file:
                    data = file.read()
            target.writestr(name, data)
    bench.refuse("half of a bidirectional layer", half,
                 "has no kernel: 'layers/bidirectional/backward_layer/cell/vars/0' is missing")
    torn = bench.path(".keras")
    with open(whole, "rb") as source, open(torn, "wb") as target:
        target.write(source.read()[:2000])
    bench.refuse("a torn file", torn, "neither a zip archive")
    with open(weights, "rb") as source:
        data = source.read()
    torn = bench.path(".weights.h5")
    with open(torn, "wb") as file:
        file.write(data[: len(data) // 2])
    bench.refuse("torn weights", torn, "cannot be read", "--config", config)
    packed, content = bench.path(".keras"), data[:-512] + bytes(512)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("config.json", "metadata.json"):
            archive.writestr(name, zipfile.ZipFile(whole).read(name))
        archive.writestr("model.weights.h5", content)
        start = archive.getinfo("model.weights.h5").header_offset + 30 + len("model.weights.h5")
    with open(packed, "r+b") as file:
        file.seek(start + 1)
        file.write(b"\xff" * 64)
    bench.refuse("a torn stream of an archive", packed, "damaged, or packed in a way that is not read here")
    deep = bench.path(".json")
    with open(deep, "w") as file:
        file.write("[" * 100000)
    bench.refuse("a config without an end", weights, "is nested too deep", "--config", deep)


def saved_stateful(bench, keras):
    path = bench.path(".keras")
    keras.Sequential([keras.Input(batch_shape=(2, 6), dtype="int32"), keras.layers.Embedding(VOCABULARY, 6),
                      keras.layers.LSTM(3, stateful=True)]).save(path)
    return path


# ---- PyTorch


def torch_architectures(torch):
    nn = torch.nn
    rnn = nn.utils.rnn

    class Net(nn.Module):
        """Embedding, a recurrent module, its final states or its steps, and a head."""

        def __init__(self, recurrent, head=None, final=True, table=True):
            super().__init__()
            self.emb = nn.Embedding(VOCABULARY, 6) if table else None
            self.rnn, self.head, self.final = recurrent, head, final

        def forward(self, x, lengths=None):
            x = self.emb(x) if self.emb is not None else x
            if lengths is not None:
                x = rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
            y, state = self.rnn(x)
            if self.final:
                h = state[0] if isinstance(state, tuple) else state
                last = 2 if self.rnn.bidirectional else 1
                y = torch.cat(list(h[-last:]), dim=1)
            elif lengths is not None:
                y, _ = rnn.pad_packed_sequence(y, batch_first=True)
            return y if self.head is None else self.head(y)

    options = {"batch_first": True}
    wide = dict(options, num_layers=2, bidirectional=True)
    yield "LSTM", Net(nn.LSTM(6, 5, **options), nn.Linear(5, 3)), "embedding=emb lstm=rnn last dense=head"
    yield "two bidirectional LSTMs, head of several layers", Net(
        nn.LSTM(6, 5, **wide), nn.Sequential(nn.BatchNorm1d(10), nn.Linear(10, 4), nn.ReLU(), nn.LayerNorm(4),
                                             nn.Linear(4, 2, bias=False), nn.Sigmoid())), (
        "embedding=emb lstm=rnn last batch_norm=head.0 dense=head.1 relu layer_norm=head.3 dense=head.4 sigmoid")
    yield "bidirectional LSTM by step", Net(nn.LSTM(6, 5, bidirectional=True, **options), nn.Linear(10, 3), False), (
        "embedding=emb lstm=rnn dense=head")
    yield "LSTM with a projection, without biases", Net(
        nn.LSTM(6, 5, proj_size=3, bias=False, num_layers=2, **options)), "embedding=emb lstm=rnn last"
    yield "two bidirectional GRUs", Net(nn.GRU(6, 5, **wide), nn.Linear(10, 3)), (
        "embedding=emb gru=rnn last dense=head")
    yield "RNN", Net(nn.RNN(6, 5, **wide), nn.Linear(10, 3), False), "embedding=emb rnn=rnn dense=head"
    yield "LSTM of rows of numbers", Net(nn.LSTM(CHANNELS, 5, **options), nn.Linear(5, 2), table=False), (
        f"channels:count={CHANNELS} lstm=rnn last dense=head")


def draw_torch(torch, model, rng):
    with torch.no_grad():
        for name, value in model.state_dict().items():
            if value.dtype == torch.float32:
                drawn = rng.normal(size=tuple(value.shape)) * 0.4
                value.copy_(torch.from_numpy(np.abs(drawn) + 0.2 if name.endswith("running_var") else drawn))
    model.eval()


def check_torch(bench, rng):
    import torch

    def answers_of(model):
        def answers(way, sequences):
            with torch.no_grad():
                if way == "padded":
                    lengths = torch.tensor([len(s) for s in sequences])
                    return cut(model(torch.from_numpy(padded(sequences)), lengths).numpy(), sequences)
                return alone(lambda batch: model(torch.from_numpy(batch)).numpy(), sequences)
        return answers

    for number, (name, model, layers) in enumerate(torch_architectures(torch)):
        draw_torch(torch, model, rng)
        state = model.state_dict()
        if number == 0:
            state = dict(model.named_parameters())  # with gradients
        if number == 1:
            state = {"state_dict": state, "epoch": 3}  # as Lightning has it
        if number == 2:
            state = {f"module.{n}": t for n, t in state.items()}  # DataParallel
        path = bench.path(".pt")
        torch.save(state, path, _use_new_zipfile_serialization=number != 3)
        tokens = model.emb is not None
        bench.check(name, path, answers_of(model), (token_sequences if tokens else row_sequences)(rng),
                    ("--layers", layers))
    convolutions(bench, torch, rng)
    refuse_torch(bench, torch)
    bench.report(torch.__version__)


def convolutions(bench, torch, rng):
    nn = torch.nn
    model = nn.ModuleDict({"emb": nn.Embedding(VOCABULARY, 6), "a": nn.Conv1d(6, 5, 4, padding="same", dilation=2),
                           "b": nn.Conv1d(5, 4, 3, stride=2), "gru": nn.GRU(4, 3, batch_first=True)})
    draw_torch(torch, model, rng)
    path = bench.path(".pth")
    torch.save(model.state_dict(), path)

    def run(batch):
        x = model["emb"](torch.from_numpy(batch)).transpose(1, 2)
        x = torch.max_pool1d(torch.relu(model["a"](x)), 2, 1)
        return model["gru"](model["b"](x).transpose(1, 2))[0].max(dim=1)[0]

    def answers(way, sequences):
        with torch.no_grad():
            return alone(run, sequences)

    bench.check("convolutions", path, answers, token_sequences(rng, LONG_LENGTHS), (
        "--layers", "embedding=emb conv1d=a:padding=same,dilation=2 relu max_pool1d:kernel=2,stride=1 "
        "conv1d=b:padding=valid,stride=2 gru=gru max"), ("alone",))


def refuse_torch(bench, torch):
    nn = torch.nn
    model = nn.ModuleDict({"emb": nn.Embedding(VOCABULARY, 6), "rnn": nn.LSTM(6, 5, bidirectional=True)})
    state = model.state_dict()
    path = bench.path(".pt")
    torch.save(state, path)
    layers = lambda text: ("--layers", text)
    bench.refuse("a prefix that is misspelt", path, "tensor 'embed.weight' is missing, expected one of shape [any, any]",
                 *layers("embedding=embed lstm=rnn last"))
    bench.refuse("another kind of cell", path, "tensor 'rnn.weight_hh_l0' has shape [20, 5], expected [3 H, H]",
                 *layers("embedding=emb gru=rnn last"))
    bench.refuse("a tensor of no layer", path, "no layer takes tensor 'rnn.weight_ih_l0' and 7 more",
                 *layers("embedding=emb mean"))
    bench.refuse("an unknown layer", path, "'transformer' is no layer of seqlstm, expected one of",
                 *layers("embedding=emb transformer=rnn"))
    half = {n: t for n, t in state.items() if n != "rnn.weight_ih_l0_reverse"}
    torch.save(half, path)
    bench.refuse("half of a bidirectional layer", path, "tensor 'rnn.weight_ih_l0_reverse' is missing",
                 *layers("embedding=emb lstm=rnn last"))
    deep = nn.ModuleDict({"emb": nn.Embedding(VOCABULARY, 6), "rnn": nn.LSTM(6, 5, 2)}).state_dict()
    for missing, beside in (("bias_ih_l1", "bias_ih_l0"), ("weight_ih_l1", "weight_hh_l1")):
        torch.save({n: t for n, t in deep.items() if n != "rnn." + missing}, path)
        bench.refuse(f"a stack without {missing}", path,
                     f"tensor 'rnn.{missing}' is missing, expected it beside 'rnn.{beside}'",
                     *layers("embedding=emb lstm=rnn last"), "--partial")
    bad = dict(state)
    bad["rnn.weight_ih_l0"] = state["rnn.weight_ih_l0"].T.contiguous()
    torch.save(bad, path)
    bench.refuse("a transposed tensor", path, "tensor 'rnn.weight_ih_l0' has shape [6, 20], expected [20, any]",
                 *layers("embedding=emb lstm=rnn last"))
    bad["rnn.weight_ih_l0"] = torch.full((20, 6), float("nan"))
    torch.save(bad, path)
    bench.refuse("NaN", path, "holds NaN or infinity", *layers("embedding=emb lstm=rnn last"))
    torch.save(nn.LSTM(6, 5), path)
    bench.refuse("a whole module", path, "it holds objects, not only tensors, expected a state dict",
                 *layers("embedding=emb lstm=rnn last"))
    with open(path, "wb") as file:
        file.write(b"no file of torch")
    bench.refuse("another file", path, "neither a zip archive nor a pickle, expected a file that torch.save wrote")
    torch.save(state, path)
    with open(path, "r+b") as file:
        file.truncate(2000)
    bench.refuse("a torn file", path, "not a file that torch.save wrote, or damaged")


# ---- fastai


def check_fastai(bench, rng):
    import fastai
    import torch
    from fastai.text.models.awdlstm import AWD_LSTM, awd_lstm_clas_config, awd_lstm_lm_config
    from fastai.text.models.core import get_language_model, get_text_classifier

    def run_of(model, output):
        def run(batch):
            for part in model.modules():
                if hasattr(part, "reset"):
                    part.reset()
            with torch.no_grad():
                return output(model(torch.from_numpy(batch))).numpy()
        return run

    def answers_of(model, output):
        return lambda way, sequences: alone(run_of(model, output), sequences)

    def padded_answers(model, output):
        """fastai pads with token 1; a forward encoder has answered before it reads padding on the right."""
        def answers(way, sequences):
            if way == "padded":
                return cut(run_of(model, output)(padded(sequences, 1)), sequences)
            return alone(run_of(model, output), sequences)
        return answers

    def sequences():
        return [s + (s == 1) for s in token_sequences(rng)]  # 1 is padding

    def save(network, **nested):
        path = bench.path(".pth")
        torch.save(nested or network.state_dict(), path)
        return path

    for layers in (1, 3):
        encoder = AWD_LSTM(VOCABULARY, 6, 9, layers, pad_token=1)
        draw_torch(torch, encoder, rng)
        bench.check(f"encoder of {layers} LSTMs (save_encoder)", save(encoder), padded_answers(encoder, lambda y: y),
                    sequences())
    bench.check("encoder with wrapped copies of recurrent weights", save(encoder, **with_wrapped_copies(
        encoder.state_dict())), padded_answers(encoder, lambda y: y), sequences())
    both = AWD_LSTM(VOCABULARY, 6, 8, 2, pad_token=1, bidir=True)
    draw_torch(torch, both, rng)
    bench.check("bidirectional encoder", save(both), answers_of(both, lambda y: y), sequences(), ways=("alone",))
    config = dict(awd_lstm_lm_config, emb_sz=6, n_hid=9, n_layers=2)
    model = get_language_model(AWD_LSTM, VOCABULARY, config)
    draw_torch(torch, model, rng)
    first = lambda y: y[0] if isinstance(y, tuple) else y
    bench.check("language model (learn.save)", save(model, model=model.state_dict(), opt={"state": []}),
                padded_answers(model, first), sequences())
    config = dict(awd_lstm_clas_config, emb_sz=6, n_hid=9, n_layers=2)
    model = get_text_classifier(AWD_LSTM, VOCABULARY, 3, seq_len=72, config=config)
    draw_torch(torch, model, rng)
    bench.check("text classifier (learn.save)", save(model), answers_of(model, first), sequences(), ways=("alone",))
    names = list(AWD_LSTM(VOCABULARY, 6, 9, 2, pad_token=1).state_dict())
    for expected in ("rnns.0.weight_hh_l0_raw", "rnns.0.module.weight_ih_l0", "encoder_dp.emb.weight"):
        if expected not in names:
            bench.failures.append(f"fastai: no tensor '{expected}', which 2.8 has, among {names}")
    refuse_fastai(bench, torch, AWD_LSTM, save)
    bench.report(fastai.__version__)


def with_wrapped_copies(state):
    """As releases before save it: beside the raw weight what the last training step made of it."""
    wrapped = {n.replace("weight_hh_l0_raw", "module.weight_hh_l0"): t * 0.5 for n, t in state.items()
               if n.endswith("weight_hh_l0_raw")}
    return {**state, **wrapped}


def refuse_fastai(bench, torch, AWD_LSTM, save):
    state = AWD_LSTM(VOCABULARY, 6, 9, 2, pad_token=1).state_dict()
    del state["rnns.1.weight_hh_l0_raw"]
    path = bench.path(".pth")
    torch.save(state, path)
    bench.refuse("an encoder without a recurrent weight", path, "tensor 'rnns.1.weight_hh_l0' is missing")
    state = AWD_LSTM(VOCABULARY, 6, 9, 2, pad_token=1).state_dict()
    state["2.extra.weight"] = torch.zeros(3)
    torch.save(state, path)
    bench.refuse("a part of another model", path, "no layer takes tensor '2.extra.weight'")


# ---- Flax


def check_flax(bench, rng):
    import flax
    import flax.linen as nn
    import jax
    import jax.numpy as jnp
    from flax import nnx

    class Linen(nn.Module):
        """An embedding, cells in one direction or both, their last states or their steps, and a head."""
        cell: type
        both: bool = False
        by_step: bool = False

        @nn.compact
        def __call__(self, x, lengths):
            x = nn.Embed(VOCABULARY, 6, name="emb")(x)
            runs = [nn.RNN(self.cell(5, name="forward"), return_carry=True)(x, seq_lengths=lengths)]
            if self.both:
                backward = nn.RNN(self.cell(5, name="backward"), return_carry=True, reverse=True, keep_order=True)
                runs.append(backward(x, seq_lengths=lengths))
            head = nn.Dense(3, name="head")
            if self.by_step:
                return head(jnp.concatenate([y for _, y in runs], axis=-1))
            states = [carry[1] if isinstance(carry, tuple) else carry for carry, _ in runs]
            return head(jnp.concatenate(states, axis=-1))

    def draw(tree):
        return jax.tree_util.tree_map(lambda p: jnp.asarray(rng.normal(size=p.shape) * 0.4, jnp.float32), tree)

    def answers_of(run):
        def answers(way, sequences):
            if way == "padded":
                lengths = jnp.asarray([len(s) for s in sequences])
                return cut(run(jnp.asarray(padded(sequences)), lengths), sequences)
            return alone(lambda batch: run(jnp.asarray(batch), jnp.full(len(batch), batch.shape[1])), sequences)
        return answers

    lengths = [5, 1, 8, 5, 8, 1]  # each length is compiled anew
    kinds = [("OptimizedLSTMCell", "lstm"), ("LSTMCell", "lstm"), ("GRUCell", "gru"), ("SimpleCell", "rnn")]
    for name, ours in kinds:
        for both in (False, True):
            for by_step in (False, True):
                model = Linen(getattr(nn, name), both, by_step)
                params = draw(model.init(jax.random.key(0), jnp.ones((1, 3), jnp.int32), jnp.asarray([3])))
                path = bench.path(".msgpack")
                with open(path, "wb") as file:
                    file.write(flax.serialization.to_bytes(params))
                cells = "forward+backward" if both else "forward"
                layers = f"embedding=emb {ours}={cells} " + ("" if by_step else "last ") + "dense=head"
                title = f"linen {name}" + (", both directions" if both else "") + (", by step" if by_step else "")
                bench.check(title, path, answers_of(lambda x, n, m=model, p=params: m.apply(p, x, n)),
                            token_sequences(rng, lengths), ("--layers", layers))
    for name, ours in kinds:
        class Nnx(nnx.Module):
            def __init__(self, rngs):
                self.emb = nnx.Embed(VOCABULARY, 6, rngs=rngs)
                self.rnn = nnx.RNN(getattr(nnx, name)(6, 5, rngs=rngs), rngs=rngs)
                self.norm = nnx.LayerNorm(5, rngs=rngs)
                self.head = nnx.Linear(5, 3, rngs=rngs)

            def __call__(self, x, lengths):
                return self.head(self.norm(self.rnn(self.emb(x), seq_lengths=lengths)))

        model = Nnx(nnx.Rngs(0))
        state = draw(nnx.state(model, nnx.Param))
        nnx.update(model, state)
        path = bench.path(".msgpack")
        with open(path, "wb") as file:
            file.write(flax.serialization.msgpack_serialize(jax.tree_util.tree_map(
                np.asarray, nnx.to_pure_dict(nnx.state(model, nnx.Param)))))
        bench.check(f"nnx {name}", path, answers_of(model), token_sequences(rng, lengths),
                    ("--layers", f"embedding=emb {ours}=rnn.cell layer_norm=norm dense=head"))
    flax_convolutions(bench, rng)
    bench.refuse("a tree without an order", path, "arrays of Flax have no order; give --layers")
    bench.refuse("a cell that is none", path, "tensor 'head.ii.kernel' is missing, expected one of shape [any, any]",
                 "--layers", "embedding=emb lstm=head layer_norm=norm dense=head")
    with open(path, "wb") as file:
        file.write(b"\x93no tree")
    bench.refuse("another file", path, "not a msgpack file of Flax, or damaged", "--layers", "embedding=emb")
    bench.report(f"{flax.__version__} (jax {jax.__version__})")


def flax_convolutions(bench, rng):
    """Convolutions and statistics of batches, of linen and of nnx."""
    import flax
    import flax.linen as nn
    import jax
    import jax.numpy as jnp
    from flax import nnx

    class Linen(nn.Module):
        @nn.compact
        def __call__(self, x):
            x = nn.relu(nn.Conv(5, (3,), padding="SAME", name="a")(nn.Embed(VOCABULARY, 6, name="emb")(x)))
            x = nn.BatchNorm(use_running_average=True, name="norm")(x)
            x = nn.Conv(4, (2,), padding="CAUSAL", kernel_dilation=2, use_bias=False, name="b")(x)
            x = nn.Conv(4, (3,), strides=2, padding="VALID", name="c")(x)
            return nn.Dense(3, name="head")(nn.LayerNorm(name="rows")(x).max(axis=1))

    class Nnx(nnx.Module):
        def __init__(self, rngs):
            self.emb = nnx.Embed(VOCABULARY, 6, rngs=rngs)
            self.a = nnx.Conv(6, 5, (3,), padding="SAME", rngs=rngs)
            self.norm = nnx.BatchNorm(5, use_running_average=True, rngs=rngs)
            self.b = nnx.Conv(5, 4, (2,), padding="CAUSAL", kernel_dilation=2, use_bias=False, rngs=rngs)
            self.c = nnx.Conv(4, 4, (3,), strides=2, padding="VALID", rngs=rngs)
            self.rows = nnx.LayerNorm(4, rngs=rngs)
            self.head = nnx.Linear(4, 3, rngs=rngs)

        def __call__(self, x):
            x = self.c(self.b(self.norm(nnx.relu(self.a(self.emb(x))))))
            return self.head(self.rows(x).max(axis=1))

    def draw(tree):
        return jax.tree_util.tree_map_with_path(lambda path, p: jnp.asarray(
            np.abs(rng.normal(size=p.shape) * 0.4) + 0.2 if "var" in str(path) else rng.normal(size=p.shape) * 0.4,
            jnp.float32), tree)

    layers = ("embedding=emb conv1d=a:padding=same relu batch_norm=norm conv1d=b:padding=causal,dilation=2 "
              "conv1d=c:padding=valid,stride=2 layer_norm=rows max dense=head")
    linen = Linen()
    tree = draw(linen.init(jax.random.key(0), jnp.ones((1, 9), jnp.int32)))
    model = Nnx(nnx.Rngs(0))
    kept = (nnx.Param, nnx.BatchStat)
    nnx.update(model, draw(nnx.state(model, kept)))
    for title, run, data in (
            ("linen convolutions", lambda x: linen.apply(tree, x), flax.serialization.to_bytes(tree)),
            ("nnx convolutions", model, flax.serialization.msgpack_serialize(jax.tree_util.tree_map(
                np.asarray, nnx.to_pure_dict(nnx.state(model, kept)))))):
        path = bench.path(".msgpack")
        with open(path, "wb") as file:
            file.write(data)
        bench.check(title, path, lambda way, sequences, f=run: alone(lambda x: f(jnp.asarray(x)), sequences),
                    token_sequences(rng, LONG_LENGTHS), ("--layers", layers), ("alone",))
        bench.refuse("zeros that depend on the length", path, "zeros that depend on the length in Flax", "--layers",
                     "embedding=emb conv1d=a:padding=same,stride=2")


# ---- without any library


def check_plain(bench):
    """What needs numpy alone: safetensors in, and complaints about files and options."""
    tensors = {"emb.weight": np.ones((4, 3), np.float32), "fc.weight": np.ones((2, 3), np.float32)}
    path = bench.path(".safetensors")
    bench.module.write_safetensors(path, tensors, {})
    bench.check("a safetensors file", path, lambda way, sequences: [[3, 3]] * len(sequences),
                [np.asarray([1, 2]), np.asarray([3])], ("--layers", "embedding=emb mean dense=fc"), ("alone",))
    bench.refuse("a missing file", path + ".none", "No such file or directory")
    bench.refuse("a misspelt layer", path, "'embeding' is no layer of seqlstm", "--layers", "embeding=emb")
    bench.refuse("a chain that begins with another layer", path, "a chain begins with embedding=PREFIX or channels",
                 "--layers", "dense=fc")
    bench.refuse("an option that is none", path, "'big' of 'dense=fc:big' is no option=value", "--layers",
                 "embedding=emb mean dense=fc:big")
    bench.refuse("an option that a layer does not have", path, "dense has no option 'size'", "--layers",
                 "embedding=emb mean dense=fc:size=3")
    bench.refuse("an option of a layer without tensors", path, "last has no option 'kind'", "--layers",
                 "embedding=emb last:kind=mean dense=fc")
    bench.refuse("another option of a pooling", path, "max_pool1d has no option 'size', expected one of kernel, stride",
                 "--layers", "embedding=emb max_pool1d:size=2 mean dense=fc")
    bench.refuse("a file of no library", __file__, "neither name nor first bytes say which library it is of")
    with open(path, "wb") as file:
        file.write(b"\x10\0\0\0\0\0\0\0{\"a\": 3}")
    old = bench.path("")
    os.mkdir(old)
    with open(os.path.join(old, "torch.py"), "w") as file:
        file.write('__version__ = "2.5.1+cpu"\n')
    bench.refuse("a torch that runs code of a file", path, "torch 2.5.1+cpu runs code that a file holds", "--from",
                 "torch", modules=old)
    bench.refuse("a torn safetensors file", path, "not a safetensors file, or damaged")
    bench.report("alone")


def main():
    program, converter = sys.argv[1], sys.argv[2]
    checks = {"keras": (check_keras, ["keras", "h5py"]), "torch": (check_torch, ["torch"]),
              "fastai": (check_fastai, ["torch", "fastai"]), "flax": (check_flax, ["flax", "msgpack"])}
    wanted = sys.argv[3:] or list(checks)
    done = 0
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(program, converter, folder)
        bench.begin("numpy")
        check_plain(bench)
        for name in wanted:
            check, modules = checks[name]
            missing = [m for m in modules if importlib.util.find_spec(m) is None]
            if missing:
                print(f"left out: {name}, this Python has no {' and no '.join(missing)}", flush=True)
                continue
            bench.begin(name)
            check(bench, np.random.default_rng(1))
            done += 1
    for failure in bench.failures:
        print(f"not as expected: {failure}")
    if bench.failures:
        sys.exit(1)
    if done == 0:
        print("skipped: none of keras, torch, fastai and flax is installed; pip install -r convert_requirements.txt")
        sys.exit(77)


main()
