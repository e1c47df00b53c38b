"""
Models of Keras tutorials
=========================

Each of these models comes from a tutorial about Keras and MNIST, and takes one line of
skdigits. This program trains them as the tutorials do, with Adam at a constant learning
rate, and prints the accuracies that the tutorials state next to the measured ones:

.. code-block:: console

   $ python examples/reference_models.py
   $ python examples/reference_models.py sigmoid-10-10 --seeds 5
   $ python examples/reference_models.py --quick

The test images have no influence on the training. The output lists what a tutorial does
not say and was added here.

The images are those of MNIST, from the folder in the environment variable
``SKDIGITS_DATA``, or downloaded if it is not set. For ``kaggle-42000``, all 70,000 of
them are shuffled and written to CSV files like those of the competition "Digit
Recognizer".
"""

# sphinx_gallery_thumbnail_path = "auto_examples/images/sphx_glr_plot_tutorials_002.png"

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from benchmarks._machine import load_mnist, print_run
from benchmarks._tables import mean_spread, print_table
from sklearn.metrics import confusion_matrix, roc_auc_score
from sklearn.model_selection import train_test_split

from skdigits import make_digit_pipeline
from skdigits.datasets import load_pixel_csv, save_submission

# The defaults of Keras, which most of the tutorials use.
AS_KERAS = {"batch_size": 32, "learning_rate_schedule": "constant"}


class Model(NamedTuple):
    """A model, the accuracies in its tutorial, and what the tutorial does not say."""

    kind: str
    params: dict[str, Any]
    published: str = ""
    added: str = ""

    def code(self):
        """Return the code that trains the model."""
        params = [f"{name}={value!r}" for name, value in self.params.items()]
        arguments = "".join(f"    {text},\n" for text in [repr(self.kind), *params])
        return f"make_digit_pipeline(\n{arguments}).fit(X, y)".replace("'", '"')

    def fit(self, X, y, **changes):
        """Train the model with some parameters changed, and return the pipeline."""
        return make_digit_pipeline(self.kind, **self.params | changes).fit(X, y)


MODELS = {
    "dense-128-64": Model(
        "ann",
        dict(
            hidden_layer_sizes=(128, 64),
            dropout=0.2,
            epochs=20,
            validation_split=0.1,
            **AS_KERAS,
        ),
        published="test more than 99",
        added="dropout rate, batch size, share of the validation samples",
    ),
    "dense-128-32": Model(
        "ann",
        dict(hidden_layer_sizes=(128, 32), epochs=25, validation_split=0.2, **AS_KERAS),
        added="batch size",
    ),
    "dense-128-dropout": Model(
        "ann",
        dict(
            hidden_layer_sizes=(128,),
            dropout=0.2,
            epochs=10,
            early_stopping=True,
            **AS_KERAS,
        ),
        published="training 98, test 97, AUC of 0 1.00",
        added="dropout rate, share of the validation samples, patience",
    ),
    "cnn-basic": Model(
        "cnn",
        dict(
            filters=(32,),
            padding="valid",
            hidden_layer_sizes=(128,),
            dropout=0,
            epochs=10,
            early_stopping=True,
            **AS_KERAS,
        ),
        published="training and validation above 99",
        added="sizes of the layers, share of the validation samples, patience",
    ),
    "dense-300-200-100": Model(
        "ann",
        dict(hidden_layer_sizes=(300, 200, 100), epochs=10, **AS_KERAS),
        added="number of epochs, batch size",
    ),
    "cnn-32-16": Model(
        "cnn",
        dict(
            filters=(32, 16),
            kernel_size=3,
            padding="valid",
            pool_size=3,
            hidden_layer_sizes=(300,),
            activation=(None, None, "relu"),
            dropout=0,
            epochs=10,
            **AS_KERAS,
        ),
        published="test 98",
        added="number of epochs, batch size",
    ),
    "sigmoid-10-10": Model(
        "ann",
        dict(hidden_layer_sizes=(10, 10), activation="sigmoid", epochs=10, **AS_KERAS),
        published="training 93.9, test near 92",
    ),
    "kaggle-42000": Model(
        "ann",
        dict(hidden_layer_sizes=(64, 64), dropout=0.2, epochs=10, **AS_KERAS),
        published="training 96.8, validation 97.1",
        added="sizes of the layers and dropout rate, chosen for a training accuracy "
        "close to the published one",
    ),
}

