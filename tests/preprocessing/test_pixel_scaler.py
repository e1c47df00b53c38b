import pickle
import re
import tracemalloc
import warnings
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse
from sklearn import config_context
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import check_estimator

from skdigits.preprocessing import PixelScaler


@pytest.fixture
def images():
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, size=(12, 4, 6), dtype=np.uint8)
    X[0, 0, :2] = 0, 255
    return X


@pytest.fixture(scope="module")
def many_images():
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, size=(6_000, 28, 28), dtype=np.uint8)


def peak_memory(call):
    """Return the result and the peak memory of a call, in bytes."""
    call()
    tracemalloc.start()
    try:
        result = call()
        return result, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


class TestConformance:
    @pytest.mark.parametrize("pixel_range", [None, (0, 255), (-1.0, 1.0)])
    def test_check_estimator(self, pixel_range):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            results = check_estimator(PixelScaler(pixel_range), on_fail=None)
        failed = [r["check_name"] for r in results if r["status"] == "failed"]
        assert failed == []
        assert Counter(r["status"] for r in results)["passed"] > 40


class TestLearnedRange:
    @pytest.mark.parametrize(
        ("dtype", "expected"),
        [("u1", (0, 255)), ("u2", (0, 65535)), (">u2", (0, 65535)), ("?", (0, 1))],
    )
    def test_range_of_small_dtypes(self, dtype, expected):
        X = np.array([[0, 1, 1]], dtype=dtype)
        assert PixelScaler().fit(X).pixel_range_ == expected

    @pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i2", "i4", "i8", "u4", ">f8"])
    def test_other_dtypes_learn_the_largest_value(self, dtype):
        X = np.array([[3, 7], [5, 4]], dtype=dtype)
        assert PixelScaler().fit(X).pixel_range_ == (0, 7)

    def test_load_digits_is_0_to_16(self):
        X = load_digits().data
        scaler = PixelScaler().fit(X)
        assert scaler.pixel_range_ == (0.0, 16.0)
        np.testing.assert_array_equal(scaler.transform(X), X / 16)

    def test_scaled_images_stay_unchanged(self, images):
        once = PixelScaler().fit_transform(images)
        np.testing.assert_array_equal(PixelScaler().fit_transform(once), once)

    def test_negative_values_become_part_of_the_range(self):
        X = np.array([[-1.0, -0.5, 0.0, 1.0]])
        scaler = PixelScaler().fit(X)
        assert scaler.pixel_range_ == (-1.0, 1.0)
        np.testing.assert_array_equal(scaler.transform(X), [[0.0, 0.25, 0.5, 1.0]])

    @pytest.mark.parametrize(
        ("value", "expected"),
        [(0.0, (0, 1)), (-0.25, (-0.25, 0.75)), (-5.0, (-5, 0)), (5.0, (0, 5))],
    )
    def test_images_of_one_value(self, value, expected):
        X = np.full((2, 3), value)
        scaler = PixelScaler().fit(X)
        assert scaler.pixel_range_ == expected
        scaled = scaler.transform(X)
        np.testing.assert_array_equal(scaled, np.full((2, 3), float(value > 0)))

    @pytest.mark.parametrize("pixel_range", [(0, 255), (np.uint8(0), np.float32(255))])
    def test_given_range_takes_precedence_over_the_values(self, pixel_range):
        X = np.array([[0.0, 51.0]])
        scaler = PixelScaler(pixel_range).fit(X)
        assert scaler.pixel_range_ == (0.0, 255.0)
        assert all(type(bound) is float for bound in scaler.pixel_range_)
        np.testing.assert_allclose(scaler.transform(X), [[0.0, 0.2]], rtol=1e-7)

    @pytest.mark.parametrize(
        "pixel_range",
        [(1, 0), (1, 1), (0,), (0, 1, 2), (0, "a"), (0, np.inf), (np.nan, 1), (0, 1j)],
    )
    def test_invalid_range_is_rejected(self, pixel_range, images):
        expected = "pixel_range must be a tuple (low, high) of two finite numbers"
        with pytest.raises(ValueError, match=re.escape(expected)) as error:
            PixelScaler(pixel_range).fit(images)
        assert repr(pixel_range) in str(error.value)

    @pytest.mark.parametrize("pixel_range", [[0, 255], "255", 255])
    def test_range_that_is_not_a_tuple_is_rejected(self, pixel_range, images):
        with pytest.raises(ValueError, match=r"'pixel_range' parameter .* 'tuple'"):
            PixelScaler(pixel_range).fit(images)


