"""Writes reference.inc: inputs, and what scikit-learn and scipy make of them.

    python3 -m venv .venv && .venv/bin/pip install scikit-learn scipy
    .venv/bin/python tests/metrics/make_reference.py > tests/metrics/reference.inc
"""

import textwrap
import warnings

import numpy as np
import scipy
import sklearn
from scipy import stats
from sklearn import metrics

warnings.simplefilter("ignore")
random = np.random.default_rng(20240607)


def text(value):
    """A C++ expression for a string, a number or a list of such."""
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, (list, tuple, np.ndarray)):
        return "{" + ", ".join(text(v) for v in value) + "}"
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    value = float(value)
    if np.isnan(value):
        return "not_a_number"
    return "inf" if value == np.inf else repr(value)


def table(kind, name, rows):
    print(f"inline const std::vector<{kind}> {name} = {{")
    for row in rows:
        fields = ", ".join(f".{key} = {text(value)}" for key, value in row.items())
        print(textwrap.fill("{" + fields + "},", 110, initial_indent="    ", subsequent_indent="     ",
                            break_long_words=False, break_on_hyphens=False))
    print("};\n")


def classification(name, classes, truth, predicted):
    present = np.union1d(truth, predicted)
    case = {"name": name, "classes": classes, "truth": truth, "predicted": predicted,
            "accuracy": metrics.accuracy_score(truth, predicted)}
    for average in ["binary", "macro", "weighted", "micro"]:
        if average == "binary" and classes != 2:
            case["binary"] = []
            continue
        case[average] = metrics.precision_recall_fscore_support(
            truth, predicted, average=average, zero_division=0)[:3]
    per_class = metrics.precision_recall_fscore_support(
        truth, predicted, labels=range(classes), average=None, zero_division=0)
    case.update({"precision": per_class[0], "recall": per_class[1], "f1": per_class[2],
                 "mcc": metrics.matthews_corrcoef(truth, predicted)})
    assert present.max() < classes
    return case


def ranking(name, truth, scores):
    false_rate, true_rate, threshold = metrics.roc_curve(truth, scores, drop_intermediate=False, pos_label=1)
    return {"name": name, "truth": truth, "scores": scores,
            "roc_auc": metrics.roc_auc_score(truth, scores),
            "pr_auc": metrics.average_precision_score(truth, scores),
            "false_positive_rate": false_rate, "true_positive_rate": true_rate, "threshold": threshold}


def report(name, truth, probabilities):
    """The named metrics of a report; one column is the probability of class 1."""
    truth, probabilities = np.array(truth), np.array(probabilities)
    columns = probabilities.shape[1]
    if columns <= 2:
        positive = probabilities[:, -1]
        predicted = (positive >= 0.5).astype(int) if columns == 1 else probabilities.argmax(axis=1)
        average = "binary"
        roc, pr = metrics.roc_auc_score(truth, positive), metrics.average_precision_score(truth, positive)
    else:
        predicted, average = probabilities.argmax(axis=1), "macro"
        one_hot = np.eye(columns)[truth]
        roc = metrics.roc_auc_score(truth, probabilities, multi_class="ovr", average="macro",
                                    labels=range(columns))
        pr = metrics.average_precision_score(one_hot, probabilities, average="macro")
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        truth, predicted, average=average, zero_division=0)
    return {"name": name, "columns": columns, "truth": truth, "probabilities": probabilities.ravel(),
            "metrics": [metrics.accuracy_score(truth, predicted), precision, recall, f1,
                        metrics.matthews_corrcoef(truth, predicted), roc, pr]}


def regression(name, truth, predicted):
    enough = len(truth) > 1  # scipy refuses a single pair
    return {"name": name, "truth": truth, "predicted": predicted,
            "mse": metrics.mean_squared_error(truth, predicted),
            "mae": metrics.mean_absolute_error(truth, predicted),
            "r2": metrics.r2_score(truth, predicted),
            "spearman": stats.spearmanr(truth, predicted).statistic if enough else np.nan,
            "pearson": stats.pearsonr(truth, predicted).statistic if enough else np.nan}


def noisy_labels(truth, classes, wrong):
    other = random.integers(0, classes, len(truth))
    return np.where(random.random(len(truth)) < wrong, other, truth)


def probabilities_of(truth, classes, digits):
    """Rows that sum to one exactly enough for scikit-learn and still have equal values among them."""
    raw = random.integers(1, 6, (len(truth), classes)) + 4 * np.eye(classes)[truth] * random.integers(
        0, 2, (len(truth), 1))
    return np.round(raw / raw.sum(axis=1, keepdims=True), digits)


print("// Made by make_reference.py with scikit-learn "
      f"{sklearn.__version__}, scipy {scipy.__version__}, numpy {np.__version__}.\n")