# What the tutorial of "sigmoid-10-10" states besides: the training accuracy of each
# epoch, and how many fives of the test set are read as 3 and as 5.
SIGMOID_BY_EPOCH = 45.3, 84.0, 88.1, 90.8, 91.6, 92.3, 92.6, 93.2, 93.5, 93.9
SIGMOID_FIVES = {3: 36, 5: 785}


class Outcome(NamedTuple):
    """The measurements of one training."""

    n_weights: int
    by_epoch: list[float]
    training: float
    validation: float | None
    test: float
    auc_of_0: float
    fives: np.ndarray


def measure(pipe, X_test, y_test, y_pred, validation=None):
    """Return the measurements of a fitted pipeline."""
    classifier = pipe[-1]
    kept = classifier.kept_epoch_ - 1
    if "val_accuracy" in classifier.history_:
        validation = classifier.history_["val_accuracy"][kept]
    return Outcome(
        n_weights=classifier.n_weights_,
        by_epoch=classifier.history_["accuracy"],
        training=classifier.history_["accuracy"][kept],
        validation=validation,
        test=np.mean(y_pred == y_test),
        auc_of_0=roc_auc_score(y_test == 0, pipe.predict_proba(X_test)[:, 0]),
        fives=confusion_matrix(y_test, y_pred, labels=range(10))[5],
    )


def train_on_mnist(model, samples, **changes):
    """Train a model on the training images, and read the test images with it."""
    X, y, X_test, y_test = samples
    pipe = model.fit(X, y, **changes)
    return measure(pipe, X_test, y_test, pipe.predict(X_test))


def write_kaggle_files(folder, samples):
    """Write train.csv and test.csv, and return the labels of the latter."""
    X, y = np.concatenate(samples[::2]), np.concatenate(samples[1::2])
    order = np.random.default_rng(0).permutation(len(X))
    labeled, unlabeled = np.split(order, [round(0.6 * len(X))])
    header = ",".join(f"pixel{i}" for i in range(X.shape[1]))
    form = {"fmt": "%d", "delimiter": ",", "comments": ""}
    table = np.column_stack([y[labeled], X[labeled]])
    np.savetxt(folder / "train.csv", table, header=f"label,{header}", **form)
    np.savetxt(folder / "test.csv", X[unlabeled], header=header, **form)
    return y[unlabeled]


def train_on_kaggle_files(model, folder, y_test, *, random_state, **changes):
    """Train a model on train.csv, and score its submission for test.csv."""
    X, y = load_pixel_csv(folder / "train.csv", return_X_y=True)
    one_hot = np.eye(10, dtype=int)[y]
    X_train, X_val, y_train, y_val = train_test_split(
        X, one_hot, test_size=0.2, random_state=random_state
    )
    pipe = model.fit(X_train, y_train, random_state=random_state, **changes)
    validation = np.mean(pipe.predict(X_val) == y_val.argmax(axis=1))

    X_test, _ = load_pixel_csv(folder / "test.csv", return_X_y=True)
    submission = folder / "submission.csv"
    save_submission(submission, pipe.predict(X_test))
    submitted = np.loadtxt(submission, int, delimiter=",", skiprows=1)
    return measure(pipe, X_test, y_test, submitted[:, 1], validation)


def percent(shares):
    """Return the mean of shares and their bounds in percent, or "" if they are None."""
    return "" if None in shares else mean_spread([100 * share for share in shares])


def accuracies(outcomes):
    """Return the accuracies of a model in percent, and its area under the ROC curve."""
    return {
        "training": percent([outcome.training for outcome in outcomes]),
        "validation": percent([outcome.validation for outcome in outcomes]),
        "test": percent([outcome.test for outcome in outcomes]),
        "AUC of 0": mean_spread([outcome.auc_of_0 for outcome in outcomes], 4),
    }


