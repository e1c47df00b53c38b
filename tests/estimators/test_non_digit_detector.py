"""Detection of images that are no digits."""

import pickle

import numpy as np
import pytest
from PIL import Image, ImageDraw
from sklearn.base import clone, is_outlier_detector
from sklearn.datasets import load_digits
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skdigits import DigitNormalizer, NonDigitDetector, RejectingClassifierCV
from skdigits.estimators._non_digit_detector import digit_of
from skdigits.preprocessing._non_digits import _SHARES, make_non_digits


@pytest.fixture(scope="module")
def digits():
    """Return normalized images of `load_digits`, and their labels."""
    images, y = load_digits(return_X_y=True)
    return DigitNormalizer().transform(images), y


@pytest.fixture(scope="module")
def detector(digits):
    X, y = digits
    return NonDigitDetector(0.05, epochs=8, random_state=0).fit(X[:1400], y[:1400])


def others(digits, n=300, seed=1):
    X, y = digits
    return list(make_non_digits(X, y, n, np.random.default_rng(seed)))


class TestDetector:
    def test_digits_are_inliers_and_others_outliers(self, detector, digits):
        assert (detector.predict(digits[0][1400:]) == 1).mean() > 0.8
        assert (detector.predict(others(digits)) == -1).mean() > 0.9

    def test_a_letter_that_it_has_never_seen(self, detector):
        letter = Image.new("L", (100, 100), 255)
        points = [(20, 90), (50, 10), (80, 90), (65, 55), (35, 55)]
        ImageDraw.Draw(letter).line(points, fill=0, width=8)
        assert detector.predict([letter]).tolist() == [-1]

    def test_blank_images_are_outliers(self, detector):
        assert detector.predict(np.zeros((2, 28, 28))).tolist() == [-1, -1]
        assert detector.score_samples(np.zeros((1, 28, 28)))[0] == -np.inf

    def test_scores_and_the_offset(self, detector, digits):
        X = digits[0][1400:1450]
        scores = detector.score_samples(X)
        decisions = detector.decision_function(X)
        np.testing.assert_allclose(decisions, scores - detector.offset_)
        np.testing.assert_array_equal(detector.predict(X) == 1, decisions >= 0)

    def test_contamination_is_the_share_of_outliers(self, digits):
        X, y = digits
        strict = NonDigitDetector(0.5, epochs=2, random_state=0).fit(X[:600], y[:600])
        assert 0.3 < (strict.predict(X[600:]) == -1).mean() < 0.7

    def test_images_of_any_kind(self, detector, digits):
        dark = [
            255 - np.kron(image, np.ones((3, 3), np.uint8)) for image in digits[0][:9]
        ]
        assert (detector.predict(dark) == detector.predict(digits[0][:9])).mean() > 0.7

    def test_labels_are_not_needed(self, digits):
        X, y = digits
        without = NonDigitDetector(epochs=3, random_state=0).fit(X[:400])
        assert len(without.classifier_.classes_) == 2
        text = NonDigitDetector(epochs=1, random_state=0).fit(
            X[:400], y[:400].astype(str)
        )
        number = NonDigitDetector(epochs=1, random_state=0).fit(X[:400], y[:400])
        np.testing.assert_array_equal(
            text.score_samples(X[:9]), number.score_samples(X[:9])
        )

    def test_same_seed_same_bits(self, digits):
        X, y = digits
        scores = [
            NonDigitDetector(epochs=1, random_state=seed)
            .fit(X[:200], y[:200])
            .score_samples(X[:5])
            for seed in (3, 3, 4)
        ]
        np.testing.assert_array_equal(scores[0], scores[1])
        assert (scores[0] != scores[2]).any()

    def test_protocol(self, detector, digits):
        assert is_outlier_detector(detector)
        assert clone(detector).get_params() == detector.get_params()
        again = pickle.loads(pickle.dumps(detector))
        X = digits[0][:20]
        np.testing.assert_array_equal(again.predict(X), detector.predict(X))

    @pytest.mark.parametrize("params", [{"contamination": 0}, {"epochs": 0}])
    def test_bad_parameters(self, params, digits):
        with pytest.raises(ValueError, match=next(iter(params))):
            NonDigitDetector(**params).fit(digits[0][:50])

    def test_too_few_images(self, digits):
        with pytest.raises(ValueError, match=r"at least 20 images; got 19"):
            NonDigitDetector().fit(digits[0][:19])


class TestNonDigits:
    def test_counts(self, digits):
        made = others(digits, n=1000)
        assert len(made) == pytest.approx(1000, abs=5)
        assert all(image.dtype == np.uint8 and image.ndim == 2 for image in made)
        assert sum(_SHARES.values()) == pytest.approx(1)

    def test_unknown_digits_are_neither_turned_nor_crossed_out(self, digits):
        X = digits[0][:50]
        made = list(make_non_digits(X, np.full(50, -1), 1000, np.random.default_rng(0)))
        left_out = sum(_SHARES[kind] for kind in ("turned", "mirrored", "crossed_out"))
        assert len(made) == pytest.approx(1000 * (1 - left_out), abs=5)

    @pytest.mark.parametrize("label", [7, 7.0, "7", np.int64(7), np.str_("7")])
    def test_labels(self, label):
        assert digit_of(label) == 7
        assert digit_of(f"{label}x") == -1


class TestRejection:
    def test_a_rejecting_classifier_rejects_what_is_no_digit(self, detector, digits):
        X, y = digits
        flat = FunctionTransformer(lambda X: np.reshape(X, (len(X), -1)) / 255)
        pipe = make_pipeline(flat, LogisticRegression(max_iter=300))
        pipe.fit(X[:700], y[:700])
        made = DigitNormalizer(on_blank="zeros").transform(others(digits))
        rejected = []
        for outlier_detector in (None, FrozenEstimator(detector)):
            rejecting = RejectingClassifierCV(
                FrozenEstimator(pipe), max_error=0.1, outlier_detector=outlier_detector
            ).fit(X[1400:], y[1400:])
            rejected.append((rejecting.predict(made) == -1).mean())
            confidence = rejecting.predict_confidence(X[:50])
            accepted = rejecting.predict(X[:50]) != -1
            np.testing.assert_array_equal(accepted, confidence >= rejecting.threshold_)
            assert rejecting.risk_bound_ <= 0.1
            assert rejecting.coverage_ > 0.5
        assert rejected[1] > max(0.9, rejected[0])
        assert rejecting.predict(np.zeros((1, 28, 28), np.uint8)).tolist() == [-1]
