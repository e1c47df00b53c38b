"""What is drawn, and of what."""

import sys

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import RidgeClassifier
from sklearn.pipeline import make_pipeline

from skdigits import ANNClassifier, PixelScaler
from skdigits.reports import (
    ConfusedPairsDisplay,
    CoverageDisplay,
    DigitGalleryDisplay,
    HistoryDisplay,
)

HISTORY = {
    "loss": [0.9, 0.5, 0.3],
    "accuracy": [0.7, 0.8, 0.9],
    "val_loss": [0.8, 0.4, 0.6],
    "val_accuracy": [0.75, 0.86, 0.85],
}
DISPLAYS = [CoverageDisplay, DigitGalleryDisplay, ConfusedPairsDisplay]


@pytest.fixture(autouse=True)
def closed_figures():
    mpl.use("Agg")
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def network(digits):
    X, _, y, _ = digits
    ann = ANNClassifier(16, epochs=3, validation_split=0.2, random_state=0)
    return make_pipeline(PixelScaler(), ann).fit(X, y)


@pytest.mark.parametrize("display_class", DISPLAYS)
class TestEveryDisplay:
    def test_draws_where_it_is_told(self, display_class, model, digits):
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

    def test_draws_the_same_from_predictions(self, display_class, model, digits):
        _, X, _, y = digits
        images = {} if display_class is CoverageDisplay else {"images": X}
        one = display_class.from_estimator(model, X, y)
        two = display_class.from_predictions(y, model.predict_proba(X), **images)
        for display in (one, two):
            display.figure_.canvas.draw()
        assert_array_equal(
            np.asarray(one.figure_.canvas.buffer_rgba()),
            np.asarray(two.figure_.canvas.buffer_rgba()),
        )

    def test_says_what_to_install(self, display_class, model, digits, monkeypatch):
        _, X, _, y = digits
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        with pytest.raises(
            ImportError, match=rf"{display_class.__name__} needs .*\[plot"
        ):
            display_class.from_estimator(model, X, y)


class TestCoverage:
    def test_draws_the_curve(self, report, model, digits):
        _, X, _, y = digits
        display = CoverageDisplay.from_estimator(model, X, y, name="regression")
        x_drawn, y_drawn = display.line_.get_data()
        assert x_drawn == pytest.approx(100 * (1 - report.coverage_curve_.coverage))
        assert y_drawn == pytest.approx(100 * report.coverage_curve_.error)
        assert display.ax_.get_legend().get_texts()[0].get_text() == "regression"

    def test_of_a_million_points_draws_what_is_seen(self):
        coverage = np.linspace(1e-6, 1, 1_000_000)
        display = CoverageDisplay(coverage, coverage / 100).plot()
        x_drawn, _ = display.line_.get_data()
        assert len(x_drawn) <= 2000
        assert x_drawn[0] == pytest.approx(100, abs=1e-3)
        assert x_drawn[-1] == 0

    def test_needs_probabilities(self, digits):
        X, _, y, _ = digits
        with pytest.raises(ValueError, match="classifier with predict_proba"):
            CoverageDisplay.from_estimator(RidgeClassifier().fit(X, y), X, y)


class TestHistory:
    def test_marks_the_best_epoch(self):
        display = HistoryDisplay.from_history(HISTORY, best_epoch=2)
        loss, accuracy = display.ax_
        assert_array_equal(loss.lines[0].get_ydata(), HISTORY["loss"])
        assert_array_equal(loss.lines[1].get_ydata(), HISTORY["val_loss"])
        assert_array_equal(accuracy.lines[1].get_ydata(), HISTORY["val_accuracy"])
        stars = [line for line in loss.lines if line.get_marker() == "*"]
        assert [tuple(star.get_xydata()[0]) for star in stars] == [(2, 0.4)]

    def test_of_a_pipeline(self, network):
        display = HistoryDisplay.from_estimator(network)
        assert display.history is network[-1].history_
        assert display.best_epoch == network[-1].best_epoch_
        assert all(len(ax.lines) >= 3 for ax in display.ax_)

    @pytest.mark.parametrize("place", ["one", "two"])
    def test_draws_where_it_is_told(self, place):
        figure, axes = plt.subplots(1, 2)
        ax = axes if place == "two" else axes[0]
        display = HistoryDisplay(HISTORY).plot(ax)
        assert display.figure_ is figure
        if place == "two":
            assert_array_equal(display.ax_, axes)
        figure.canvas.draw()

    @pytest.mark.parametrize(
        "history", [{}, {"accuracy": [1]}, {"loss": [1, 2], "val_loss": [1]}]
    )
    def test_of_something_else(self, history):
        with pytest.raises(ValueError, match="history must hold 'loss'"):
            HistoryDisplay.from_history(history)

    def test_of_what_has_none(self, model):
        with pytest.raises(TypeError, match="must have history_"):
            HistoryDisplay.from_estimator(model)


