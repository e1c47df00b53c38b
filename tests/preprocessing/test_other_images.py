"""Warnings of `PixelScaler.transform` about other ranges and inverted ink."""

import pickle
import re
import warnings

import numpy as np
import pytest
from scipy import ndimage
from sklearn.datasets import load_digits

from skdigits.preprocessing import PixelScaler

OTHER_RANGE = "but PixelScaler was fitted on images in the range"
INVERTED = "X has inverted ink"

DIGITS = load_digits().images * (255 / 16)


def standardized(X):
    deviation = DIGITS.std(axis=0)
    return (X - DIGITS.mean(axis=0)) / np.where(deviation == 0, 1, deviation)


# Conversions of float images of 0-255.
RANGES = {
    "uint8": lambda X: np.rint(X).astype(np.uint8),
    "0-255": lambda X: np.rint(X),
    "0-1": lambda X: X / 255,
    "0-16": lambda X: np.rint(X * 16 / 255),
    "0-15": lambda X: X.astype(np.uint8) // 16,
    "[-1, 1]": lambda X: X / 127.5 - 1,
    "[-0.5, 0.5]": lambda X: X / 255 - 0.5,
    "centered": lambda X: X - 128,
    "MNIST's mean": lambda X: (X / 255 - 0.1307) / 0.3081,
    "own mean": lambda X: (X - DIGITS.mean()) / DIGITS.std(),
    "standardized": standardized,
    "binarized": lambda X: (X > 127).astype(np.float32),
    "binarized uint8": lambda X: (X > 127).astype(np.uint8),
    "bool": lambda X: X > 127,
}
ALIKE = [
    {"uint8", "0-255"},
    {"0-1", "binarized", "binarized uint8", "bool"},
    {"0-16", "0-15"},
]
PAIRS = [
    (fitted, given)
    for fitted in ("uint8", "0-255", "0-1", "0-16", "[-1, 1]", "[-0.5, 0.5]")
    for given in RANGES
    if fitted != given and not any({fitted, given} <= alike for alike in ALIKE)
]


def as_uint8(X):
    return np.clip(np.rint(X), 0, 255).astype(np.uint8)


def noise(X, scale):
    return X + np.random.default_rng(0).normal(0, scale, X.shape)


def cropped(X):
    """Crop each image so that its ink touches all four sides."""
    images = []
    for image in X:
        rows, columns = np.nonzero(image > 40)
        box = image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        factors = np.divide(image.shape, box.shape)
        images.append(ndimage.zoom(box, factors, order=1))
    return np.stack(images)


def clothes(X):
    """Return textured shapes that extend to the border, in the shape of X."""
    rng = np.random.default_rng(0)
    y, x = np.linspace(-1, 1, X.shape[1])[:, None], np.linspace(-1, 1, X.shape[2])
    shapes = [
        abs(x) + 0 * y < 0.96,
        (abs(x) < 0.6) | ((y < 0.2) & (y > -0.9)),
        (abs(x) < 0.7) & ((abs(x) > 0.1) | (y < -0.4)),
        y + 0.3 * x > -0.2,
        abs(x) < 0.7 + 0.3 * y,
    ]
    texture = rng.uniform(0.4, 1.0, (len(X), 1, 1)) * rng.uniform(0.8, 1.0, X.shape)
    return 255 * texture * np.stack([shapes[i % 5] for i in range(len(X))])


VALID = {
    "as fitted": lambda X: X,
    "half as bright": lambda X: X * 0.5,
    "a tenth as bright": lambda X: X * 0.1,
    "a twentieth as bright": lambda X: X * 0.05,
    "five gray levels": lambda X: X // 50,
    "low contrast around gray": lambda X: 128 + (X - 128) * 0.2,
    "gray paper": lambda X: 80 + X * 0.3,
    "black and white": lambda X: np.where(X > 127, 255, 0),
    "noisy": lambda X: noise(X, 40),
    "blurred": lambda X: ndimage.gaussian_filter(X, (0, 1, 1)),
    "bold": lambda X: ndimage.grey_dilation(X, (1, 3, 3)),
    "cropped": cropped,
    "clothes": clothes,
    "uniform noise": lambda X: np.random.default_rng(0).uniform(0, 255, X.shape),
    "blank": lambda X: np.zeros_like(X),
    "white": lambda X: np.full_like(X, 255),
    "blank with noise": lambda X: abs(noise(X * 0, 1)),
    "mostly blank": lambda X: X * (np.arange(len(X)) % 8 == 0)[:, None, None],
    "mostly faint": lambda X: (
        X * np.where(np.arange(len(X)) % 8, 0.01, 1)[:, None, None]
    ),
}