class TestValues:
    @pytest.mark.parametrize(("dtype", "largest"), [("u1", 255), ("u2", 65535)])
    def test_every_integer(self, dtype, largest):
        X = np.arange(largest + 1, dtype=dtype).reshape(1, -1)
        scaler = PixelScaler().fit(X)
        scaled = scaler.transform(X)
        assert scaled.dtype == np.float32
        assert scaled[0, 0] == 0.0
        assert scaled[0, -1] == 1.0
        assert (np.diff(scaled) > 0).all()
        exact = np.arange(largest + 1) / largest
        np.testing.assert_array_equal(scaled[0], exact.astype(np.float32))
        np.testing.assert_array_equal(scaler.inverse_transform(scaled), X)

    @settings(deadline=None)
    @given(
        X=hnp.arrays(
            st.sampled_from([np.float32, np.float64]),
            hnp.array_shapes(min_dims=2, max_dims=3, max_side=5),
            elements=st.floats(-1e6, 1e6, width=32),
        )
    )
    def test_fitted_images_are_scaled_to_0_to_1(self, X):
        before = X.copy()
        scaler = PixelScaler().fit(X)
        scaled = scaler.transform(X)
        low, high = scaler.pixel_range_
        assert scaled.min() >= 0.0
        assert scaled.max() <= 1.0
        assert (scaled[np.equal(X, low)] == 0.0).all()
        assert (scaled[np.equal(X, high)] == 1.0).all()
        order = np.argsort(X, axis=None)
        assert (np.diff(scaled.ravel()[order]) >= 0).all()
        restored = scaler.inverse_transform(scaled)
        np.testing.assert_allclose(restored, X, atol=1e-6 * (high - low), rtol=1e-6)
        np.testing.assert_array_equal(X, before)

    def test_one_range_for_all_pixels(self):
        X = np.array([[0.0, 50.0], [10.0, 100.0]])
        expected = np.array([[0.0, 0.5], [0.1, 1.0]], dtype=np.float32)
        np.testing.assert_array_equal(PixelScaler().fit_transform(X), expected)

    def test_values_outside_the_range_are_not_clipped(self):
        scaler = PixelScaler((0, 10)).fit([[0, 10]])
        np.testing.assert_array_equal(scaler.transform([[-5, 15]]), [[-0.5, 1.5]])

    def test_inverse_transform_returns_float32(self, images):
        scaler = PixelScaler().fit(images)
        restored = scaler.inverse_transform(scaler.transform(images))
        assert restored.dtype == np.float32
        np.testing.assert_array_equal(restored, images)

    def test_y_is_ignored(self, images):
        with_y = PixelScaler().fit(images, y=["not", "labels"])
        assert with_y.pixel_range_ == PixelScaler().fit(images).pixel_range_


