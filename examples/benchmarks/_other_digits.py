"""Digits that differ from those of MNIST: other sources, and renderings of MNIST.

Each function returns images as `skdigits.DigitNormalizer` takes them, and labels.
"""

import csv
import io
import zipfile
from pathlib import PurePath

import cv2
import numpy as np
from sklearn.datasets import load_digits

_BOX = slice(4, 24)  # of a digit in MNIST


def load_check_digits(path):
    """Return the digits in the boxes of check amounts, in gray.

    The zip file has images of amounts, and ``labels.csv`` with the columns ``file``,
    ``text`` (the digits alone), and ``boxes`` (four numbers for each digit: x, y,
    width, height).
    """
    images, labels = [], []
    with zipfile.ZipFile(path) as archive:
        places = {PurePath(name).name: name for name in archive.namelist()}
        table = io.TextIOWrapper(archive.open(places["labels.csv"]), "utf-8")
        for row in csv.DictReader(table):
            content = archive.read(places[PurePath(row["file"]).name])
            amount = cv2.imdecode(np.frombuffer(content, np.uint8), 0)
            numbers = row["boxes"].replace(",", " ").split()
            boxes = np.array(numbers, int).reshape(-1, 4)
            for (x, y, width, height), digit in zip(boxes, row["text"], strict=False):
                images.append(amount[max(0, y) : y + height, max(0, x) : x + width])
                labels.append(int(digit))
    return images, np.array(labels)


def enlarged_digits():
    """Return the 8 x 8 digits of scikit-learn in 64 x 64 pixels."""
    digits = load_digits()
    shape = (64, 64)
    images = [
        cv2.resize(d, shape, interpolation=cv2.INTER_CUBIC) for d in digits.images
    ]
    return np.clip(images, 0, 16), digits.target


def in_black_and_white(images):
    """Return digits of MNIST as black and white images of 32 x 32 pixels."""
    result = np.zeros((len(images), 32, 32), np.uint8)
    for i, image in enumerate(images):
        larger = cv2.resize(image[_BOX, _BOX], (30, 30), interpolation=cv2.INTER_LINEAR)
        result[i, 1:31, 1:31] = 255 * (larger > 127)
    return result


def stretched(images):
    """Return digits of MNIST stretched to 16 x 16 pixels, in black and white."""
    result = []
    for image in images:
        rows, columns = (np.flatnonzero((image > 60).any(axis=axis)) for axis in (1, 0))
        box = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        box = cv2.resize(box, (64, 64), interpolation=cv2.INTER_LINEAR)
        result.append(cv2.resize(box, (16, 16), interpolation=cv2.INTER_AREA) > 110)
    return np.stack(result)


def on_forms(images, kind, seed=0):
    """Return digits of MNIST as if scanned from "ruled" paper, or from a "box"."""
    rng = np.random.default_rng(seed)
    result = []
    for image in images:
        side = int(rng.integers(48, 160))
        digit = _dark_digit(image, side, rng)
        lines = np.zeros((side, side), np.float32)
        color, width = (
            rng.uniform(0.35, 1),
            int(rng.integers(1, 1 + max(2, side // 40))),
        )
        slant = rng.uniform(-0.015, 0.015) * side
        for start, end in _lines(kind, side, slant, rng):
            cv2.line(lines, start, end, color, width)
        level = 255 - rng.uniform(180, 255) * np.maximum(digit, lines)
        y, x = np.mgrid[:side, :side] / side
        level *= 1 - rng.uniform(0, 0.3) * x - rng.uniform(0, 0.2) * y
        level += rng.normal(0, rng.uniform(2, 8), level.shape)
        result.append(np.clip(cv2.GaussianBlur(level, (0, 0), 0.7), 0, 255))
    return result


def _dark_digit(image, side, rng):
    size = int(side * rng.uniform(0.55, 0.8))
    digit = image[_BOX, _BOX].astype(np.float32) / 255
    digit = cv2.resize(digit, (size, size), interpolation=cv2.INTER_CUBIC)
    digit = np.clip(2 * np.clip(digit, 0, 1) - 0.5, 0, 1)
    free = (side - size) // 2
    top, left = free + rng.integers(-(free // 2), free // 2 + 1, 2)
    result = np.zeros((side, side), np.float32)
    result[top : top + size, left : left + size] = digit * rng.uniform(0.75, 1)
    return result


def _lines(kind, side, slant, rng):
    last, slant = side - 1, round(slant)
    if kind == "ruled":
        step = int(rng.uniform(0.35, 0.9) * side)
        return [((0, y), (last, y + slant)) for y in range(step // 2, side, step)]
    inset = int(rng.integers(0, max(2, side // 24)))
    low, high = inset, last - inset
    corners = [
        (low, low),
        (high, low + slant),
        (high - slant, high),
        (low - slant, high),
    ]
    return list(zip(corners, corners[1:] + corners[:1], strict=True))


def drawn(images, seed=0):
    """Return digits of MNIST drawn with thin lines on a large white canvas.

    The lines are the skeletons of the digits, by scikit-image.
    """
    from skimage.morphology import skeletonize

    rng = np.random.default_rng(seed)
    result = []
    for image in images:
        larger = cv2.resize(image, (280, 280), interpolation=cv2.INTER_CUBIC)
        line = skeletonize(cv2.GaussianBlur(larger, (0, 0), 5) > 110)
        points = np.argwhere(line if line.any() else larger > 100)
        side = int(rng.integers(300, 700))
        scale = min(
            rng.uniform(0.4, 1.2), 0.9 * side / (np.ptp(points, axis=0).max() + 1)
        )
        middle = (points.min(axis=0) + points.max(axis=0)) / 2
        center = side * (0.5 + rng.uniform(-0.1, 0.1, 2))
        canvas, width = np.full((side, side), 255, np.uint8), int(rng.integers(1, 5))
        known = {tuple(point) for point in points}
        for y, x in known:
            for v, u in ((y, x + 1), (y + 1, x), (y + 1, x + 1), (y + 1, x - 1)):
                if (v, u) in known:
                    ends = (np.array([[y, x], [v, u]]) - middle) * scale + center
                    start, end = ends[:, ::-1].astype(int).tolist()
                    cv2.line(canvas, start, end, 0, width)
        result.append(canvas)
    return result
