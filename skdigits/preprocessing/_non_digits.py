"""Images that are no digits, made of digits and drawn at random.

Images have light ink on black, in uint8. Each function takes a generator of random
numbers and the number of images.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from skdigits.preprocessing._mnist_geometry import bounds
from skdigits.preprocessing._opencv import opencv

Lines = list[np.ndarray]  # the points of each line, x first, in [0, 1]

# Digits that become digits, or nearly, when they are turned by 180 degrees or mirrored
# (some writers' 9 is like a P), and those that some writers cross with a stroke.
STAY_DIGITS_TURNED = {0, 1, 6, 8, 9}
STAY_DIGITS_MIRRORED = {0, 1, 8, 9}
CROSSED_BY_WRITERS = {0, 7}

_SIDE = 64  # pixels of a drawing
_SHARES = {  # of each kind
    "pairs": 0.17,
    "crossed_out": 0.17,
    "turned": 0.09,
    "mirrored": 0.14,
    "curves": 0.2,
    "scribbles": 0.1,
    "shapes": 0.06,
    "noise": 0.07,
}


def make_non_digits(
    images: np.ndarray, digits: np.ndarray, n: int, rng: np.random.Generator
) -> Iterator[np.ndarray]:
    """Yield about ``n`` images that are no digits.

    Parameters
    ----------
    images : ndarray of shape (n_images, height, width), dtype uint8
        Digits, light on black, to make other images of.
    digits : ndarray of shape (n_images,)
        Which digits these are, or -1 if that is unknown: these are not turned, mirrored
        or crossed out.
    n : int
        Number of images to make.
    rng : numpy.random.Generator
        The source of all random numbers.

    Yields
    ------
    image : ndarray of two axes, dtype uint8
        Images of different sizes.
    """
    counts = {kind: round(share * n) for kind, share in _SHARES.items()}

    def some(kind: str, left_out: set[int]) -> np.ndarray:
        able = np.flatnonzero((digits >= 0) & ~np.isin(digits, list(left_out)))
        return images[rng.choice(able, counts[kind])] if len(able) else images[:0]

    for left, right in rng.integers(len(images), size=(counts["pairs"], 2)):
        yield beside(images[left], images[right], rng)
    for image in some("crossed_out", CROSSED_BY_WRITERS):
        yield crossed_out(image, rng)
    yield from some("turned", STAY_DIGITS_TURNED)[:, ::-1, ::-1]
    yield from some("mirrored", STAY_DIGITS_MIRRORED)[:, :, ::-1]
    for _ in range(counts["curves"]):
        yield drawn([spline(rng, 3, 6) for _ in range(rng.integers(1, 4))], rng)
    for _ in range(counts["scribbles"]):
        yield drawn([spline(rng, 6, 14) for _ in range(rng.integers(1, 4))], rng)
    for i in range(counts["shapes"]):
        shape = _SHAPES[i % len(_SHAPES)]
        yield drawn([jittered(np.array(line, float), rng) for line in shape], rng)
    for i in range(counts["noise"]):
        yield noise(rng, i % 4)


def beside(left: np.ndarray, right: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return two digits side by side, or touching each other."""
    gap = np.zeros((len(left), int(rng.integers(0, 4))), np.uint8)
    parts = [image[:, bounds(image > 0)[1]] for image in (left, right)]
    return np.pad(np.hstack([parts[0], gap, parts[1]]), 4)


