"""Shapes, dtypes and containers of images."""

import re
import tracemalloc
import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.pipeline import make_pipeline

from skdigits import PixelScaler
from skdigits.estimators import _numpy_forward
from skdigits.estimators._keras import forward as forward_module


def read_only(X):
    X = X.copy()
    X.setflags(write=False)
    return X


@pytest.fixture
def small_parts(monkeypatch):
    """Predict a few hundred samples at a time, instead of many thousand."""
    monkeypatch.setattr(_numpy_forward, "_DENSE_VALUES", 2**15)
    monkeypatch.setattr(forward_module, "_MAX_BYTES", 2**17)
    forward_module.forward.cache_clear()
    yield
    forward_module.forward.cache_clear()


CONTAINERS = {
    "flat": lambda X: X,
    "images": lambda X: X.reshape(-1, 8, 8),
    "one channel": lambda X: X.reshape(-1, 8, 8, 1),
    "lists": lambda X: X.tolist(),
    "lists of images": lambda X: X.reshape(-1, 8, 8).tolist(),
    "list of arrays": lambda X: list(X.reshape(-1, 8, 8)),
    "float64": lambda X: X.astype("float64"),
    "float16": lambda X: X.astype("float16"),
    "other byte order": lambda X: X.astype(">f8"),
    "Fortran order": np.asfortranarray,
    "Fortran order images": lambda X: np.asfortranarray(X.reshape(-1, 8, 8)),
    "strided": lambda X: np.repeat(X, 2, axis=1)[:, ::2],
    "read-only": read_only,
    "object": lambda X: X.astype(object),
    "data frame": pd.DataFrame,
    "named data frame": lambda X: pd.DataFrame(X, dtype="float64"),
}


@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS.keys())
def test_predictions_do_not_depend_on_the_container(fitted, digits, container):
    X, _ = digits
    assert_array_equal(
        fitted.predict_proba(container(X)), fitted.predict_proba(X), strict=True
    )


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "uint16", "float64"])
def test_predictions_do_not_depend_on_the_dtype(fitted, digits, dtype):
    ink = digits[0] > 0.5
    assert_array_equal(
        fitted.predict_proba(ink.astype(dtype)),
        fitted.predict_proba(ink.astype("float32")),
        strict=True,
    )


@pytest.mark.parametrize("container", ["one channel", "lists", "data frame"])
def test_fit_does_not_depend_on_the_container(make, kind, fitted, digits, container):
    X, y = digits
    other = make(kind).fit(CONTAINERS[container](X), y)
    assert_array_equal(other.predict_proba(X), fitted.predict_proba(X))
    assert other.n_features_in_ == 64
    assert other.image_shape_ == (8, 8)


def test_partial_fit_takes_images(make, kind, digits):
    X, y = digits
    of_flat = make(kind).partial_fit(X, y, classes=range(10))
    of_images = make(kind).partial_fit(X.reshape(-1, 8, 8, 1), y, classes=range(10))
    assert_array_equal(of_images.predict_proba(X), of_flat.predict_proba(X))


def test_uint8_pixels_can_be_fitted_as_they_are(make, kind, digits):
    X, y = digits
    pixels = (X * 16).astype("uint8").reshape(-1, 8, 8)
    network = make(kind, learning_rate=1e-3, epochs=30).fit(pixels, y)
    assert network.score(pixels, y) > 0.5


def test_fit_does_not_change_the_arrays_of_the_caller(make, kind, digits):
    X, y = (a.copy() for a in digits)
    weight = np.linspace(1, 2, len(X), dtype="float32")
    before = X.copy(), y.copy(), weight.copy()
    network = make(kind, epochs=2, class_weight={0: 2.0}, precision="float32")
    network.fit(X, y, sample_weight=weight, X_val=X, y_val=y)
    network.partial_fit(X, y, sample_weight=weight)
    network.predict(X)
    for now, then in zip((X, y, weight), before, strict=True):
        assert_array_equal(now, then)


