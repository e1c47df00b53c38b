"""Tests of the pipelines that classify raw pixels."""

import pickle
import tracemalloc

import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import Pipeline

from skdigits import (
    ANNClassifier,
    CNNClassifier,
    DigitNormalizer,
    PixelScaler,
    make_digit_pipeline,
    make_reader_pipeline,
)


@pytest.mark.parametrize(
    ("name", "kind"), [("ann", ANNClassifier), ("cnn", CNNClassifier)]
)
def test_name_selects_the_classifier(name, kind):
    pipe = make_digit_pipeline(name, epochs=3, random_state=0)
    assert isinstance(pipe, Pipeline)
    assert list(pipe.named_steps) == ["pixelscaler", f"{name}classifier"]
    assert isinstance(pipe[0], PixelScaler)
    assert type(pipe[-1]) is kind
    assert pipe[-1].get_params() == kind(epochs=3, random_state=0).get_params()
    assert is_classifier(pipe)


def test_default_is_the_cnn():
    assert isinstance(make_digit_pipeline()[-1], CNNClassifier)


def test_any_classifier_is_accepted():
    classifier = LogisticRegression(max_iter=200)
    pipe = make_digit_pipeline(classifier)
    assert list(pipe.named_steps) == ["pixelscaler", "logisticregression"]
    assert pipe[-1] is classifier
    assert make_digit_pipeline(classifier, C=2.0)[-1].C == 2
    assert classifier.C == 1
    X, y = load_digits(return_X_y=True)
    assert pipe.fit(X[:200], y[:200]).score(X[:200], y[:200]) > 0.9


@pytest.mark.parametrize("name", ["mlp", "CNN", ""])
def test_unknown_name_is_rejected(name):
    message = f"estimator must be 'cnn', 'ann' or an estimator; got '{name}'"
    with pytest.raises(ValueError, match=message):
        make_digit_pipeline(name)


@pytest.mark.parametrize("estimator", [None, 3, LogisticRegression, ANNClassifier])
@pytest.mark.parametrize("params", [{}, {"random_state": 0}])
def test_objects_that_are_not_estimators_are_rejected(estimator, params):
    with pytest.raises(TypeError, match="estimator must be 'cnn', 'ann' or an estim"):
        make_digit_pipeline(estimator, **params)


def test_unknown_parameter_is_rejected():
    with pytest.raises(ValueError, match="Invalid parameter 'filters' for"):
        make_digit_pipeline("ann", filters=(8,))


@pytest.mark.parametrize("shape", [(-1, 64), (-1, 8, 8), (-1, 8, 8, 1)])
def test_classifies_raw_pixels(shape):
    X, y = load_digits(return_X_y=True)
    X = (X[:300] * 15).astype("uint8").reshape(shape)
    y = np.array([f"digit {label}" for label in y[:300]])
    params = {"learning_rate": 0.01, "random_state": 0}
    pipe = make_digit_pipeline("ann", hidden_layer_sizes=16, epochs=8, **params)
    assert pipe.fit(X, y).score(X, y) > 0.8
    assert pipe.predict(X[:2]).dtype == y.dtype
    assert pipe.n_features_in_ == 64


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
@pytest.mark.parametrize("name", ["ann", "cnn"])
def test_memory_holds_one_float32_array_of_memory_mapped_images(name, dtype, tmp_path):
    digits, y = load_digits(return_X_y=True)
    images = np.resize(digits.astype(dtype), (30_000, 64))
    X = np.memmap(tmp_path / "images", dtype, "w+", shape=images.shape)
    X[:] = images
    params = {"epochs": 1, "precision": "float32", "random_state": 0}
    pipe = make_digit_pipeline(name, hidden_layer_sizes=16, **params)
    pipe.fit(X[:1_000], y[:1_000])
    tracemalloc.start()
    try:
        pipe.predict(X)
        peak_of_predict = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        pipe.fit(X, np.resize(y, 30_000))
        peak_of_fit = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    scaled = 30_000 * 64 * 4
    assert scaled < peak_of_predict < 1.5 * scaled
    # The samples of a stack of batches are gathered while the last one is used.
    assert scaled < peak_of_fit < 2 * scaled


class TestReader:
    @pytest.fixture(scope="class")
    def trained(self):
        """Return a pipeline fitted on digits in the geometry of MNIST."""
        digits = load_digits()
        images = DigitNormalizer().transform(digits.images[:1200])
        pipe = make_digit_pipeline("ann", epochs=5, random_state=0)
        return pipe.fit(images, digits.target[:1200])

    @pytest.fixture(scope="class")
    def photos(self):
        """Return dark digits on light paper, each of another size, and their labels."""
        digits = load_digits()
        images = [
            np.pad(240 - np.kron(image * 12, np.ones((n, n))), n, constant_values=240)
            for n, image in enumerate(digits.images[1200:1210], start=4)
        ]
        return images, digits.target[1200:1210]

    def test_a_fitted_pipeline_reads_photos(self, trained, photos):
        reader = make_reader_pipeline(trained)
        assert reader.score(*photos) >= 0.9
        assert reader[-1] is trained[-1]
        assert list(reader.named_steps) == [
            "digitnormalizer",
            "pixelscaler",
            "annclassifier",
        ]

    def test_can_be_fitted_cloned_and_pickled(self, photos):
        reader = make_reader_pipeline("ann", epochs=2, random_state=0)
        reader = pickle.loads(pickle.dumps(clone(reader).fit(*photos)))
        assert reader.predict(photos[0]).shape == (10,)

    def test_lists_of_images_can_be_cross_validated(self, photos):
        images, y = photos
        reader = make_reader_pipeline("ann", epochs=2, random_state=0)
        scores = cross_val_score(reader, images * 3, [*y] * 3, cv=2, scoring="accuracy")
        assert scores.shape == (2,)

    def test_parameters_of_a_pipeline(self, trained):
        reader = make_reader_pipeline(trained, annclassifier__epochs=9)
        assert reader[-1].epochs == 9
        assert trained[-1].epochs == 5
        reader.set_params(digitnormalizer__ink="dark")
        assert reader[0].ink == "dark"

    def test_bad_estimators(self):
        with pytest.raises(ValueError, match="estimator must be 'cnn', 'ann' or an"):
            make_reader_pipeline("svm")
        with pytest.raises(TypeError, match="estimator must be"):
            make_reader_pipeline(None)
