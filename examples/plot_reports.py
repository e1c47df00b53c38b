"""
Reports on a classifier
=======================

This example trains a small network on scikit-learn's digits. It then shows the training
history, the misclassified digits, the digits that the network confuses, and the gain
from rejecting uncertain digits.
"""

# sphinx_gallery_thumbnail_number = 2

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skdigits import DigitReport, make_digit_pipeline
from skdigits.reports import (
    ConfusedPairsDisplay,
    ConfusionDisplay,
    CoverageDisplay,
    DigitGalleryDisplay,
    HistoryDisplay,
)

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X, y, test_size=0.5, stratify=y, random_state=0
)
pipe = make_digit_pipeline(
    "ann", hidden_layer_sizes=32, epochs=30, validation_split=0.1, random_state=0
).fit(X_train, y_train)

# %%
# Training history
# ----------------
# :class:`~skdigits.reports.HistoryDisplay` shows the loss and the accuracy of each
# epoch. The star marks the epoch with the lowest validation loss. The ring marks the
# epoch whose weights the network uses: without early stopping, this is the last one.

HistoryDisplay.from_estimator(pipe)
plt.show()

# %%
# Summary
# -------
# :class:`~skdigits.DigitReport` summarizes the predictions for the test set.

report = DigitReport.from_estimator(pipe, X_test, y_test)
report

# %%
# Misclassified digits
# --------------------
# :class:`~skdigits.reports.DigitGalleryDisplay` draws digits, misclassified ones first.
# With ``explain=True`` it also highlights the pixels that support each prediction: the
# probability of the predicted class drops if they are hidden.

DigitGalleryDisplay.from_estimator(pipe, X_test, y_test, n_images=12, explain=True)
plt.show()

# %%
# Confused digits
# ---------------
# The confusion matrix shows which digits the network confuses. With
# ``normalize="true"`` each row adds up to 1.
# :class:`~skdigits.reports.ConfusedPairsDisplay` draws examples of the most frequent
# confusions.

ConfusionDisplay.from_estimator(pipe, X_test, y_test, normalize="true")
ConfusedPairsDisplay.from_estimator(pipe, X_test, y_test)
plt.show()

# %%
# Rejecting uncertain digits
# --------------------------
# If a person classifies the digits of which the network is least certain, fewer errors
# remain among the others. A network with a single layer of eight units must reject more
# digits to reach the same error rate.

small = make_digit_pipeline("ann", hidden_layer_sizes=8, epochs=30, random_state=0)
small.fit(X_train, y_train)
display = CoverageDisplay.from_estimator(pipe, X_test, y_test, name="32 units")
CoverageDisplay.from_estimator(small, X_test, y_test, name="8 units", ax=display.ax_)
plt.show()

# %%
# Comparing classifiers
# ---------------------
# McNemar's test compares two classifiers on the digits that only one of them classifies
# correctly.

print(report.compare(DigitReport.from_estimator(small, X_test, y_test, name="8 units")))