class TestNames:
    def test_string_column_names_are_remembered(self, make, digits):
        X, y = digits
        frame = pd.DataFrame(X, columns=[f"pixel{i}" for i in range(64)])
        network = make("ann", epochs=1).fit(frame, y)
        assert list(network.feature_names_in_[:2]) == ["pixel0", "pixel1"]
        with pytest.raises(ValueError, match="same order as they were in fit"):
            network.predict(frame[frame.columns[::-1]])


class TestImageShape:
    @pytest.mark.parametrize(
        ("shape", "expected"),
        [((-1, 64), (8, 8)), ((-1, 48), None), ((-1, 6, 8), (6, 8))],
    )
    def test_ann_sets_it_for_images(self, make, digits, shape, expected):
        X, y = digits
        X = X[:, : abs(np.prod(shape))].reshape(shape)
        assert make("ann", epochs=1).fit(X, y).image_shape_ == expected

    @pytest.mark.parametrize("kind", ["ann", "cnn"])
    def test_images_of_another_shape_cannot_be_predicted(self, make, digits, kind):
        X, y = digits
        X = X[:, :48]
        network = make(kind, epochs=1).fit(X.reshape(-1, 6, 8), y)
        message = r"X must have images of the shape \(6, 8\).*; got .*\(8, 6\)"
        with pytest.raises(ValueError, match=message):
            network.predict(X.reshape(-1, 8, 6))
        with pytest.raises(ValueError, match=message):
            network.partial_fit(X.reshape(-1, 8, 6, 1), y)
        assert_array_equal(
            network.predict_proba(X), network.predict_proba(X.reshape(-1, 6, 8))
        )


class TestNonSquareSamples:
    @staticmethod
    def padded(digits, n_features):
        X, y = digits
        return np.pad(X, ((0, 0), (0, n_features - 64))), y

    @pytest.mark.parametrize(
        ("n_features", "suggestion"),
        [(560, r", such as \(28, 20\)"), (240, r", such as \(16, 15\)"), (563, "")],
    )
    def test_the_cnn_warns_and_names_image_shape(
        self, make, digits, n_features, suggestion
    ):
        X, y = self.padded(digits, n_features)
        message = (
            rf"{n_features} pixels for each image.*image_shape="
            rf"\(height, width\){suggestion}"
        )
        with pytest.warns(UserWarning, match=message) as caught:
            make("cnn", epochs=1).fit(X, y)
        assert caught[0].filename == __file__
        with pytest.warns(UserWarning, match=message):
            make("cnn").partial_fit(X, y, classes=range(10))

    def test_no_warning_if_the_shape_is_known(self, make, digits):
        X, y = self.padded(digits, 560)
        with warnings.catch_warnings(action="error"):
            make("cnn", epochs=1, image_shape=(28, 20)).fit(X, y)
            make("cnn", epochs=1).fit(X.reshape(-1, 28, 20), y).predict(X)
            make("ann", epochs=1).fit(X, y)

    def test_no_warning_for_a_square_or_for_few_columns(self, make, digits):
        X, y = digits
        with warnings.catch_warnings(action="error"):
            make("cnn", epochs=1).fit(X, y)
            make("cnn", epochs=1).fit(X[:, :30], y)

    @pytest.mark.parametrize("place", [0, 784])
    @pytest.mark.parametrize("names", [np.arange(10), np.array(list("jihgfedcba"))])
    def test_a_label_column_in_X_is_named(self, make, kind, digits, place, names):
        X, y = self.padded(digits, 784)
        X = np.insert(X, place, y / 255, axis=1)
        with pytest.warns(UserWarning, match=r"785 columns, 28 x 28 .* label"):
            make(kind, epochs=1).fit(X, names[y])

    def test_another_column_is_not_a_label_for_the_ann(self, make, digits):
        X, y = self.padded(digits, 784)
        with warnings.catch_warnings(action="error"):
            make("ann", epochs=1).fit(np.insert(X, 0, X.sum(axis=1), axis=1), y)

    @pytest.mark.parametrize("n_samples", [1, 2, 8])
    @pytest.mark.parametrize("is_sorted", [True, False])
    def test_a_column_of_few_samples_is_not_a_label(
        self, make, digits, n_samples, is_sorted
    ):
        X, y = digits
        if is_sorted:
            X, y = X[y == 3], y[y == 3]
        X = np.insert(X, 0, y, axis=1)[:n_samples]
        with warnings.catch_warnings(action="error"):
            make("ann").partial_fit(X, y[:n_samples], classes=range(10))

    def test_a_constant_column_is_not_a_label(self, make, digits):
        X, y = digits
        X = np.insert(X[y == 3], 0, 1, axis=1)
        with warnings.catch_warnings(action="error"):
            make("ann").partial_fit(X, y[y == 3], classes=range(10))

    def test_a_label_column_in_X_with_image_shape(self, make, digits):
        X, y = self.padded(digits, 785)
        network = make("cnn", image_shape=(28, 28))
        with pytest.raises(ValueError, match=r"of 785 pixels.*label column\?"):
            network.fit(X, y)

    @pytest.mark.parametrize("container", [np.asarray, pd.DataFrame])
    def test_a_label_column_in_X_of_predict(self, fitted, digits, container):
        X, y = digits
        table = container(np.insert(X, 0, y, axis=1))
        message = "X has 65 features, but .* 64 features as input. Is the label column"
        with pytest.raises(ValueError, match=message):
            fitted.predict(table)

    def test_the_name_of_a_surplus_column_is_given(self, make, digits):
        X, y = digits
        frame = pd.DataFrame(X).add_prefix("pixel")
        network = make("ann", epochs=1).fit(frame, y)
        with pytest.raises(ValueError, match="unseen at fit time:\n- label"):
            network.predict(frame.assign(label=y))