def print_results(results):
    """Print tables of the results, and the code of each model."""
    rows = [
        [
            f"``{name}``",
            f"{outcomes[0].n_weights:,}",
            MODELS[name].published,
            *accuracies(outcomes).values(),
        ]
        for name, outcomes in results.items()
    ]
    n_seeds = len(next(iter(results.values())))
    of_seeds = (
        f"mean (smallest-largest) of {n_seeds} seeds" if n_seeds > 1 else "1 seed"
    )
    header = ["model", "weights", "published", "training", "validation", "test"]
    print_table(
        f"Accuracy in percent and area under the ROC curve of class 0, {of_seeds}",
        [[*header, "AUC of 0"], *rows],
    )
    if "sigmoid-10-10" in results:
        print_sigmoid(results["sigmoid-10-10"])
    for name in results:
        code = MODELS[name].code().replace("\n", "\n   ")
        print(f"\n``{name}``\n\n.. code-block:: python\n\n   {code}")
        if MODELS[name].added:
            print(f"\nNot in the tutorial: {MODELS[name].added}.")


def print_sigmoid(outcomes):
    """Print what the tutorial of "sigmoid-10-10" states besides."""
    curves = zip(*(outcome.by_epoch for outcome in outcomes), strict=True)
    # With --quick, there are fewer epochs than published.
    epochs = enumerate(zip(SIGMOID_BY_EPOCH, curves, strict=False), 1)
    print_table(
        "Training accuracy of ``sigmoid-10-10`` in percent",
        [["epoch", "published", "measured"]]
        + [
            [f"{epoch}", f"{stated}", percent(curve)]
            for epoch, (stated, curve) in epochs
        ],
    )
    counts = np.transpose([outcome.fives for outcome in outcomes]).tolist()
    print_table(
        "Labels that ``sigmoid-10-10`` predicts for the fives of the test set",
        [["label", "published", "measured"]]
        + [
            [f"{label}", f"{SIGMOID_FIVES.get(label, '')}", mean_spread(count, 0)]
            for label, count in enumerate(counts)
        ],
    )


def parse_arguments():
    parser = argparse.ArgumentParser(
        description="Train the models of Keras tutorials on MNIST, and print the "
        "published accuracies next to the measured ones, in reStructuredText."
    )
    parser.add_argument(
        "models",
        nargs="*",
        metavar="MODEL",
        help=f"models to train: {', '.join(MODELS)} (default: all of them)",
    )
    parser.add_argument(
        "--seeds", type=int, default=1, metavar="N", help="number of seeds (default: 1)"
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="train for 2 epochs on 2,000 images, and test on 1,000",
    )
    arguments = parser.parse_args()
    for name in arguments.models:
        if name not in MODELS:
            parser.error(f"MODEL must be one of {', '.join(MODELS)}; got {name}")
    if arguments.seeds < 1:
        parser.error(f"--seeds must be at least 1; got {arguments.seeds}")
    return arguments


def main():
    arguments = parse_arguments()
    samples = [*load_mnist("train"), *load_mnist("test")]
    changes = {}
    if arguments.quick:
        sizes = 2_000, 2_000, 1_000, 1_000
        samples = [values[:n] for values, n in zip(samples, sizes, strict=True)]
        changes["epochs"] = 2
    results = {name: [] for name in arguments.models or MODELS}
    with tempfile.TemporaryDirectory() as folder:
        if "kaggle-42000" in results:
            kaggle = Path(folder), write_kaggle_files(Path(folder), samples)
        for name, outcomes in results.items():
            for seed in range(arguments.seeds):
                changes["random_state"] = seed
                start = time.perf_counter()
                if name == "kaggle-42000":
                    outcome = train_on_kaggle_files(MODELS[name], *kaggle, **changes)
                else:
                    outcome = train_on_mnist(MODELS[name], samples, **changes)
                outcomes.append(outcome)
                figures = [
                    f"{what} {text}"
                    for what, text in accuracies([outcome]).items()
                    if text
                ]
                seconds = time.perf_counter() - start
                print(
                    f"{name}, seed {seed}, {seconds:.0f} s: {', '.join(figures)}",
                    file=sys.stderr,
                )
    print_run("keras", "tensorflow")
    print_results(results)


if __name__ == "__main__":
    main()