class TestGallery:
    def test_shows_the_mistakes_first(self, model, digits):
        _, X, _, y = digits
        n_wrong = (model.predict(X) != y).sum()
        display = DigitGalleryDisplay.from_estimator(model, X, y, n_images=n_wrong + 9)
        is_right = display.y_true == display.y_pred
        assert is_right.sum() == 9
        assert not is_right[:n_wrong].any()
        texts = display.ax_.texts
        assert texts[0].get_text().startswith("✗")
        assert texts[-1].get_text().startswith("✓")
        assert texts[0].get_color() != texts[-1].get_color()
        rows = np.flatnonzero(model.predict(X) != y)
        assert_array_equal(display.images[0], X[rows[0]].reshape(8, 8))

    def test_captions_are_no_formulas(self, digits):
        _, X, _, y = digits
        labels = np.array([f"$\\frac{label}$" for label in y[:8]])
        display = DigitGalleryDisplay.from_predictions(
            labels, y_pred=labels, images=X[:8]
        )
        display.figure_.canvas.draw()  # as a formula it would be an error

    def test_needs_images(self, model, random_predictions):
        y, proba = random_predictions(5, 2)
        with pytest.raises(ValueError, match="images holds 3 images for 5 rows"):
            DigitGalleryDisplay.from_predictions(y, proba, images=np.zeros((3, 8, 8)))

    def test_of_rows_that_are_no_images(self, digits):
        X, _, y, _ = digits
        model = RidgeClassifier().fit(X[:, :9], y)
        with pytest.raises(ValueError, match="no images to draw"):
            DigitGalleryDisplay.from_estimator(model, X[:, :9], y)

    @pytest.mark.parametrize("n_images", [0, -1])
    def test_of_no_images(self, model, digits, n_images):
        _, X, _, y = digits
        with pytest.raises(ValueError, match=f"at least 1, got {n_images}"):
            DigitGalleryDisplay.from_estimator(model, X, y, n_images=n_images)


class TestExplanation:
    def test_finds_the_pixels_that_decide(self, digits):
        """A classifier that looks at one corner is seen to look there."""

        class Corner(ClassifierMixin, BaseEstimator):
            def fit(self, X, y):
                self.classes_ = np.arange(10)
                return self

            def predict_proba(self, X):
                ink = np.asarray(X).reshape(-1, 8, 8)[:, :2, :2].mean(axis=(1, 2))
                proba = np.full((len(ink), 10), 0.01)
                proba[:, 0] = 0.1 + 0.8 * ink
                proba[:, 1] = 1 - proba.sum(axis=1) + 0.01
                return proba

            def predict(self, X):
                return np.zeros(len(X), int)

        X, _, y, _ = digits
        X = X[:4].copy()
        X.reshape(-1, 8, 8)[:, :2, :2] = 1
        model = Corner().fit(X, y[:4])
        display = DigitGalleryDisplay.from_estimator(model, X, y[:4], explain=True)
        assert display.maps.shape == (4, 8, 8)
        for evidence in display.maps:
            assert evidence.argmax() == 0  # the corner itself
            assert evidence[:2, :2].min() > 0
            assert evidence[3:, 3:] == pytest.approx(0)

    def test_of_a_network_leaves_its_input_alone(self, network, digits):
        _, X, _, y = digits
        before = X.copy()
        display = DigitGalleryDisplay.from_estimator(
            network, X, y, n_images=6, explain=True
        )
        assert_array_equal(X, before)
        assert np.isfinite(display.maps).all()
        assert (display.maps.max(axis=(1, 2)) > 0).all()

    def test_of_a_table(self, digits):
        pd = pytest.importorskip("pandas")
        X, _, y, _ = digits
        table = pd.DataFrame(X, columns=[f"pixel{i}" for i in range(64)])
        network = ANNClassifier(4, epochs=1).fit(table, y)
        display = DigitGalleryDisplay.from_estimator(
            network, table, y, n_images=2, explain=True
        )
        assert display.maps.shape == (2, 8, 8)

    def test_needs_probabilities_and_the_images(self, digits, model):
        X, _, y, _ = digits
        ridge = RidgeClassifier().fit(X, y)
        with pytest.raises(ValueError, match="needs a classifier with predict_proba"):
            DigitGalleryDisplay.from_estimator(ridge, X, y, explain=True)
        with pytest.raises(ValueError, match="needs X to be the images"):
            DigitGalleryDisplay.from_estimator(model, X, y, images=X, explain=True)


class TestPairs:
    def test_shows_digits_of_the_most_frequent_mistakes(self, report, model, digits):
        _, X, _, y = digits
        display = ConfusedPairsDisplay.from_estimator(
            model, X, y, n_pairs=3, n_images=2
        )
        predicted = model.predict(X)
        matrix = report.confusion_matrix_ - np.diag(report.confusion_matrix_.diagonal())
        most = np.sort(matrix.ravel())[::-1][:3]
        assert [cell.n_digits for cell in display.cells] == most.tolist()
        for cell, images in zip(display.cells, display.images, strict=True):
            assert 1 <= len(images) <= 2
            assert_array_equal(images, X[cell.rows].reshape(-1, 8, 8))
            assert set(y[cell.rows]) == {cell.true}
            assert set(predicted[cell.rows]) == {cell.predicted}

    def test_of_no_mistakes(self, digits):
        _, X, _, y = digits
        display = ConfusedPairsDisplay.from_predictions(y, y_pred=y, images=X)
        assert display.ax_.texts[0].get_text() == "No digit was read as another."
