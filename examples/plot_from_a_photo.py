"""
From a photo to a number
========================

A photograph of a form, whose boxes hold a handwritten number, is cut into images of
single digits. These get the geometry of the digits that a network was trained on, and
are read. What is no digit is rejected.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter, zoom
from sklearn.datasets import load_digits
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import train_test_split

from skdigits import NonDigitDetector, RejectingClassifierCV, make_reader_pipeline
from skdigits.datasets import load_images
from skdigits.reports import NormalizationDisplay

# %%
# A photo
# -------
# The form has six boxes. Five hold digits that no network has seen, in blue ink, and
# the last one was filled in and crossed out. The paper is gray, it has a shadow and a
# grain, and the photo is saved as a JPEG file.

digits = load_digits()
images, unseen, y, y_unseen = train_test_split(
    digits.images, digits.target, test_size=300, stratify=digits.target, random_state=0
)
number = [int(np.flatnonzero(y_unseen == digit)[1]) for digit in (3, 0, 7, 1, 4)]

SIDE, GAP = 120, 30
form = Image.new("RGB", (6 * (SIDE + GAP) + GAP, SIDE + 2 * GAP), (225, 222, 214))
pen = ImageDraw.Draw(form)
boxes = [(GAP + i * (SIDE + GAP), GAP, SIDE, SIDE) for i in range(6)]
for x, top, width, height in boxes:
    pen.rectangle(
        [x, top, x + width - 1, top + height - 1], outline=(90, 90, 90), width=3
    )
for i, place, size, left, down in zip(
    number,
    boxes,
    [10, 6, 8, 9, 7],
    [20, 55, 15, 40, 10],
    [20, 60, 12, 30, 50],
    strict=False,
):
    ink = np.clip(zoom(unseen[i] / 16, size, order=3), 0, 1)
    mask = Image.fromarray((235 * ink).astype(np.uint8))
    form.paste((35, 45, 130), (place[0] + left, place[1] + down), mask)
x, top, width, height = boxes[-1]
zigzag = [(x + 25 + 12 * i, top + 30 + 60 * (i % 2)) for i in range(7)]
pen.line(zigzag, fill=(35, 45, 130), width=6)

rng = np.random.default_rng(0)
down, across = np.mgrid[: form.height, : form.width] / form.width
photo = np.asarray(form) * (1 - 0.35 * across - 0.5 * down)[:, :, None]
photo += rng.normal(0, 6, photo.shape[:2])[:, :, None]
photo = gaussian_filter(photo, (0.8, 0.8, 0)).clip(0, 255).astype(np.uint8)

folder = tempfile.TemporaryDirectory()
file = Path(folder.name) / "form.jpg"
Image.fromarray(photo).save(file, quality=80)
plt.figure(figsize=(8, 1.8))
plt.imshow(photo)
_ = plt.axis("off")

# %%
# Cut
# ---
# On a form, the places of the boxes are known. One digit is left in each image.

photo = load_images([file])[0]
cuts = [photo[top : top + height, x : x + width] for x, top, width, height in boxes]

# %%
# Normalize
# ---------
# The borders of the boxes and the shadow disappear, the digits become light on black,
# have one size, and are centered by their mass.

reader = make_reader_pipeline("cnn", augmentation=0.5, epochs=15, random_state=0)
reader.fit(images, y)
NormalizationDisplay.from_normalizer(reader[0], cuts)

# %%
# Read
# ----
# The digits that the reader was trained on have passed the same first step, so that it
# can read those of the photo.

print(reader.predict(cuts[:5]))

# %%
# Without it
# ----------
# The same network misreads digits that are just made light on dark, and as small as
# those that it knows.

small = [np.asarray(Image.fromarray(cut).convert("L").resize((28, 28))) for cut in cuts]
print(reader[1:].predict(255 - np.stack(small[:5])))

# %%
# Reject
# ------
# The network has a digit for everything, also for what was crossed out. A
# :class:`~skdigits.RejectingClassifierCV` rejects what it is not sure of, and what a
# :class:`~skdigits.NonDigitDetector` takes for no digit: -1 here. Both find their
# thresholds with digits that they have not seen.

detector = NonDigitDetector(epochs=10, random_state=0).fit(images, y)
rejecting = RejectingClassifierCV(
    FrozenEstimator(reader),
    outlier_detector=FrozenEstimator(detector),
    max_error=0.02,
)
rejecting.fit(unseen, y_unseen)
print(reader.predict(cuts), rejecting.predict(cuts))

folder.cleanup()
