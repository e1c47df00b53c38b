"""
Read digits and see how sure the classifier is
==============================================

A convolutional network learns scikit-learn's digits and reads digits that it has not
seen. For each of them, it predicts a label and a probability for every class.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skdigits import make_digit_pipeline
from skdigits.reports import DigitGalleryDisplay

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X, y, test_size=0.25, stratify=y, random_state=0
)
pipe = make_digit_pipeline("cnn", random_state=0).fit(X_train, y_train)
print(f"Accuracy on {len(y_test)} test digits: {pipe.score(X_test, y_test):.3f}")

# %%
# Labels and probabilities
# ------------------------
# The number above each digit is the predicted label, blue if it is correct and red if
# it is not. The bars are the probabilities of the classes 0 to 9, and the percentage is
# the confidence: the probability of the predicted label.

labels = pipe.predict(X_test)
proba = pipe.predict_proba(X_test)
confidence = proba.max(axis=1)


def draw(figure, title, indices):
    figure.suptitle(title)
    columns = figure.subplots(2, len(indices), height_ratios=[2, 1]).T
    for i, (above, below) in zip(indices, columns, strict=True):
        color = "tab:blue" if labels[i] == y_test[i] else "tab:red"
        above.imshow(X_test[i].reshape(8, 8), cmap="gray_r")
        above.set(xticks=[], yticks=[])
        above.set_title(labels[i], color=color, size=18, weight="bold")
        colors = np.where(pipe.classes_ == labels[i], color, "tab:gray")
        below.bar(pipe.classes_, proba[i], color=colors)
        below.set(yticks=[], xlim=(-1, 10), ylim=(0, 1))
        below.set_xticks(pipe.classes_[proba[i] > 0.05])
        below.tick_params(labelsize=8)
        below.set_xlabel(f"{confidence[i]:.1%}")
        below.spines[["left", "top", "right"]].set_visible(False)


fig = plt.figure(figsize=(9.6, 2.9), layout="constrained")
unsure = np.argsort(confidence)[:3]
left, right = fig.subfigures(1, 2, width_ratios=[5, 3])
draw(left, "The first five test digits", range(5))
draw(right, "The three read with the least confidence", unsure)
plt.show()

# %%
# The last of these digits: classes that look alike share the probability.

fig, (left, right) = plt.subplots(1, 2, figsize=(6, 3), layout="constrained")
left.imshow(X_test[unsure[-1]].reshape(8, 8), cmap="gray_r")
left.set(xticks=[], yticks=[], title="Image")
right.barh(pipe.classes_, proba[unsure[-1]])
right.set(yticks=pipe.classes_, xlim=(0, 1), title="Probability")
right.invert_yaxis()
right.spines[["top", "right"]].set_visible(False)
plt.show()

# %%
# Misread digits
# --------------
# All test digits that the network misreads.

n_misread = (labels != y_test).sum()
DigitGalleryDisplay.from_estimator(pipe, X_test, y_test, n_images=n_misread)
plt.show()

# %%
# A program can leave digits that are read with low confidence to a person. The example
# :ref:`sphx_glr_auto_examples_plot_reports.py` shows how many errors that avoids.