class TestShapes:
    @pytest.mark.parametrize("shape", [(12, 24), (12, 4, 6), (12, 4, 6, 1)])
    def test_shape_is_kept(self, shape, images):
        X = images.reshape(shape)
        scaler = PixelScaler().fit(X)
        assert scaler.n_features_in_ == 24
        assert len(scaler.get_feature_names_out()) == 24
        scaled = scaler.transform(X)
        assert scaled.shape == shape
        np.testing.assert_array_equal(scaled, (X / 255).astype(np.float32))
        assert scaler.inverse_transform(scaled).shape == shape

    @pytest.mark.parametrize("fitted", [(12, 24), (12, 4, 6), (12, 4, 6, 1)])
    @pytest.mark.parametrize("given", [(12, 24), (12, 4, 6), (12, 4, 6, 1)])
    def test_shapes_with_the_same_number_of_pixels_are_compatible(
        self, fitted, given, images
    ):
        scaled = (
            PixelScaler().fit(images.reshape(fitted)).transform(images.reshape(given))
        )
        assert scaled.shape == given

    @pytest.mark.parametrize("method", ["transform", "inverse_transform"])
    def test_other_number_of_pixels_is_rejected(self, method, images):
        scaler = PixelScaler().fit(images)
        with pytest.raises(ValueError, match=r"3 x 6 = 18 pixels.*expecting 24"):
            getattr(scaler, method)(images[:, :3])
        with pytest.raises(ValueError, match=r"18 features.*expecting 24"):
            getattr(scaler, method)(images[:, :3].reshape(12, 18))

    @pytest.mark.parametrize("method", ["transform", "inverse_transform"])
    @pytest.mark.parametrize("shape", [(4, 6), (4, 6, 1)])
    def test_single_image_is_rejected(self, method, shape, images):
        scaler = PixelScaler().fit(images)
        image = images[0].reshape(shape)
        with pytest.raises(ValueError, match=r"single image.* Pass image\[None\]"):
            getattr(scaler, method)(image)
        assert getattr(scaler, method)(image[None]).shape == (1, *shape)

    def test_surplus_label_column_is_reported(self, images):
        scaler = PixelScaler().fit(images)
        labeled = np.insert(images.reshape(12, 24), 0, 7, axis=1)
        with pytest.raises(
            ValueError, match=r"25 features.*Is the label column still in"
        ):
            scaler.transform(labeled)

    @pytest.mark.parametrize("shape", [(2, 3, 3, 3), (2, 3, 3, 1, 1), (2, 0, 3)])
    def test_other_shapes_are_rejected(self, shape):
        with pytest.raises(ValueError, match=re.escape(f"got shape {shape}")):
            PixelScaler().fit(np.zeros(shape))

    def test_flattened_single_image_is_rejected(self):
        with pytest.raises(ValueError, match="Expected 2D array, got 1D"):
            PixelScaler().fit(np.zeros(784))

    @pytest.mark.parametrize(
        "layout",
        [
            np.ascontiguousarray,
            np.asfortranarray,
            lambda X: np.repeat(X, 2, axis=1)[:, ::2],
            lambda X: X[::-1],
            lambda X: X.astype(X.dtype.newbyteorder(">")),
            lambda X: X.tolist(),
        ],
        ids=["C", "F", "strided", "reversed", "big-endian", "list"],
    )
    @pytest.mark.parametrize("pixel_range", [(0, 255), (-10, 300)])
    @pytest.mark.parametrize("dtype", ["u1", "f8"])
    def test_layout_does_not_matter(self, layout, pixel_range, dtype, images):
        X = layout(images.astype(dtype))
        plain = np.array(X, dtype=dtype, order="C")
        scaler = PixelScaler(pixel_range)
        expected = scaler.fit_transform(plain)
        np.testing.assert_array_equal(scaler.fit_transform(X), expected)


class TestInvalidInput:
    @pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
    @pytest.mark.parametrize("method", ["fit", "transform", "inverse_transform"])
    @pytest.mark.parametrize("pixel_range", [None, (0, 1)])
    def test_nan_and_infinity(self, bad, method, pixel_range):
        scaler = PixelScaler(pixel_range).fit(np.ones((5, 2, 2)))
        X = np.ones((5, 2, 2))
        X[3, 1, 1] = bad
        with pytest.raises(ValueError, match=r"Input X contains (NaN|infinity)"):
            getattr(scaler, method)(X)

    @pytest.mark.parametrize(
        ("X", "message"),
        [
            (np.array([["a", "b"]]), "not compatible with arrays of bytes/strings"),
            (np.array([["a", "b"]], dtype=object), "could not convert string"),
            (np.array([[1j, 2.0]]), "Complex data not supported"),
            (np.array([["2020-01-01"]], dtype="M8[D]"), "must hold real numbers"),
        ],
        ids=["str", "object", "complex", "datetime"],
    )
    def test_values_that_are_not_real_numbers(self, X, message):
        with pytest.raises(ValueError, match=message):
            PixelScaler().fit(X)

    def test_sparse(self, images):
        X = sparse.csr_array(images.reshape(12, 24))
        with pytest.raises(TypeError, match="dense data is required"):
            PixelScaler().fit(X)

    def test_not_fitted(self, images):
        for method in ("transform", "inverse_transform"):
            with pytest.raises(NotFittedError):
                getattr(PixelScaler(), method)(images)