def crossed_out(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a digit with two bars, an X, a zigzag or a slash on it."""
    rows, columns = bounds(image > 0)
    low = np.array([columns.start, rows.start])
    high = np.array([columns.stop, rows.stop])
    half, center = (high - low).max() / 2, (low + high) / 2
    larger = opencv().resize(image, None, fx=2, fy=2)
    for line in _STRIKES[rng.integers(len(_STRIKES))]:
        moved = np.array(line, float) + rng.normal(0, 0.08, (len(line), 2))
        draw(larger, [2 * (center + half * moved)], int(rng.integers(4, 7)))
    return larger


def noise(rng: np.random.Generator, kind: int) -> np.ndarray:
    """Return random pixels: independent, in black and white, smooth, or in blobs."""
    shape = 28, 28
    if kind == 0:
        return rng.integers(256, size=shape, dtype=np.uint8)
    if kind == 1:
        return np.uint8(255) * (rng.random(shape) < rng.uniform(0.05, 0.5))
    smooth = rng.normal(size=shape)
    smooth = opencv().GaussianBlur(smooth, (0, 0), rng.uniform(1, 3))
    levels = 255 * (smooth - smooth.min()) / np.ptp(smooth)
    return np.where((kind == 2) | (levels > 190), levels, 0).astype(np.uint8)


def spline(rng: np.random.Generator, low: int, high: int) -> np.ndarray:
    """Return points of a smooth curve through random ones, of which there are a few."""
    knots = rng.uniform(0, 1, (int(rng.integers(low, high)), 2))
    ends = 2 * knots[0] - knots[1], 2 * knots[-1] - knots[-2]
    padded = np.vstack([ends[0], knots, ends[1]])
    t = np.linspace(0, len(knots) - 1, 12 * len(knots), endpoint=False)
    i, u = t.astype(int), (t % 1)[:, None]
    a, b, c, d = (padded[i + k] for k in range(4))
    square, cube = 2 * a - 5 * b + 4 * c - d, 3 * b - a - 3 * c + d
    return (2 * b + (c - a) * u + square * u**2 + cube * u**3) / 2


def jittered(line: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return straight lines as a hand draws them, with other corners, and bent."""
    line = line + rng.normal(0, 0.04, line.shape)
    t = np.linspace(0, 1, 8)[:, None]
    parts = [
        start + (stop - start) * t + rng.normal(0, 0.03, 2) * np.sin(np.pi * t)
        for start, stop in pairwise(line)
    ]
    return np.vstack(parts)


def drawn(lines: Lines, rng: np.random.Generator) -> np.ndarray:
    """Return lines drawn by a pen of a random width."""
    image = np.zeros((_SIDE, _SIDE), np.uint8)
    margin = _SIDE / 8
    points = [margin + (_SIDE - 2 * margin) * line for line in lines]
    draw(image, points, int(rng.integers(2, 6)))
    return image


def draw(image: np.ndarray, lines: Lines, width: int) -> None:
    """Draw lines into an image, smoothly."""
    cv2 = opencv()
    points = [np.rint(16 * line).astype(np.int32) for line in lines]
    cv2.polylines(image, points, False, 255, width, cv2.LINE_AA, 4)


_Drawing = list[list[tuple[float, float]]]  # the points of each line

# Relative to the center of a digit, and to half of its longer side.
_STRIKES: list[_Drawing] = [
    [[(-1.3, 0), (1.3, 0)], [(-1.3, 0.5), (1.3, 0.5)]],
    [[(-1.2, -1.2), (1.2, 1.2)], [(1.2, -1.2), (-1.2, 1.2)]],
    [[(-1.3, 0.9), (-0.7, -0.9), (-0.2, 0.9), (0.3, -0.9), (0.8, 0.9), (1.3, -0.9)]],
    [[(-1.4, 1), (1.4, -1)]],
]
_SHAPES: list[_Drawing] = [
    [[(0.1, 0.1), (0.9, 0.9)], [(0.9, 0.1), (0.1, 0.9)]],
    [[(0.5, 0.1), (0.5, 0.9)], [(0.1, 0.5), (0.9, 0.5)]],
    [[(0.1, 0.5), (0.4, 0.9), (0.9, 0.1)]],
    [[(0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9), (0.1, 0.1)]],
    [[(0.5, 0.1), (0.9, 0.9), (0.1, 0.9), (0.5, 0.1)]],
    [[(0.1, 0.5), (0.9, 0.5)], [(0.6, 0.2), (0.9, 0.5), (0.6, 0.8)]],
    [[(0.5, 0.1), (0.8, 0.9), (0.1, 0.4), (0.9, 0.4), (0.2, 0.9), (0.5, 0.1)]],
    [[(0.1, 0.35), (0.9, 0.35)], [(0.1, 0.65), (0.9, 0.65)]],
    [[(0.1, 0.8), (0.3, 0.2), (0.5, 0.8), (0.7, 0.2), (0.9, 0.8)]],
    [[(x, 0.05), (x, 0.95)] for x in (0.3, 0.7)]
    + [[(0.05, y), (0.95, y)] for y in (0.3, 0.7)],
    [[(0.5, 0.1), (0.9, 0.5), (0.5, 0.9), (0.1, 0.5), (0.5, 0.1)]],
    [[(0.1, 0.1), (0.9, 0.1), (0.1, 0.9), (0.9, 0.9), (0.1, 0.1)]],
]
