"""
Train on changed copies of digits
=================================

Handwriting varies more than any set of training images does. Data augmentation makes up
for that: in each epoch, a network sees new copies of the images, which a
:class:`~skdigits.preprocessing.DigitAugmenter` has changed at random.
"""

import matplotlib.pyplot as plt
from scipy.ndimage import zoom
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skdigits import CNNClassifier, DigitAugmenter
from skdigits.reports import AugmentationDisplay

digits = load_digits()
images = digits.images / 16

# %%
# What it makes of digits
# -----------------------
# Each row is an image, enlarged to 24 x 24 pixels, followed by changed copies of it.

enlarged = zoom(images[:8], (1, 3, 3), order=1)
AugmentationDisplay.from_augmenter(DigitAugmenter(), enlarged, n_images=8, n_copies=11)

# %%
# One kind of change at a time
# ----------------------------
# With the others set to 0, each parameter shows what it does: the copies of a row are
# made by the parameter on its left, at full strength.

kinds = ["shift", "rotation", "scale", "shear", "elastic", "thickness", "erasing"]
nothing = dict.fromkeys(kinds, 0.0)
fig, axes = plt.subplots(len(kinds), 1, figsize=(8, 6))
fig.subplots_adjust(left=0.15, right=1, bottom=0, top=1, hspace=0)
for ax, kind in zip(axes, kinds, strict=True):
    largest = getattr(DigitAugmenter(erasing=0.8), kind)
    augmenter = DigitAugmenter(1.0, **{**nothing, kind: largest}, unchanged=0)
    AugmentationDisplay.from_augmenter(augmenter, enlarged[3:4], n_copies=9, ax=ax)
    ax.set_title(kind, x=-0.02, y=0.3, ha="right", size=10)

# %%
# What it is good for
# -------------------
# The fewer images there are, the more it helps. The network is trained on 100 digits,
# and reads the others.

X_train, X_test, y_train, y_test = train_test_split(
    images, digits.target, train_size=100, stratify=digits.target, random_state=0
)
for augmentation in None, DigitAugmenter():
    cnn = CNNClassifier(epochs=60, augmentation=augmentation, random_state=0)
    accuracy = cnn.fit(X_train, y_train).score(X_test, y_test)
    print(f"augmentation={augmentation}: {100 * accuracy:.1f} % of the others")
