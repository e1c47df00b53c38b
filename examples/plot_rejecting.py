"""
Reject what cannot be read
==========================

A :class:`~skdigits.RejectingClassifierCV` leaves digits to people that a network is not
sure of, so that the error among the others is bounded, and a
:class:`~skdigits.NonDigitDetector` what is no digit.
"""

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image, ImageDraw
from sklearn.datasets import load_digits
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import train_test_split

from skdigits import NonDigitDetector, RejectingClassifierCV, make_reader_pipeline
from skdigits.reports import CoverageDisplay

images, y = load_digits(return_X_y=True)
X_train, X_rest, y_train, y_rest = train_test_split(
    images, y, train_size=900, stratify=y, random_state=0
)
X_val, X_test, y_val, y_test = X_rest[:600], X_rest[600:], y_rest[:600], y_rest[600:]

# %%
# The threshold
# -------------
# The network is trained on some of the digits. On others, the threshold of confidence
# is chosen: as many are accepted as the bound of the error allows, 2 % here.

reader = make_reader_pipeline("cnn", epochs=6, random_state=0)
reader.set_params(digitnormalizer__on_blank="zeros").fit(X_train, y_train)
detector = NonDigitDetector(epochs=15, random_state=0).fit(X_train, y_train)
rejecting = RejectingClassifierCV(
    FrozenEstimator(reader), max_error=0.02, outlier_detector=FrozenEstimator(detector)
).fit(X_val, y_val)
print(f"{rejecting.coverage_:.1%} accepted, error at most {rejecting.risk_bound_:.1%}")

# %%
# How many of the test digits are wrong, if those with little confidence are rejected:

CoverageDisplay.from_estimator(rejecting, X_test, y_test, name="network")

# %%
# What is no digit
# ----------------
# The network alone has a digit for everything.


def draw(*lines):
    """Return dark lines on white paper."""
    paper = Image.new("L", (120, 120), 255)
    for line in lines:
        ImageDraw.Draw(paper).line(line, fill=0, width=9, joint="curve")
    return np.asarray(paper)


others = {
    "a letter": draw([(25, 100), (60, 15), (95, 100)], [(38, 68), (82, 68)]),
    "a tick": draw([(20, 60), (45, 95), (100, 20)]),
    "scribble": draw([(15 + 9 * i, 35 + 50 * (i % 2)) for i in range(11)]),
    "a box": draw([(20, 20), (100, 20), (100, 100), (20, 100), (20, 16)]),
    "noise": np.random.default_rng(0).integers(0, 255, (28, 28), np.uint8),
    "blank": np.full((60, 60), 230, np.uint8),
}
rejected = np.flatnonzero(rejecting.predict(X_test) == -1)[:6]
names = [f"a {digit}" for digit in y_test[rejected]] + list(others)
shown = [image.reshape(8, 8) for image in X_test[rejected]] + list(others.values())
read, answers = reader.predict(shown), rejecting.predict(shown)

figure, axes = plt.subplots(2, 6, figsize=(9, 3.6), layout="constrained")
for ax, name, image, digit, answer in zip(
    axes.flat, names, shown, read, answers, strict=True
):
    ax.imshow(image, cmap="gray", vmin=0, vmax=max(16, image.max()))
    ax.set_title(
        f"{name}, read {digit}:\n" + ("rejected" if answer == -1 else "accepted")
    )
    ax.axis("off")
