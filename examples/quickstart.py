"""
Train on real digits and look at the mistakes
=============================================

A convolutional network learns handwritten digits and is judged on digits that it has
never seen: by accuracy, class by class, by what it confuses, and by a picture in which
the mistakes come first. Run it with ``make demo``, or, for other data:

.. code-block:: console

   $ python examples/quickstart.py --data mnist
   $ python examples/quickstart.py --data train.csv --output mistakes.png
"""

import argparse
import sys
from math import isqrt

import matplotlib

matplotlib.use("Agg")  # the picture goes to a file: no display is needed
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.metrics import classification_report, confusion_matrix
from sklearn.model_selection import train_test_split

from skdigits import make_digit_pipeline
from skdigits.datasets import fetch_mnist, load_pixel_csv

# Blue and vermilion are told apart by colour-blind readers too.
RIGHT, WRONG = "#0072B2", "#D55E00"


def parse_arguments():
    parser = argparse.ArgumentParser(
        description="Train a network on handwritten digits and look at its mistakes."
    )
    parser.add_argument(
        "--data",
        default="digits",
        metavar="DATA",
        help="'digits', the 1,797 digits that come with scikit-learn (default); "
        "'mnist', 70,000 digits, downloaded once; or the path of a CSV file with the "
        "columns label, pixel0, pixel1 and so on, as on Kaggle",
    )
    parser.add_argument(
        "--output", default="digits.png", metavar="FILE", help="where the picture goes"
    )
    return parser.parse_args()


def load(data):
    """Return the rows to train on and those held out: X, X_test, y, y_test."""
    if data == "mnist":
        # MNIST takes several minutes to train on, and "digits" less than one.
        X, y = fetch_mnist(subset="train", return_X_y=True)
        X_test, y_test = fetch_mnist(subset="test", return_X_y=True)
        return X, X_test, y, y_test
    if data == "digits":
        X, y = load_digits(return_X_y=True)
    else:
        X, y = load_pixel_csv(data, return_X_y=True)
        if y is None:
            raise ValueError("there is no column 'label' to learn from.")
        if isqrt(X.shape[1]) ** 2 != X.shape[1]:
            raise ValueError(f"images of {X.shape[1]} pixels are not square.")
    return train_test_split(X, y, test_size=0.25, stratify=y, random_state=0)


def print_confusions(y_true, y_pred, classes):
    """Print the confusion matrix and the pair that is confused most often."""
    counts = confusion_matrix(y_true, y_pred, labels=classes)
    print("Confusion matrix: a row for each digit, a column for what it was read as")
    print("     ", *(f"{c:>5}" for c in classes))
    for c, row in zip(classes, counts, strict=True):
        print(f"{c:>5} ", *(f"{n:>5}" for n in row))
    np.fill_diagonal(counts, 0)
    if not counts.any():
        print("\nNo mistakes.")
        return
    actual, predicted = np.unravel_index(counts.argmax(), counts.shape)
    times = "once" if counts.max() == 1 else f"{counts.max()} times"
    print(f"\nMost confused: {classes[actual]} read as {classes[predicted]}: {times}")


def draw_digits(X, y_true, y_pred, *, n_rows=4, n_columns=8):
    """Draw digits with what they are and were read as, the mistakes first."""
    is_wrong = y_true != y_pred
    shown = np.argsort(~is_wrong, kind="stable")[: n_rows * n_columns]
    side = isqrt(X.shape[1])
    figure, axes = plt.subplots(n_rows, n_columns, figsize=(12, 7.5))
    figure.set_layout_engine("constrained", h_pad=0.1, w_pad=0.1)
    figure.suptitle(f"{is_wrong.sum()} of {len(X)} held-out digits were misread (✗)")
    for ax in axes.flat:
        ax.set_axis_off()
    for ax, i in zip(axes.flat, shown, strict=False):
        ax.imshow(X[i].reshape(side, side), cmap="Greys")
        mark, color = ("✗", WRONG) if is_wrong[i] else ("✓", RIGHT)
        ax.set_title(f"{mark} {y_true[i]} read as {y_pred[i]}", color=color)
    return figure


def main():
    arguments = parse_arguments()
    try:
        X_train, X_test, y_train, y_test = load(arguments.data)
    except (OSError, ValueError) as error:
        sys.exit(
            f"--data {arguments.data}: {error}\n"
            "It can be 'digits', 'mnist' or the path of a CSV file; see --help."
        )
    # A progress bar on a terminal, and elsewhere a line for each epoch.
    verbose = 1 if sys.stdout.isatty() else 2
    model = make_digit_pipeline("cnn", verbose=verbose, random_state=0)
    print(f"Training on {len(X_train)} digits:")
    model.fit(X_train, y_train)

    predicted = model.predict(X_test)
    accuracy = np.mean(predicted == y_test)
    print(f"\nAccuracy on {len(X_test)} held-out digits: {accuracy:.2%}\n")
    print(classification_report(y_test, predicted))
    print_confusions(y_test, predicted, model.classes_)
    draw_digits(X_test, y_test, predicted).savefig(arguments.output)
    print(f"Digits and how they were read: see {arguments.output}")


if __name__ == "__main__":
    main()