INVERTED_INK = {
    "inverted": lambda X: 255 - X,
    "inverted and faint": lambda X: (255 - X) * 0.5,
    "inverted and noisy": lambda X: noise(255 - X, 25),
    "photographed": lambda X: noise(180 - X * 0.5, 8),
    "black on white": lambda X: np.where(X > 127, 0, 255),
    "partly blank": lambda X: 255 - X * (np.arange(len(X)) % 4 > 0)[:, None, None],
}


def message_of(scaler, X):
    """Return the only warning that X raises, or an empty string."""
    with warnings.catch_warnings(record=True) as record:
        warnings.simplefilter("always")
        scaler.transform(X)
    assert len(record) <= 1
    return str(record[0].message) if record else ""


class TestOtherRange:
    @pytest.mark.parametrize(("fitted", "given"), PAIRS)
    @pytest.mark.parametrize("n", [20, 400])
    def test_warns_about_each_pair(self, fitted, given, n):
        scaler = PixelScaler().fit(RANGES[fitted](DIGITS[:500]))
        message = message_of(scaler, RANGES[given](DIGITS[500 : 500 + n]))
        assert OTHER_RANGE in message

    @pytest.mark.parametrize("alike", ALIKE)
    def test_does_not_warn_about_images_of_the_same_range(self, alike):
        for fitted in alike - {"binarized uint8"}:
            scaler = PixelScaler().fit(RANGES[fitted](DIGITS[:500]))
            for given in alike:
                assert message_of(scaler, RANGES[given](DIGITS[500:])) == ""

    @pytest.mark.parametrize(
        ("fitted", "given"),
        [
            ("uint8", "0-1"),
            ("uint8", "[-1, 1]"),
            ("uint8", "[-0.5, 0.5]"),
            ("uint8", "own mean"),
            ("0-1", "[-0.5, 0.5]"),
            ("0-1", "0-16"),
            ("0-16", "[-0.5, 0.5]"),
            ("0-16", "own mean"),
            ("[-0.5, 0.5]", "uint8"),
        ],
    )
    def test_warns_about_one_image_outside_of_the_range(self, fitted, given):
        scaler = PixelScaler().fit(RANGES[fitted](DIGITS[:500]))
        assert OTHER_RANGE in message_of(scaler, RANGES[given](DIGITS[700:701]))

    @pytest.mark.parametrize("given", ["binarized uint8", "0-15", "0-16"])
    def test_does_not_warn_about_one_faint_image(self, given):
        scaler = PixelScaler().fit(RANGES["uint8"](DIGITS))
        assert message_of(scaler, RANGES[given](DIGITS[700:701])) == ""

    @pytest.mark.parametrize("valid", VALID)
    @pytest.mark.parametrize("fitted", ["uint8", "0-255", "0-1"])
    @pytest.mark.parametrize("n", [1, 400])
    def test_does_not_warn_about_valid_images(self, valid, fitted, n):
        convert = RANGES[fitted]
        scaler = PixelScaler().fit(convert(DIGITS[:500]))
        X = as_uint8(VALID[valid](DIGITS[500 : 500 + n]))
        assert message_of(scaler, convert(X)) == ""

    def test_does_not_warn_about_images_as_faint_as_in_fit(self):
        X = RANGES["0-16"](DIGITS).astype(np.uint8)
        scaler = PixelScaler().fit(X)
        assert scaler.pixel_range_ == (0.0, 255.0)
        assert message_of(scaler, X) == ""
        assert message_of(scaler, X.astype(float)) == ""

    def test_given_range_applies_if_fit_saw_blank_images(self):
        scaler = PixelScaler((0, 255)).fit(np.zeros((1, 64)))
        assert scaler.levels_ == (0.0, 255.0)
        assert message_of(scaler, RANGES["uint8"](DIGITS)) == ""
        assert OTHER_RANGE in message_of(scaler, RANGES["binarized"](DIGITS))

    def test_message_states_the_extremes_of_all_images(self):
        X = RANGES["binarized uint8"](DIGITS)
        X[1, 3, 3] = 7
        message = message_of(PixelScaler().fit(RANGES["uint8"](DIGITS)), X)
        assert message.startswith("X has pixels from 0 to 7, ")


