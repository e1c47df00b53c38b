"""
See what a network knows and where it errs
==========================================

A small network learns scikit-learn's digits. How it was trained, what it misreads,
which digits it confuses and what is gained by refusing those that it is unsure of.
"""

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
# The loss and the accuracy of each epoch. The star is the epoch with the lowest loss on
# the validation rows. The ring is the epoch whose weights the network has: the last,
# since there was no early stopping.

HistoryDisplay.from_estimator(pipe)
plt.show()

# %%
# A report sums up what it does with digits that it has not seen.

report = DigitReport.from_estimator(pipe, X_test, y_test)
report

# %%
# The digits, mistakes first. With ``explain=True`` there is, beside each, where the
# network looked: the pixels that, hidden, make it doubt what it read.

DigitGalleryDisplay.from_estimator(pipe, X_test, y_test, n_images=12, explain=True)
plt.show()

# %%
# What it confuses most, and the digits behind that. Of each row of the matrix, the
# shares add up to 1.

ConfusionDisplay.from_estimator(pipe, X_test, y_test, normalize="true")
ConfusedPairsDisplay.from_estimator(pipe, X_test, y_test)
plt.show()

# %%
# If the digits that the network is least sure of are handed to a person, fewer errors
# are left among the others. A network with one layer of eight units is unsure of more.

small = make_digit_pipeline("ann", hidden_layer_sizes=8, epochs=30, random_state=0)
small.fit(X_train, y_train)
display = CoverageDisplay.from_estimator(pipe, X_test, y_test, name="32 units")
CoverageDisplay.from_estimator(small, X_test, y_test, name="8 units", ax=display.ax_)
plt.show()

# %%
# Which of them is better? McNemar's test looks at the digits on which one is right and
# the other is not.

print(report.compare(DigitReport.from_estimator(small, X_test, y_test, name="8 units")))