many = random.choice(5, 300, p=[0.5, 0.25, 0.15, 0.07, 0.03])
calls = noisy_labels(many, 5, 0.4)
calls[calls == 3] = 0
table("ClassificationCase", "classification_cases", [
    classification("two classes", 2, [0, 1, 1, 0, 1, 1, 0, 0], [0, 1, 0, 0, 1, 1, 1, 0]),
    classification("all right", 2, [0, 1, 1], [0, 1, 1]),
    classification("all wrong", 2, [0, 1, 1], [1, 0, 0]),
    classification("class 1 never predicted", 2, [0, 1, 1, 0], [0, 0, 0, 0]),
    classification("class 1 absent", 2, [0, 0, 0], [0, 1, 0]),
    classification("class 0 only", 2, [0, 0, 0], [0, 0, 0]),
    classification("class 1 only", 2, [1, 1], [1, 1]),
    classification("one row, wrong", 2, [1], [0]),
    classification("three classes", 3, [0, 1, 2, 2, 1, 0, 2, 2], [0, 2, 2, 2, 1, 1, 0, 2]),
    classification("a class neither present nor predicted", 4, [0, 1, 3, 3, 1], [0, 3, 3, 1, 1]),
    classification("a class present, never predicted", 3, [0, 1, 2, 2, 1], [0, 1, 1, 0, 1]),
    classification("a class predicted, never present", 3, [0, 1, 1, 0, 1], [0, 1, 2, 2, 1]),
    classification("constant prediction of three", 3, [0, 1, 2, 0], [0, 0, 0, 0]),
    classification("300 rows, one class never predicted", 5, many, calls),
])

coin = random.integers(0, 2, 200)
table("RankingCase", "ranking_cases", [
    ranking("no ties", [0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]),
    ranking("ties", [0, 1, 1, 0, 1, 0], [0.5, 0.5, 0.7, 0.7, 0.7, 0.1]),
    ranking("all scores equal", [0, 1, 1, 0, 1], [0.3, 0.3, 0.3, 0.3, 0.3]),
    ranking("perfect", [0, 0, 1], [-1, 0, 2]),
    ranking("reversed", [1, 1, 0], [-1, 0, 2]),
    ranking("no positive", [0, 0, 0], [0.1, 0.2, 0.2]),
    ranking("no negative", [1, 1, 1], [0.1, 0.2, 0.2]),
    ranking("200 rows with ties", coin, np.round(coin * 0.3 + random.random(200), 2)),
])

two, four = random.integers(0, 2, 40), random.choice(4, 150, p=[0.4, 0.3, 0.2, 0.1])
table("ReportCase", "report_cases", [
    report("one column, 0.5 counts as class 1", [0, 1, 0, 1], [[0.5], [0.5], [0.2], [0.7]]),
    report("two columns, the first of equals wins", [0, 1, 0, 1], [[0.5, 0.5], [0.5, 0.5], [0.8, 0.2], [0.3, 0.7]]),
    report("one column, 40 rows", two, np.round(random.random((40, 1)) * 0.6 + two[:, None] * 0.3, 2)),
    report("one column, class 0 only", [0, 0, 0], [[0.5], [0.1], [0.9]]),
    report("one column, class 1 only", [1, 1, 1], [[0.5], [0.1], [0.9]]),
    report("three columns", [0, 1, 2, 2], [[0.5, 0.25, 0.25], [0.25, 0.25, 0.5], [0.25, 0.5, 0.25], [0, 0.25, 0.75]]),
    report("three columns, class 1 absent", [0, 2, 2, 0],
           [[0.5, 0.25, 0.25], [0.25, 0.25, 0.5], [0.25, 0.5, 0.25], [0.75, 0.25, 0]]),
    report("four columns, 150 rows", four, probabilities_of(four, 4, 17)),
])

measured = np.round(random.normal(size=150), 1)
table("RegressionCase", "regression_cases", [
    regression("plain", [3, -0.5, 2, 7], [2.5, 0, 2, 8]),
    regression("ties on both sides", [1, 2, 2, 3, 3, 3], [1, 1, 3, 2, 4, 4]),
    regression("exact", [1, 2, 4], [1, 2, 4]),
    regression("reversed", [1, 2, 4], [4, 2, 1]),
    regression("constant target, exact", [2, 2, 2], [2, 2, 2]),
    regression("constant target", [2, 2, 2], [2, 3, 1]),
    regression("constant prediction", [1, 2, 4], [3, 3, 3]),
    regression("one row", [1], [2]),
    regression("two rows", [1, 3], [5, 2]),
    regression("monotone, far from linear", [1, 2, 3, 4], [1, 10, 100, 1000]),
    regression("150 rows with ties", measured, np.round(0.7 * measured + random.normal(size=150), 1)),
])