class TestOneImage:
    @pytest.mark.parametrize(
        "method", ["predict", "predict_proba", "predict_log_proba"]
    )
    @pytest.mark.parametrize("shape", [(8, 8), (8, 8, 1)])
    def test_is_distinguished_from_several(self, fitted, digits, method, shape):
        image = digits[0][0].reshape(shape)
        with pytest.raises(ValueError, match=r"single image .* Pass image\[None\]"):
            getattr(fitted, method)(image)
        assert len(getattr(fitted, method)(image[None])) == 1

    @pytest.mark.parametrize("container", [list, pd.DataFrame])
    def test_in_other_containers(self, fitted, digits, container):
        image = container(digits[0][0].reshape(8, 8))
        message = r"single image .* Pass np\.asarray\(image\)\[None\]"
        with pytest.raises(ValueError, match=message):
            fitted.predict(image)
        assert len(fitted.predict(np.asarray(image)[None])) == 1

    def test_in_partial_fit(self, make, digits):
        X, y = digits
        network = make("ann").partial_fit(X, y, classes=range(10))
        with pytest.raises(ValueError, match=r"Pass image\[None\]"):
            network.partial_fit(X[0].reshape(8, 8), y[:1])
        assert network.partial_fit(X[0].reshape(1, 8, 8), y[:1]).n_epochs_ == 2

    def test_to_a_pipeline(self, ann, digits):
        pipe = make_pipeline(PixelScaler().fit(digits[0]), ann)
        with pytest.raises(ValueError, match=r"PixelScaler .* Pass image\[None\]"):
            pipe.predict(digits[0][0].reshape(8, 8))

    def test_eight_samples_of_eight_features_are_accepted(self, make, digits):
        X, y = digits
        network = make("ann", epochs=1).fit(X[:, 24:32], y)
        assert network.predict(X[:8, 24:32]).shape == (8,)


@pytest.mark.parametrize("method", ["predict", "predict_proba", "predict_log_proba"])
def test_another_number_of_features_cannot_be_predicted(fitted, digits, method):
    X, _ = digits
    with pytest.raises(ValueError, match=r"X has 63 features, but .* 64 features"):
        getattr(fitted, method)(X[:, :63])
    with pytest.raises(ValueError, match=r"X has 49 features, but .* 64 features"):
        getattr(fitted, method)(X[:, :49].reshape(-1, 7, 7))


