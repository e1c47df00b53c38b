"""
Read digits from paper and screens
==================================

Networks that are trained on MNIST misread digits of another geometry: ink that is dark
on light, larger or smaller digits, thin lines, shadows. A
:class:`~skdigits.preprocessing.DigitNormalizer` gives all of them the geometry of
MNIST.
"""

import numpy as np
from PIL import Image, ImageDraw
from scipy.ndimage import rotate, zoom
from sklearn.datasets import load_digits

from skdigits import DigitNormalizer
from skdigits.reports import NormalizationDisplay

digits = load_digits().images / 16

# %%
# Images of many kinds
# --------------------
# Digits of ``load_digits``, with 8 x 8 pixels, become the ink of a scan, of a
# photograph with a shadow and noise, and of chalk on a blackboard. The fourth image is
# a drawing of thin lines in a corner of a large canvas.

rng = np.random.default_rng(0)
ink = [np.clip(zoom(image, 12, order=3), 0, 1) for image in digits[[3, 4, 9]]]

scan = 255 - 255 * (ink[0] > 0.5)

y, x = np.mgrid[0:1:160j, 0:1:160j]
shadow = 210 - 70 * x - 40 * y
photograph = shadow - 90 * np.pad(rotate(ink[1], 10, reshape=False), 32).clip(0, 1)
photograph += rng.normal(0, 8, photograph.shape)

drawing = Image.new("RGB", (400, 400), "white")
two = [(40, 300), (55, 282), (80, 285), (85, 305), (40, 360), (95, 362)]
ImageDraw.Draw(drawing).line(two, fill="blue", width=2)

blackboard = 40 + rng.normal(0, 3, (120, 180)).round()
blackboard[10:106, 60:156] += 140 * ink[2] * rng.uniform(0.6, 1, (96, 96))

images = [scan, photograph, drawing, blackboard]

# %%
# Step by step
# ------------
# *ink* is what differs from the paper, *strokes* is the digit alone, and *normalized*
# has 28 x 28 pixels, as in MNIST.

NormalizationDisplay.from_normalizer(DigitNormalizer(), images)

# %%
# In a pipeline, the transformer is the first step:
# ``make_pipeline(DigitNormalizer(), PixelScaler(), CNNClassifier())``.
