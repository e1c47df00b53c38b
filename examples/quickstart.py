"""
Train on real digits and look at the mistakes
=============================================

A convolutional network learns handwritten digits and is judged on digits that it has
never seen: how accurate it is, class by class, what it confuses, and which digits it is
unsure of. The report is printed, and saved as a page with figures and the digits that
were misread. Run it with ``make demo``, or, for other data:

.. code-block:: console

   $ python examples/quickstart.py --data mnist
   $ python examples/quickstart.py --data train.csv --output report.html
"""

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
        help="'digits', the 1,797 digits that come with scikit-learn (default); "
        "'mnist', 70,000 digits, downloaded once; or the path of a CSV file with the "
        "columns label, pixel0, pixel1 and so on, as on Kaggle",
    )
    parser.add_argument(
        "--output", default="report.html", metavar="FILE", help="where the report goes"
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

    report = DigitReport.from_estimator(model, X_test, y_test)
    print(f"\n{report}\n")
    report.save(arguments.output)
    print(f"With figures and the digits that were misread: open {arguments.output}")


if __name__ == "__main__":
    main()