class TestOtherRange:
    @pytest.mark.parametrize(
        ("fitted", "seen"),
        [
            (np.uint8([[0, 255]]), np.array([[0.0, 0.7]])),
            (np.array([[0.0, 255.0]]), np.float32([[0.0, 0.25, 1.0]])),
            (np.array([[0.0, 255.0]]), np.array([[-1.0, 0.25, 1.0]])),
            (np.array([[0.0, 16.0]]), np.array([[0.0, 0.7]])),
            (np.array([[0.0, 16.0]]), np.uint8([[0, 255]])),
            (np.array([[0.0, 1.0]]), np.uint8([[0, 255]])),
            (np.array([[0.0, 1.0]]), np.array([[0.0, 16.0]])),
            (np.array([[0.0, 1.0]]), np.array([[-1.0, 1.0]])),
            (np.array([[-1.0, 1.0]]), np.array([[0, 255]])),
            (np.uint8([[0, 255]]), np.array([[False, True]])),
            (np.uint8([[0, 255]]), np.uint16([[0, 60000]])),
            (np.uint16([[0, 65535]]), np.uint8([[0, 255]])),
        ],
    )
    def test_warns(self, fitted, seen):
        scaler = PixelScaler().fit(np.resize(fitted, (1, 4)))
        X = np.resize(seen, (3, 4))
        low, high = scaler.pixel_range_
        expected = (
            f"from {float(X.min()):g} to {float(X.max()):g}, but PixelScaler was "
            f"fitted on images in the range ({low:g}, {high:g})"
        )
        with pytest.warns(UserWarning, match=re.escape(expected)) as record:
            scaled = scaler.transform(X)
        assert record[0].filename == __file__
        np.testing.assert_allclose(scaled, (X - low) / (high - low), rtol=1e-6)

    @pytest.mark.parametrize(
        ("fitted", "seen"),
        [
            (np.uint8([[0, 255]]), np.uint8([[0, 0]])),
            (np.uint8([[0, 255]]), np.uint8([[0, 1]])),
            (np.uint8([[0, 255]]), np.array([[0.0, 0.0]])),
            (np.uint8([[0, 255]]), np.array([[False, False]])),
            (np.uint8([[0, 255]]), np.array([[0.0, 1.0]])),
            (np.uint8([[0, 255]]), np.array([[0, 1]])),
            (np.uint8([[0, 255]]), np.array([[0.0, 1e-4]])),
            (np.uint8([[0, 255]]), np.array([[0.0, 0.5, 1.5]])),
            (np.uint8([[0, 255]]), np.array([[-3.5, 261.2]])),
            (np.array([[0.0, 16.0]]), np.array([[0.0, 1.0]])),
            (np.array([[0.0, 15.0]]), np.array([[0.0, 16.0]])),
            (np.array([[0.0, 1.0]]), np.array([[-0.2, 1.3]])),
            (np.array([[0.0, 1.0]]), np.uint8([[0, 1]])),
            (np.array([[-1.0, 1.0]]), np.array([[0.0, 0.7]])),
            (np.array([[0.0, 255.0]]), np.uint8([[0, 255]])),
        ],
    )
    def test_does_not_warn_without_clear_evidence(self, fitted, seen):
        scaler = PixelScaler().fit(np.resize(fitted, (1, 4)))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            scaler.transform(np.resize(seen, (3, 4)))