@pytest.mark.parametrize("n_images", [1, 240])
def test_channels_first_is_rejected(make, kind, fitted, digits, n_images):
    X, y = (a[:n_images] for a in digits)
    X = X.reshape(-1, 1, 8, 8)
    with pytest.raises(ValueError, match=r"pass X\[:, 0\]\.$"):
        make(kind).fit(X, y)
    with pytest.raises(ValueError, match=r"pass X\[:, 0\]\.$"):
        fitted.predict(X)
    with pytest.raises(ValueError, match=r"pass X\[:, 0\]\.$"):
        PixelScaler().fit(X)


@pytest.mark.parametrize("axis", [1, 3])
def test_color_images_are_rejected(make, kind, fitted, digits, axis):
    X, y = digits
    colors = np.stack([X.reshape(-1, 8, 8)] * 3, axis=axis)
    message = rf"gray images.*got shape {re.escape(str(colors.shape))}.*X.mean\(axis="
    with pytest.raises(ValueError, match=message):
        make(kind).fit(colors, y)
    with pytest.raises(ValueError, match=message) as caught:
        fitted.predict(colors)
    with pytest.raises(ValueError, match=r"X.mean\(axis="):
        PixelScaler().fit(colors)
    remedy = str(caught.value).partition("for example with ")[2].rstrip(".")
    assert_allclose(eval(remedy, {"X": colors}), X.reshape(-1, 8, 8))


@pytest.mark.parametrize("shape", [(-1,), (-1, 2, 4, 8, 1)])
def test_arrays_of_too_many_or_too_few_dimensions_are_rejected(fitted, digits, shape):
    with pytest.raises(
        ValueError, match=r"\(n_samples, height, width\) or|Expected 2D array"
    ):
        fitted.predict(digits[0].reshape(shape))


def test_zero_images_are_rejected(fitted, digits):
    with pytest.raises(ValueError, match="0 sample"):
        fitted.predict(digits[0][:0])


class TestProbabilities:
    def test_are_in_the_dtype_of_the_precision(self, make, kind, digits):
        X, y = digits
        for precision in ("float32", "float64"):
            network = make(kind, epochs=1, precision=precision).fit(X, y)
            probabilities = network.predict_proba(X)
            assert probabilities.dtype == precision
            assert probabilities.shape == (len(X), 10)
            np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)

    def test_log_proba_matches_and_never_warns(self, fitted, digits):
        X, _ = digits
        with np.errstate(all="raise"):
            logarithms = fitted.predict_log_proba(X)
        np.testing.assert_allclose(
            np.exp(logarithms), fitted.predict_proba(X), rtol=1e-5
        )

    def test_the_label_is_the_most_probable(self, fitted, digits):
        X, _ = digits
        most_probable = fitted.predict_proba(X).argmax(axis=1)
        assert_array_equal(fitted.predict(X), fitted.classes_[most_probable])

    @pytest.mark.parametrize("precision", ["float32", "float64"])
    def test_of_an_image_do_not_depend_on_the_other_images(
        self, make, kind, digits, small_parts, precision
    ):
        def assert_same(got):
            rtol = 1e-4 if precision == "float32" else 1e-9
            np.testing.assert_allclose(got, expected, rtol=rtol)

        X, y = digits
        network = make(kind, epochs=1, precision=precision).fit(X, y)
        few = X[:21]
        expected = network.predict_proba(few)
        crowd = np.resize(X, (5_000, 64))
        crowd[4_090:4_111] = few
        assert_same([network.predict_proba(few[[i]])[0] for i in range(21)])
        assert_same(network.predict_proba(few[::-1])[::-1])
        assert_same(network.predict_proba(crowd)[4_090:4_111])


@pytest.mark.parametrize("dtype", ["uint8", "float64"])
def test_a_memory_mapped_array_is_not_copied_as_a_whole(
    fitted, tmp_path, small_parts, dtype
):
    n_samples = 40_000
    X = np.memmap(tmp_path / "images", dtype, "w+", shape=(n_samples, 8, 8))
    X[-1] = 1
    tracemalloc.start()
    try:
        probabilities = fitted.predict_proba(X)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert_allclose(probabilities[-1:], fitted.predict_proba(np.ones((1, 64))), 1e-4)
    assert peak < 2 * probabilities.nbytes + 2**20 < n_samples * 64 * 4
