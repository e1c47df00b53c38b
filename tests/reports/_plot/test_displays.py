"""Behavior that displays have in common."""

import re
import sys

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skdigits.reports import (
    ConfusedPairsDisplay,
    ConfusionDisplay,
    CoverageDisplay,
    DigitGalleryDisplay,
)
from skdigits.reports._plot._tiles import as_dark_on_white

DISPLAYS = [
    CoverageDisplay,
    ConfusionDisplay,
    DigitGalleryDisplay,
    ConfusedPairsDisplay,
]


WITH_IMAGES = [DigitGalleryDisplay, ConfusedPairsDisplay]


WITH_NAMES = [ConfusionDisplay, *WITH_IMAGES]


NAMES = [f"handwritten digit of class {i}" for i in range(10)]


@pytest.mark.parametrize("display_class", DISPLAYS)
class TestEveryDisplay:
    def test_draws_on_the_given_axes(self, display_class, model, digits):
        _, X, _, y = digits
        _, ax = plt.subplots()
        display = display_class.from_estimator(model, X, y, ax=ax)
        assert display.ax_ is ax
        assert display.figure_ is ax.figure
        assert ax.lines or ax.images
        n_figures = len(plt.get_fignums())
        again = display.plot()
        assert again is display
        assert display.ax_ is not ax
        assert len(plt.get_fignums()) == n_figures + 1

    def test_draws_the_same_from_estimator_and_predictions(
        self, display_class, model, digits
    ):
        _, X, _, y = digits
        images = {"images": X} if display_class in WITH_IMAGES else {}
        one = display_class.from_estimator(model, X, y)
        two = display_class.from_predictions(y, model.predict_proba(X), **images)
        for display in (one, two):
            display.figure_.canvas.draw()
        assert_array_equal(
            np.asarray(one.figure_.canvas.buffer_rgba()),
            np.asarray(two.figure_.canvas.buffer_rgba()),
        )

    def test_without_matplotlib_raises(self, display_class, model, digits, monkeypatch):
        _, X, _, y = digits
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        with pytest.raises(
            ImportError, match=rf"{display_class.__name__} requires .*\[plot"
        ):
            display_class.from_estimator(model, X, y)


@pytest.mark.parametrize("display_class", WITH_NAMES)
class TestDisplayLabels:
    def test_replace_labels(self, display_class, model, digits):
        _, X, _, y = digits
        images = {"images": X} if display_class in WITH_IMAGES else {}
        proba = model.predict_proba(X)
        for display in (
            display_class.from_estimator(model, X, y, display_labels=NAMES),
            display_class.from_predictions(y, proba, display_labels=NAMES, **images),
        ):
            texts = [text.get_text() for text in display.ax_.findobj(mpl.text.Text)]
            names = {name for text in texts for name in re.findall(r"\S+…\S+ \d", text)}
            assert len(names) >= 5  # distinct despite a common prefix of 26 characters
            display.figure_.canvas.draw()

    @pytest.mark.parametrize(
        ("names", "message"),
        [
            (
                NAMES[:9],
                r"must hold 10 names, one for each of the classes \[0, 1, .* got",
            ),
            (["one"] * 10, "must be unique; got"),
            ("zero", "must hold 10 names"),
        ],
    )
    def test_that_do_not_match_raise(
        self, display_class, model, digits, names, message
    ):
        _, X, _, y = digits
        with pytest.raises(ValueError, match=f"display_labels {message}"):
            display_class.from_estimator(model, X, y, display_labels=names)


@pytest.mark.parametrize("display_class", WITH_IMAGES)
class TestImages:
    @pytest.mark.parametrize("shape", [(8, 8), (28, 28), (28, 20), (11, 17)])
    def test_have_pixels_of_equal_size(self, display_class, shape):
        """Each pixel of an image becomes a square of equally many screen pixels."""
        images = np.random.default_rng(0).integers(1, 255, (7, *shape))
        y = np.arange(7) % 2
        display = display_class.from_predictions(y, y_pred=1 - y, images=images)
        display.figure_.canvas.draw()
        drawn = np.asarray(display.figure_.canvas.buffer_rgba())[..., 0]
        corner, far = display.ax_.transData.transform([(-0.5, -0.5), (0.5, 0.5)])
        side = round(far[0] - corner[0])
        assert 48 <= side * max(shape) <= 144
        assert np.abs(far - corner) == pytest.approx(side, abs=1e-6)
        enlarged = as_dark_on_white(images[:1])[0, ..., 0] * 255
        block = np.kron(np.rint(enlarged), np.ones((side, side)))
        windows = np.lib.stride_tricks.sliding_window_view(drawn, block.shape[1], 1)
        of_first_row = np.abs(windows - block[0]).max(axis=2) <= 1
        tops, lefts = np.nonzero(of_first_row)
        top, left = tops.min(), lefts[tops.argmin()]
        found = drawn[top : top + len(block), left : left + block.shape[1]]
        assert np.abs(found - block).max() <= 1

    @pytest.mark.parametrize("value", [0, -3, 2.5, "all", None, True])
    def test_with_invalid_numbers_raise(self, display_class, model, digits, value):
        _, X, _, y = digits
        names = ["n_images"]
        names += ["n_pairs"] if display_class is ConfusedPairsDisplay else []
        for name in names:
            message = f"{name} must be an int of at least 1; got {value!r}"
            with pytest.raises((ValueError, TypeError), match=message):
                display_class.from_estimator(model, X, y, **{name: value})
            with pytest.raises((ValueError, TypeError), match=message):
                display_class.from_predictions(y, y_pred=y, images=X, **{name: value})

    def test_may_be_boolean(self, display_class, model, digits):
        _, X, _, y = digits
        display = display_class.from_predictions(
            y, model.predict_proba(X), images=X.reshape(-1, 8, 8) > 0.5
        )
        shades = np.unique(display.ax_.images[0].get_array())
        assert_array_equal(shades, [0, 1])
