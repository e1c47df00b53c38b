"""
Two networks of Keras tutorials
===============================

Most tutorials about Keras train a dense network with ReLU and dropout, and some a small
one with sigmoids. This example trains one of each on scikit-learn's digits, and draws
what the tutorials draw: curves, confusion matrices, a ROC curve, and predicted digits
next to the actual ones.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.metrics import RocCurveDisplay
from sklearn.model_selection import train_test_split

from skdigits import make_digit_pipeline
from skdigits.reports import ConfusionDisplay, DigitGalleryDisplay, HistoryDisplay

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

# %%
# Training
# --------
# By default, Keras trains in batches of 32 samples and with a constant learning rate.
# ``verbose=1`` would show its progress bar.

training = {
    "epochs": 150,
    "batch_size": 32,
    "learning_rate_schedule": "constant",
    "validation_split": 0.2,
    "random_state": 0,
}
models = {
    "128 ReLU with dropout": make_digit_pipeline(
        "ann", hidden_layer_sizes=(128,), dropout=0.2, **training
    ),
    "10 and 10 sigmoids": make_digit_pipeline(
        "ann", hidden_layer_sizes=(10, 10), activation="sigmoid", **training
    ),
}
for name, model in models.items():
    model.fit(X_train, y_train)
    print(
        f"{name}: {model[-1].n_weights_:,} weights, "
        f"test accuracy {model.score(X_test, y_test):.3f}"
    )

# %%
# Loss and accuracy
# -----------------
# The star marks the epoch with the lowest validation loss. The network with ReLU has
# it long before the last epoch; ``early_stopping=True`` would keep its weights. The
# sigmoids learn slowly.

fig, axes = plt.subplots(2, 2, figsize=(9, 6), layout="constrained", sharex=True)
for row, (name, model) in zip(axes, models.items(), strict=True):
    HistoryDisplay.from_estimator(model, ax=row)
    row[0].set_title(name)
plt.show()

# %%
# Confusion matrices
# ------------------
# Each row is an actual digit, and each column a predicted one.

fig, axes = plt.subplots(1, 2, figsize=(9, 4.5), layout="constrained")
for ax, (name, model) in zip(axes, models.items(), strict=True):
    ConfusionDisplay.from_estimator(model, X_test, y_test, ax=ax)
    ax.set_title(name)
plt.show()

# %%
# ROC curve of one digit
# ----------------------
# How well the probability of class 8 separates the eights from all other digits.

fig, ax = plt.subplots(figsize=(5, 4.5), layout="constrained")
for name, model in models.items():
    RocCurveDisplay.from_predictions(
        y_test == 8, model.predict_proba(X_test)[:, 8], name=name, ax=ax
    )
ax.set_title("Class 8 against the rest")
plt.show()

# %%
# Predicted and actual digits
# ---------------------------
# The first digits of the test set, as the sigmoids read them.

sigmoid = models["10 and 10 sigmoids"]
DigitGalleryDisplay.from_estimator(sigmoid, X_test, y_test, n_images=24, order="given")
plt.show()

# %%
# One digit
# ---------
# ``X_test[:1]`` is a batch of one image, which has the axis for the samples.

print("Predicted", sigmoid.predict(X_test[:1])[0], "actual", y_test[0])
for label, probability in enumerate(sigmoid.predict_proba(X_test[:1])[0]):
    print(f"{label}: {probability:.3f}")

# %%
# :ref:`sphx_glr_auto_examples_reference_models.py` trains these two networks and six
# others on MNIST.
