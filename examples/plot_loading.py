"""
Read digits from image files
============================

Images of digits may come as PNG or JPEG files, or as a table with one column for each
pixel. Both become arrays that the classifiers take as they are.
"""

import csv
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

from skdigits.datasets import load_images, load_pixel_csv

digits = load_digits()
pixels = np.rint(digits.images[:50] * 255 / 16).astype(np.uint8)
folder = TemporaryDirectory()

# %%
# Image files
# -----------
# Fifty digits as image files, enlarged to 32 x 32 pixels.

for i, image in enumerate(pixels):
    Image.fromarray(image).resize((32, 32)).save(Path(folder.name) / f"{i:02}.png")

images = load_images(sorted(Path(folder.name).glob("*.png")))
print(images.shape, images.dtype)

# %%
# A table
# -------
# The same digits as a table, in the format of Kaggle's "Digit Recognizer".

path = Path(folder.name) / "digits.csv"
with path.open("w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["label", *(f"pixel{i}" for i in range(64))])
    writer.writerows(np.column_stack([digits.target[:50], pixels.reshape(50, 64)]))

X, y = load_pixel_csv(path, return_X_y=True)
print(X.shape, X.dtype, y[:10])
folder.cleanup()

# %%
# The images
# ----------
# Zero is black and 255 is white, so the digits are light on dark, as in MNIST.

padded = np.pad(images, [(0, 0), (4, 4), (4, 4)])
mosaic = padded.reshape(5, 10, 40, 40).swapaxes(1, 2).reshape(200, 400)
plt.figure(figsize=(7, 3.5), layout="constrained")
plt.imshow(mosaic, cmap="gray")
plt.axis("off")
plt.show()