class TestInvertedInk:
    @pytest.mark.parametrize("kind", INVERTED_INK)
    @pytest.mark.parametrize("n_fitted", [1, 5, 500])
    @pytest.mark.parametrize("fitted", ["uint8", "0-1", "[-1, 1]"])
    def test_warns(self, kind, n_fitted, fitted):
        convert = RANGES[fitted]
        scaler = PixelScaler().fit(convert(DIGITS[:n_fitted]))
        X = as_uint8(INVERTED_INK[kind](DIGITS[500:]))
        assert INVERTED in message_of(scaler, convert(X))

    @pytest.mark.parametrize("kind", INVERTED_INK)
    def test_warns_about_light_digits_after_dark_ones(self, kind):
        scaler = PixelScaler().fit(as_uint8(INVERTED_INK[kind](DIGITS[:500])))
        assert INVERTED in message_of(scaler, as_uint8(DIGITS[500:]))
        same = as_uint8(INVERTED_INK[kind](DIGITS[500:]))
        assert message_of(scaler, same) == ""

    def test_warns_about_one_image(self):
        scaler = PixelScaler().fit(as_uint8(DIGITS[:500]))
        assert INVERTED in message_of(scaler, 255 - as_uint8(DIGITS[700:701]))

    @pytest.mark.parametrize(("share", "expected"), [(0.4, ""), (0.6, INVERTED)])
    def test_majority_of_images_decides(self, share, expected):
        X = as_uint8(DIGITS)
        some = np.random.default_rng(0).permutation(len(X)) < share * len(X)
        mixed = np.where(some[:, None, None], 255 - X, X)
        message = message_of(PixelScaler().fit(X), mixed)
        assert message.startswith(expected)
        assert bool(message) == bool(expected)

    @pytest.mark.parametrize(
        ("dtype", "remedy"),
        [("u1", "255 - X"), ("u2", "65535 - X"), ("?", "~X"), ("f4", "1 - X")],
    )
    def test_message_says_what_to_do(self, dtype, remedy):
        X = DIGITS / 255
        high = np.iinfo(dtype).max if dtype[0] == "u" else 1
        X = X > 0.5 if dtype == "?" else (X * high).astype(dtype)
        inverted = ~X if dtype == "?" else (high - X).astype(dtype)
        message = message_of(PixelScaler().fit(X), inverted)
        expected = (
            f"at about {high:g}, but PixelScaler was fitted on images whose background "
            f"is at about 0. Invert the images with `{remedy}`."
        )
        assert message.endswith(expected)
        repaired = eval(remedy, {"X": inverted})
        assert message_of(PixelScaler().fit(X), repaired) == ""

    def test_range_around_zero(self):
        X = DIGITS / 127.5 - 1
        assert "with `-X`" in message_of(PixelScaler().fit(X), -X)

    @pytest.mark.parametrize("width", [28, 20])
    @pytest.mark.parametrize("given", ["rows", "images", "channel", "frame", "F"])
    @pytest.mark.parametrize("as_rows", [True, False])
    def test_image_shape_does_not_matter(self, width, given, as_rows):
        images = ndimage.zoom(as_uint8(DIGITS[:60]), (1, 3.5, width / 8), order=1)
        rows = images.reshape(60, -1)
        scaler = PixelScaler().fit(rows if as_rows else images)
        inverted = 255 - images
        if given == "frame":
            inverted = pytest.importorskip("pandas").DataFrame(255 - rows)
            scaler.set_output(transform="pandas")
        elif given == "F":
            inverted = np.asfortranarray(inverted)
        else:
            shapes = {"rows": (60, -1), "images": (60, 28, width)}
            inverted = inverted.reshape(shapes.get(given, (60, 28, width, 1)))
        assert INVERTED in message_of(scaler, inverted)

    def test_warning_points_at_the_caller(self):
        scaler = PixelScaler().fit(as_uint8(DIGITS))
        with pytest.warns(UserWarning, match=INVERTED) as record:
            scaler.transform(255 - as_uint8(DIGITS))
        assert record[0].filename == __file__

    def test_fit_transform_does_not_warn(self):
        for X in (DIGITS, 255 - DIGITS, clothes(DIGITS), noise(DIGITS, 90)):
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                PixelScaler().fit_transform(X)


class TestLearnedAttributes:
    def test_background_and_levels(self):
        scaler = PixelScaler().fit(load_digits().data)
        assert scaler.levels_ == (0.0, pytest.approx(15.5, abs=0.5))
        assert scaler.background_level_ == 0.0
        mask = scaler.background_mask_.reshape(8, 8)
        assert mask[:, 0].all()
        assert not mask[2:6, 3:5].any()

    @pytest.mark.parametrize(
        "X",
        [
            np.zeros((3, 16)),
            np.random.default_rng(0).random((200, 16)),
            np.ones((1, 1)),
        ],
        ids=["blank", "noise", "one pixel"],
    )
    def test_no_background(self, X):
        scaler = PixelScaler().fit(X)
        assert not scaler.background_mask_.any()
        assert scaler.background_mask_.shape == (X.shape[1],)
        assert np.isnan(scaler.background_level_)
        assert message_of(scaler, 1 - X) == ""

    def test_pickled_scaler_raises_the_same_warning(self):
        scaler = PixelScaler().fit(as_uint8(DIGITS))
        again = pickle.loads(pickle.dumps(scaler))
        inverted = 255 - as_uint8(DIGITS)
        assert message_of(again, inverted) == message_of(scaler, inverted) != ""
        assert re.match(INVERTED, message_of(again, inverted))