class TestDataframes:
    pd = pytest.importorskip("pandas")

    @pytest.fixture
    def frame(self, images):
        names = [f"pixel{i}" for i in range(24)]
        return self.pd.DataFrame(images.reshape(12, 24), columns=names)

    def test_names_are_kept(self, frame):
        scaler = PixelScaler().fit(frame)
        np.testing.assert_array_equal(scaler.feature_names_in_, frame.columns)
        np.testing.assert_array_equal(scaler.get_feature_names_out(), frame.columns)
        scaled = scaler.transform(frame)
        assert isinstance(scaled, np.ndarray)

    def test_other_names_are_rejected(self, frame):
        scaler = PixelScaler().fit(frame)
        with pytest.raises(ValueError, match="feature names should match"):
            scaler.transform(frame.rename(columns={"pixel0": "label"}))

    def test_set_output(self, frame):
        frame.index = frame.index + 100
        scaler = PixelScaler().set_output(transform="pandas")
        scaled = scaler.fit_transform(frame)
        expected = (frame / 255).astype(np.float32)
        self.pd.testing.assert_frame_equal(scaled, expected)

    @pytest.mark.parametrize("shape", [(-1, 3, 3), (-1, 3, 3, 1)])
    def test_set_output_requires_flattened_images(self, frame, shape):
        images = frame.to_numpy()[:, :9].reshape(shape)
        scaler = PixelScaler().fit(images)
        message = r"pandas dataframe; got shape .*3, 3.*Pass X.reshape\(len\(X\), -1\)"
        with config_context(transform_output="pandas"):
            with pytest.raises(ValueError, match=message):
                scaler.transform(images)
            with pytest.raises(ValueError, match=message):
                scaler.fit_transform(images)
            assert scaler.transform(images.reshape(len(images), -1)).shape[1] == 9
        scaler.set_output(transform="pandas")
        with pytest.raises(ValueError, match=message):
            scaler.transform(images)
        assert scaler.set_output(transform="default").transform(images).ndim > 2

    def test_integer_columns_of_a_csv(self, frame):
        scaler = PixelScaler().fit(frame.astype("int64"))
        assert scaler.pixel_range_ == (0, 255)


class TestMemory:
    @pytest.mark.parametrize(
        "layout",
        [
            lambda X: X,
            lambda X: X.reshape(len(X), -1),
            lambda X: np.asfortranarray(X),
            lambda X: np.asfortranarray(X.reshape(len(X), -1)),
            lambda X: np.repeat(X, 2, axis=1)[:, ::2],
            lambda X: X.astype(np.float32),
            lambda X: X.astype(np.float64),
            lambda X: X - 1.0,
        ],
        ids=["3-D", "2-D", "3-D F", "2-D F", "strided", "f4", "f8", "negative"],
    )
    def test_only_one_float32_copy_is_made(self, layout, many_images):
        X = layout(many_images)
        scaled, peak = peak_memory(lambda: PixelScaler().fit_transform(X))
        assert peak <= 1.05 * scaled.nbytes
        scaler = PixelScaler().fit(X)
        restored, peak = peak_memory(lambda: scaler.inverse_transform(scaled))
        assert peak <= 1.05 * restored.nbytes

    def test_memory_map(self, many_images, tmp_path):
        path = tmp_path / "images.npy"
        np.save(path, many_images)
        mapped = np.load(path, mmap_mode="r")
        scaled, peak = peak_memory(lambda: PixelScaler().fit_transform(mapped))
        assert type(scaled) is np.ndarray
        assert peak <= 1.05 * scaled.nbytes
        np.testing.assert_array_equal(scaled, PixelScaler().fit_transform(many_images))

    @pytest.mark.parametrize("dtype", ["u1", "f4", "f8"])
    def test_input_is_neither_modified_nor_returned(self, dtype, images):
        X = (images // 255).astype(dtype)
        before = X.copy()
        scaled = PixelScaler().fit_transform(X)
        assert not np.shares_memory(X, scaled)
        np.testing.assert_array_equal(X, before)


def test_clone_and_pickle_keep_the_range(images):
    scaler = PixelScaler((0, 200)).fit(images)
    assert clone(scaler).pixel_range == (0, 200)
    again = pickle.loads(pickle.dumps(scaler))
    np.testing.assert_array_equal(again.transform(images), scaler.transform(images))
