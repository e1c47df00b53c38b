"""
Scale pixels of any range
=========================

Digits reach a program as numbers from 0 to 16, from 0 to 255 or from -1 to 1.
:class:`~skdigits.preprocessing.PixelScaler` scales all of them to [0, 1]. It warns if
it is later given images in another range than the one it has learned.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from skdigits import PixelScaler

images = load_digits().images
sources = {
    "load_digits": images,
    "8-bit images": np.rint(images * 255 / 16).astype(np.uint8),
    "centered": images / 8 - 1,
}

# %%
# Before and after
# ----------------
# One digit in three ranges, before and after scaling. All images of the first row are
# drawn in the same grays, from 0 to 255, and those of the second row from 0 to 1.

fig, axes = plt.subplots(2, 3, figsize=(7, 4.8), layout="constrained")
for (name, X), (above, below) in zip(sources.items(), axes.T, strict=True):
    scaled = PixelScaler().fit_transform(X)
    above.set_title(name)
    above.imshow(X[5], cmap="gray_r", vmin=0, vmax=255)
    above.set_xlabel(f"{X.dtype}, {X.min():g} to {X.max():g}")
    below.imshow(scaled[5], cmap="gray_r", vmin=0, vmax=1)
    below.set_xlabel(f"{scaled.dtype}, {scaled.min():g} to {scaled.max():g}")
for ax, name in zip(axes[:, 0], ("Before", "After"), strict=True):
    ax.set_ylabel(name)
plt.setp(axes, xticks=[], yticks=[])
plt.show()

# %%
# Warnings
# --------
# A network that is given images in another range, or with inverted ink, predicts
# nonsense with high confidence. The scaler warns of such images.

X = sources["8-bit images"]
scaler = PixelScaler().fit(X)
others = {"As fitted": X, "0 to 1": images / 16, "Inverted": 255 - X}

fig, axes = plt.subplots(1, 3, figsize=(7, 2.6), layout="constrained")
for ax, (name, other) in zip(axes, others.items(), strict=True):
    ax.imshow(other[5], cmap="gray_r", vmin=0, vmax=255)
    ax.set(xticks=[], yticks=[], title=name)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        scaler.transform(other)
    print(f"{name}: {caught[0].message if caught else 'no warning'}\n")
plt.show()
