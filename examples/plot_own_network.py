"""
A residual network of your own
==============================

:class:`~skdigits.NetworkClassifier` trains any network made of Keras layers. This
example defines a small residual network, trains it on scikit-learn's digits, and
compares it with :class:`~skdigits.CNNClassifier`.
"""

# sphinx_gallery_thumbnail_number = 2

import keras
import matplotlib.pyplot as plt
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skdigits import DigitReport, NetworkClassifier, make_digit_pipeline
from skdigits.reports import ConfusedPairsDisplay, HistoryDisplay

# %%
# The network
# -----------
# The network is a function of the shape of an image and the number of classes. Each
# block adds the result of two convolutions to its input, as in the `residual networks
# of Keras <https://keras.io/api/applications/resnet/>`_. The second block halves the
# height and the width, and doubles the number of filters.


def block(x, filters, strides):
    """Add the result of two convolutions to their input."""
    shortcut = layers.Conv2D(filters, 1, strides=strides)(x)
    for stride in strides, 1:
        x = layers.Activation("relu")(layers.BatchNormalization(momentum=0.9)(x))
        x = layers.Conv2D(filters, 3, strides=stride, padding="same")(x)
    return layers.Add()([x, shortcut])


def residual_network(input_shape, n_classes):
    """Return a residual network of two blocks."""
    images = keras.Input(input_shape)
    x = layers.Conv2D(16, 3, padding="same")(images)
    x = block(x, filters=16, strides=1)
    x = block(x, filters=32, strides=2)
    x = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(x))
    return keras.Model(images, layers.Dense(n_classes, activation="softmax")(x))


# %%
# Training
# --------
# The other parameters are those of :class:`~skdigits.CNNClassifier`. One tenth of the
# training samples is held out to compute the validation loss.

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X, y, test_size=0.5, stratify=y, random_state=0
)
training = {"epochs": 20, "validation_split": 0.1, "random_state": 0}
classifier = NetworkClassifier(residual_network, **training)
residual = make_digit_pipeline(classifier).fit(X_train, y_train)

HistoryDisplay.from_estimator(residual)
plt.show()

# %%
# Evaluation
# ----------
# Reports and displays work as for the other classifiers. These are the digits that the
# network confuses most often:

report = DigitReport.from_estimator(residual, X_test, y_test, name="residual network")
ConfusedPairsDisplay.from_estimator(residual, X_test, y_test)
plt.show()
report

# %%
# Comparison with CNNClassifier
# -----------------------------
# Convolutions and a mean over the pixels need fewer weights than the dense layers of
# :class:`~skdigits.CNNClassifier`.

cnn = make_digit_pipeline("cnn", **training).fit(X_train, y_train)
print(f"residual network: {residual[-1].n_weights_:,} weights")
print(f"CNNClassifier:    {cnn[-1].n_weights_:,} weights")

# %%
# McNemar's test compares the two on the digits that only one of them classifies
# correctly.

print(report.compare(DigitReport.from_estimator(cnn, X_test, y_test, name="cnn")))
