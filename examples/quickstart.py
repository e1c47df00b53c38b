"""
Quick start: train a network and look at its mistakes
=====================================================

This example trains a convolutional network on handwritten digits and evaluates it on
digits that it has not seen. The report states the accuracy of each class, the confused
digits and the uncertain ones. It is printed, and saved as an HTML page with figures and
the misclassified digits. Run it with ``make demo``, or with other data:

.. code-block:: console

   $ python examples/quickstart.py --data mnist
   $ python examples/quickstart.py --data train.csv --output report.html
"""

# sphinx_gallery_thumbnail_path = "auto_examples/images/sphx_glr_plot_reading_003.png"

import argparse
import sys
from math import isqrt

from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skdigits import DigitReport, make_digit_pipeline
from skdigits.datasets import fetch_mnist, load_pixel_csv


def parse_arguments():
    parser = argparse.ArgumentParser(
        description="Train a network on handwritten digits and look at its mistakes."
    )
    parser.add_argument(
        "--data",
        default="digits",
        metavar="DATA",
        help="'digits' for the 1,797 digits of scikit-learn (default), 'mnist' for the "
        "70,000 digits of MNIST, which are downloaded once, or the path of a CSV file "
        "with the columns label, pixel0, pixel1 and so on, as on Kaggle",
    )
    parser.add_argument(
        "--output",
        default="report.html",
        metavar="FILE",
        help="file to save the report to",
    )
    return parser.parse_args()


def load(data):
    """Return the training set and the test set: X_train, X_test, y_train, y_test."""
    if data == "mnist":
        # Training takes several minutes on MNIST, and less than one on "digits".
        X, y = fetch_mnist(subset="train", return_X_y=True)
        X_test, y_test = fetch_mnist(subset="test", return_X_y=True)
        return X, X_test, y, y_test
    if data == "digits":
        X, y = load_digits(return_X_y=True)
    else:
        X, y = load_pixel_csv(data, return_X_y=True)
        if y is None:
            raise ValueError("the file must have a column 'label'; got none.")
        if isqrt(X.shape[1]) ** 2 != X.shape[1]:
            raise ValueError(f"images must be square; got {X.shape[1]} pixels.")
    return train_test_split(X, y, test_size=0.25, stratify=y, random_state=0)


def main():
    arguments = parse_arguments()
    try:
        X_train, X_test, y_train, y_test = load(arguments.data)
    except (OSError, ValueError) as error:
        sys.exit(
            f"--data {arguments.data}: {error}\n"
            "It must be 'digits', 'mnist' or the path of a CSV file; see --help."
        )
    # Show a progress bar in a terminal, and otherwise a line for each epoch.
    verbose = 1 if sys.stdout.isatty() else 2
    model = make_digit_pipeline("cnn", verbose=verbose, random_state=0)
    print(f"Training on {len(X_train)} digits:")
    model.fit(X_train, y_train)

    report = DigitReport.from_estimator(model, X_test, y_test)
    print(f"\n{report}\n")
    report.save(arguments.output)
    print(f"Open {arguments.output} for figures and the misclassified digits.")


if __name__ == "__main__":
    main()
