"""Images that are no digits, to test whether they are rejected.

Each function takes a generator of random numbers and the number of images.
"""

from functools import lru_cache
from pathlib import Path

import cv2
import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy.ndimage import gaussian_filter, gaussian_filter1d

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
# Letters that are digits in some fonts and hands: 0, 1, 2, 5, 6, 8 and 9.
LIKE_DIGITS = set("OoDQIlSsZzBbqg")
SYMBOLS = "?#%&@$*+=<>"
# Digits that are digits again, or nearly.
STAY_DIGITS = {"upside down": (0, 1, 6, 8, 9), "mirrored": (0, 1, 8)}

_FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
FONTS = [  # matplotlib has them on all machines
    str(_FONTS / f"{name}.ttf")
    for name in (
        *("DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSansMono"),
        *("DejaVuSerif", "DejaVuSerif-Bold", "DejaVuSerif-Italic"),
        *("STIXGeneral", "STIXGeneralBol", "STIXGeneralItalic"),
    )
]
_SIDE, _SIZE = 128, 64  # pixels of an image, and of a character


def characters(rng, n, names, fonts=FONTS):
    """Return dark characters on white, in random fonts, turned and slanted."""
    return [
        255
        - _varied(_glyph(fonts[rng.integers(len(fonts))], names[i % len(names)]), rng)
        for i in range(n)
    ]


@lru_cache(maxsize=10_000)
def _glyph(path, character):
    size = _SIZE
    for _ in range(2):  # fonts differ in size: all get boxes of about the same one
        font = ImageFont.truetype(path, size)
        left, top, right, bottom = font.getbbox(character)
        size = round(_SIZE * size / max(right - left, bottom - top))
    image = Image.new("L", (_SIDE, _SIDE))
    place = (_SIDE - left - right) / 2, (_SIDE - top - bottom) / 2
    ImageDraw.Draw(image).text(place, character, 255, font)
    return np.array(image)


def _varied(image, rng):
    angle, slant = np.deg2rad(rng.uniform(-12, 12)), rng.uniform(-0.2, 0.2)
    cosine, sine = np.cos(angle), np.sin(angle)
    matrix = np.array([[cosine, sine + slant * cosine], [-sine, cosine - slant * sine]])
    center = np.full(2, (_SIDE - 1) / 2)
    matrix = np.column_stack([matrix, center - matrix @ center])
    turned = cv2.warpAffine(image, matrix, (_SIDE, _SIDE))
    size = int(rng.integers(1, 6))
    return cv2.dilate(turned, np.ones((size, size), np.uint8))


def scribbles(rng, n):
    """Return dark scribbles on white: smooth random walks that cross themselves."""
    result = []
    for _ in range(n):
        steps = gaussian_filter1d(rng.normal(size=(400, 2)), rng.uniform(8, 20), axis=0)
        walk = np.cumsum(steps, axis=0)
        walk -= walk.min(axis=0)
        points = np.rint(16 + (_SIDE - 32) * walk / walk.max()).astype(np.int32)
        image = np.full((_SIDE, _SIDE), 255, np.uint8)
        cv2.polylines(image, [points], False, 0, int(rng.integers(3, 9)), cv2.LINE_AA)
        result.append(image)
    return result


def pairs(rng, n, images):
    """Return two digits of MNIST in each image, side by side."""
    result = []
    for left, right in rng.integers(len(images), size=(n, 2)):
        parts = [image[:, image.any(axis=0)] for image in images[[left, right]]]
        gap = np.zeros((28, rng.integers(1, 6)), np.uint8)
        result.append(np.pad(np.hstack([parts[0], gap, parts[1]]), 8))
    return result


def crossed_out(rng, n, images):
    """Return digits of MNIST, three times as large, under two or three strokes."""
    result = []
    for i in rng.integers(len(images), size=n):
        image = cv2.resize(images[i], (84, 84), interpolation=cv2.INTER_CUBIC)
        up = rng.choice([-1, 1])
        for shift in rng.uniform(-14, 14, int(rng.integers(2, 4))):
            rise = up * rng.uniform(5, 28)
            start, end = (8, round(42 + shift + rise)), (76, round(42 + shift - rise))
            cv2.line(image, start, end, 255, int(rng.integers(5, 9)), cv2.LINE_AA)
        result.append(image)
    return result


def changed(images, y, kind):
    """Return digits that are "upside down" or "mirrored", without STAY_DIGITS."""
    kept = images[~np.isin(y, STAY_DIGITS[kind])]
    return kept[:, ::-1, ::-1] if kind == "upside down" else kept[:, :, ::-1]


def noise(rng, n):
    """Return 28 x 28 pixels of noise: uniform, normal, black and white, and smooth."""
    shape = n // 4, 28, 28
    smooth = gaussian_filter(rng.normal(size=shape), (0, 1.5, 1.5))
    levels = [
        rng.uniform(0, 255, shape),
        rng.normal(128, 50, shape),
        255 * (rng.random(shape) < rng.uniform(0.05, 0.5, (n // 4, 1, 1))),
        128 + 300 * smooth,
    ]
    return np.concatenate(levels).clip(0, 255).astype(np.uint8)


def blank_pages(rng, n):
    """Return empty paper of several colors, with grain in one half of the images."""
    levels = rng.choice([0, 255, 230, 128], (n, 1, 1))
    grain = rng.choice([0, 3], (n, 1, 1)) * rng.normal(size=(n, 28, 28))
    return (levels + grain).clip(0, 255).astype(np.uint8)
