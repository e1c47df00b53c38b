"""Plots of digits with their labels, and occlusion maps."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import RidgeClassifier

from skdigits import ANNClassifier
from skdigits.reports import (
    DigitGalleryDisplay,
)


class TestGallery:
    def test_shows_the_mistakes_first(self, model, digits):
        _, X, _, y = digits
        n_wrong = (model.predict(X) != y).sum()
        display = DigitGalleryDisplay.from_estimator(model, X, y, n_images=n_wrong + 9)
        is_correct = display.y_true == display.y_pred
        assert is_correct.sum() == 9
        assert not is_correct[:n_wrong].any()
        texts = display.ax_.texts
        assert texts[0].get_text().startswith("✗")
        assert texts[-1].get_text().startswith("✓")
        assert texts[0].get_color() != texts[-1].get_color()
        indices = np.flatnonzero(model.predict(X) != y)
        assert_array_equal(display.images[0], X[indices[0]].reshape(8, 8))

    @pytest.mark.parametrize("explain", [False, True])
    def test_in_the_order_given(self, model, digits, explain):
        _, X, _, y = digits
        display = DigitGalleryDisplay.from_estimator(
            model, X, y, n_images=5, order="given", explain=explain
        )
        assert_array_equal(display.images, X[:5].reshape(-1, 8, 8))
        again = DigitGalleryDisplay.from_predictions(
            y, model.predict_proba(X), images=X, n_images=5, order="given"
        )
        assert_array_equal(again.y_true, y[:5])
        assert_array_equal(again.y_pred, model.predict(X[:5]))

    @pytest.mark.parametrize("order", ["mistakes", None, True])
    def test_invalid_order_raises(self, model, digits, order):
        _, X, _, y = digits
        message = rf"order must be .*'mistakes first'.*'given'.*; got {order!r}"
        with pytest.raises(ValueError, match=message):
            DigitGalleryDisplay.from_estimator(model, X, y, order=order)
        with pytest.raises(ValueError, match=message):
            DigitGalleryDisplay.from_predictions(y, y_pred=y, images=X, order=order)

    def test_captions_are_not_math_text(self, digits):
        _, X, _, y = digits
        labels = np.array([f"$\\frac{label}$" for label in y[:8]])
        display = DigitGalleryDisplay.from_predictions(
            labels, y_pred=labels, images=X[:8]
        )
        display.figure_.canvas.draw()  # raises an error if parsed as math

    def test_of_too_few_images_raises(self, model, random_predictions):
        y, proba = random_predictions(5, 2)
        with pytest.raises(
            ValueError, match="images must hold one image per sample, 5 in total; got 3"
        ):
            DigitGalleryDisplay.from_predictions(y, proba, images=np.zeros((3, 8, 8)))

    def test_of_samples_other_than_images_raises(self, digits):
        X, _, y, _ = digits
        model = RidgeClassifier().fit(X[:, :9], y)
        with pytest.raises(
            ValueError, match="images must be given unless.*64 pixels; got None"
        ):
            DigitGalleryDisplay.from_estimator(model, X[:, :9], y)

    @pytest.mark.parametrize("n_images", [0, -1])
    def test_invalid_n_images_raises(self, model, digits, n_images):
        _, X, _, y = digits
        with pytest.raises(ValueError, match=f"at least 1; got {n_images}"):
            DigitGalleryDisplay.from_estimator(model, X, y, n_images=n_images)


class TestExplanation:
    def test_shows_the_decisive_pixels(self, digits):
        """The map of a classifier that depends on a corner shows that corner."""

        class CornerClassifier(ClassifierMixin, BaseEstimator):
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
        model = CornerClassifier().fit(X, y[:4])
        display = DigitGalleryDisplay.from_estimator(model, X, y[:4], explain=True)
        assert display.maps.shape == (4, 8, 8)
        for evidence in display.maps:
            assert evidence.argmax() == 0  # the corner itself
            assert evidence[:2, :2].min() > 0
            assert evidence[3:, 3:] == pytest.approx(0)

    def test_of_a_network_leaves_its_input_unchanged(self, network, digits):
        _, X, _, y = digits
        before = X.copy()
        display = DigitGalleryDisplay.from_estimator(
            network, X, y, n_images=6, explain=True
        )
        assert_array_equal(X, before)
        assert np.isfinite(display.maps).all()
        assert (display.maps.max(axis=(1, 2)) > 0).all()

    def test_of_a_dataframe(self, digits):
        pd = pytest.importorskip("pandas")
        X, _, y, _ = digits
        table = pd.DataFrame(X, columns=[f"pixel{i}" for i in range(64)])
        network = ANNClassifier(4, epochs=1).fit(table, y)
        display = DigitGalleryDisplay.from_estimator(
            network, table, y, n_images=2, explain=True
        )
        assert display.maps.shape == (2, 8, 8)

    def test_without_probabilities_or_with_images_raises(self, digits, model):
        X, _, y, _ = digits
        ridge = RidgeClassifier().fit(X, y)
        with pytest.raises(ValueError, match="must have predict_proba if explain=True"):
            DigitGalleryDisplay.from_estimator(ridge, X, y, explain=True)
        with pytest.raises(ValueError, match="images must be None if explain=True"):
            DigitGalleryDisplay.from_estimator(model, X, y, images=X, explain=True)
