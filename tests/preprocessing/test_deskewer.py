"""What a deskewer makes of slanted digits."""

import os
import pickle
import re

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from skdigits import ANNClassifier, Deskewer, PixelScaler, datasets


@pytest.fixture(scope="module")
def images():
    """Return digits of 24 x 24 pixels with a margin."""
    large = np.kron(load_digits().images[:100], np.ones((1, 3, 3)))
    return np.pad(large, [(0, 0), (4, 4), (8, 8)])


def moments(images):
    """Return the slants and the centers of mass of light digits on black."""
    y, x = np.mgrid[: images.shape[1], : images.shape[2]]
    mass = images.astype(float) / images.sum(axis=(1, 2), dtype=float)[:, None, None]
    center = np.stack([(mass * place).sum(axis=(1, 2)) for place in (y, x)])
    dy, dx = (place - c[:, None, None] for place, c in zip((y, x), center, strict=True))
    slant = (mass * dy * dx).sum(axis=(1, 2)) / (mass * dy**2).sum(axis=(1, 2))
    return slant, center


def bar(slant, size=41):
    """Return an image of a bar of 3 pixels that leans to one side."""
    places = np.arange(size) - size // 2
    distance = np.abs(places - slant * places[:, None])
    image = np.clip(2 - distance, 0, 1)
    image[:8] = image[-8:] = 0
    return image


class TestGeometry:
    @pytest.mark.parametrize("slant", [-0.9, -0.3, 0.1, 0.5])
    def test_a_slanted_bar_becomes_upright(self, slant):
        upright = Deskewer().transform(bar(slant)[None])[0]
        assert_allclose(upright, bar(0), atol=0.3)
        assert_allclose(upright[8:-8, 20], 1, atol=1e-9)
        columns = np.flatnonzero(upright.sum(axis=0) > 0.01)
        assert columns.min() >= 18
        assert columns.max() <= 22

    def test_real_digits_become_upright(self, images):
        slant, center = moments(images)
        after, center_after = moments(Deskewer().transform(images))
        assert np.abs(slant).mean() > 0.05
        assert_allclose(after, 0, atol=1e-9)
        assert_allclose(center_after, center, atol=1e-9)

    def test_rows_keep_their_ink(self, images):
        upright = Deskewer().transform(images)
        assert_allclose(upright.sum(axis=2), images.sum(axis=2), atol=1e-9)
        assert upright.min() >= 0
        assert upright.max() <= 16 + 1e-9

    def test_rounded_digits_are_upright_but_for_rounding(self, images):
        upright = Deskewer().transform((15 * images).astype(np.uint8))
        slant, center = moments(upright)
        assert np.abs(slant).max() < 0.002
        assert_allclose(center, moments(images)[1], atol=0.02)

    def test_upright_digits_stay_as_they_are(self, images):
        once = Deskewer().transform(images)
        assert_allclose(Deskewer().transform(once), once, atol=1e-9)

    def test_a_mirrored_digit_becomes_the_mirrored_result(self, images):
        mirrored = Deskewer().transform(images[:, :, ::-1])
        assert_allclose(mirrored[:, :, ::-1], Deskewer().transform(images), atol=1e-9)

    def test_flat_strokes_are_sheared_by_45_degrees_at_most(self):
        flat = np.zeros((1, 41, 41))
        rows = np.arange(-4, 5)
        flat[0, 20 + rows, 20 + 4 * rows] = 1
        slant, center = moments(Deskewer().transform(flat))
        assert slant == pytest.approx(4 - 1)
        assert_allclose(center, 20)

    def test_a_small_digit_in_a_high_image(self):
        image = np.zeros((200, 5))
        image[98:103] = np.eye(5)
        upright = Deskewer().transform(image[None])[0]
        expected = np.zeros((200, 5))
        expected[98:103, 2] = 1
        assert_allclose(upright, expected, atol=1e-9)

    def test_what_enters_the_image_is_background(self):
        image = np.zeros((9, 9))
        image[np.arange(9), np.arange(9)] = 1
        image[np.arange(9), np.arange(9)[::-1]] = 0.5
        upright = Deskewer().transform(image[None])[0]
        assert (upright[[0, -1]].sum(axis=1) <= 1.5 + 1e-9).all()
        assert upright.min() >= 0


class TestBackground:
    def test_dark_digits_on_light_paper(self, images):
        light = (15 * images).astype(np.uint8)
        upright = Deskewer().transform(255 - light)
        difference = 255 - upright.astype(int) - Deskewer().transform(light)
        assert np.abs(difference).max() <= 1  # halves are rounded to even numbers

    @pytest.mark.parametrize("background", [-1.0, 0.25, 1e6])
    def test_any_background(self, background, images):
        expected = background + Deskewer().transform(images)
        assert_allclose(Deskewer().transform(background + images), expected)
        dark = Deskewer().transform(background - images)
        assert_allclose(dark, 2 * background - expected, atol=1e-9)

    def test_each_image_has_its_own(self, images):
        mixed = images.copy()
        mixed[::2] = 16 - mixed[::2]
        expected = Deskewer().transform(images)
        upright = Deskewer().transform(mixed)
        assert_allclose(upright[::2], 16 - expected[::2], atol=1e-9)
        assert_array_equal(upright[1::2], expected[1::2])


class TestShapesAndDtypes:
    @pytest.mark.parametrize("shape", [(32, 40), (32, 40, 1)])
    def test_keeps_the_shape(self, shape, images):
        upright = Deskewer().fit_transform(images.reshape(-1, *shape))
        assert upright.shape == (100, *shape)
        expected = Deskewer().transform(images)
        assert_array_equal(upright.reshape(expected.shape), expected)

    def test_flattened_images_are_square(self, images):
        square = images[:, :, 4:-4]
        upright = Deskewer().fit_transform(square.reshape(100, -1))
        assert_array_equal(upright, Deskewer().transform(square).reshape(100, -1))

    @pytest.mark.parametrize(
        "dtype",
        ["u1", "i1", "u2", "i2", "i4", "i8", "u8", "f2", "f4", "f8", ">f4", ">i2"],
    )
    def test_keeps_the_dtype(self, dtype, images):
        upright = Deskewer().transform(images.astype(dtype))
        assert upright.dtype == dtype
        expected = Deskewer().transform(images)
        if upright.dtype.kind in "ui":
            expected = np.rint(expected)
        assert_allclose(upright, expected, atol=0.01)

    def test_bools(self):
        upright = Deskewer().transform(bar(0.5)[None] > 0.5)
        assert upright.dtype == bool
        assert upright[0, 8:-8, 20].all()
        assert not upright[0, :, :19].any()
        assert not upright[0, :, 22:].any()

    @pytest.mark.parametrize("dtype", ["i1", "u2", "i8", "u8"])
    def test_the_largest_integers(self, dtype):
        largest = np.iinfo(dtype).max
        X = (bar(0.5) > 0.5).astype(dtype)[None] * np.array(largest, dtype)
        upright = Deskewer().transform(X)[0]
        assert (upright[8:-8, 20] > 0.99 * largest).all()
        assert not upright[:, :18].any()

    @pytest.mark.parametrize("scale", [1e-200, 1e200])
    def test_gray_values_of_any_size(self, scale, images):
        upright = Deskewer().transform(scale * images)
        assert_allclose(upright / scale, Deskewer().transform(images), atol=1e-9)

    @pytest.mark.parametrize(
        "layout",
        [
            np.asfortranarray,
            lambda X: np.repeat(X, 2, axis=2)[:, :, ::2],
            lambda X: X.tolist(),
        ],
        ids=["F", "strided", "list"],
    )
    def test_layout_does_not_matter(self, layout, images):
        upright = Deskewer().transform(layout(images))
        assert_array_equal(upright, Deskewer().transform(images))

    @pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 2), (300, 3)])
    def test_images_of_any_size(self, shape):
        X = np.random.default_rng(0).random((9, *shape))
        upright = Deskewer().transform(X)
        assert upright.shape == X.shape
        assert np.isfinite(upright).all()
        if 1 in shape:
            assert_array_equal(upright, X)

    @pytest.mark.parametrize("n_features", [1, 2, 3, 15])
    def test_few_features_stay_as_they_are(self, n_features):
        X = np.random.default_rng(0).random((5, n_features))
        assert_array_equal(Deskewer().fit_transform(X), X)

    @pytest.mark.parametrize("value", [0, 7, -0.5])
    def test_blank_images_stay_as_they_are(self, value):
        blank = np.full((3, 8, 8), value)
        assert_array_equal(Deskewer().transform(blank), blank)

    def test_blank_images_among_others(self, images):
        X = images.copy()
        X[3] = 5
        upright = Deskewer().transform(X)
        assert_array_equal(upright[3], X[3])
        assert_array_equal(upright[4:], Deskewer().transform(images[4:]))

    def test_the_images_are_not_modified(self, images):
        before = images.copy()
        Deskewer().transform(images)
        assert_array_equal(images, before)


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_an_image_does_not_depend_on_the_others(dtype, images):
    X = images.astype(dtype)
    together = Deskewer().transform(X)
    for part in ([0], [99], slice(3, 20), np.random.default_rng(0).permutation(100)):
        assert_array_equal(Deskewer().transform(X[part]), together[part])


class TestBadInput:
    @pytest.mark.parametrize("method", ["fit", "transform"])
    @pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
    def test_nan_and_infinity(self, method, bad):
        X = np.ones((3, 8, 8))
        X[1, 2, 3] = bad
        with pytest.raises(ValueError, match=r"Input X contains (NaN|infinity)"):
            getattr(Deskewer(), method)(X)

    @pytest.mark.parametrize("method", ["fit", "transform"])
    @pytest.mark.parametrize(
        "shape", [(2, 783), (28, 27), (2, 8, 8, 3), (2, 8, 8, 1, 1), (2, 0, 8)]
    )
    def test_shapes(self, method, shape):
        with pytest.raises(
            ValueError, match=rf"X must hold .*got shape {re.escape(str(shape))}"
        ):
            getattr(Deskewer(), method)(np.zeros(shape))

    @pytest.mark.parametrize("X", [np.zeros(784), np.zeros((0, 8, 8))])
    def test_no_images(self, X):
        with pytest.raises(ValueError, match="Expected 2D array|0 sample"):
            Deskewer().transform(X)

    @pytest.mark.parametrize(
        ("X", "message"),
        [
            (np.array([["a"]], dtype=object), "could not convert string"),
            (np.array([[1j]]), "Complex data not supported"),
            (np.array([["2020-01-01"]], dtype="M8[D]"), "X must hold real numbers"),
        ],
        ids=["object", "complex", "datetime"],
    )
    def test_values_that_are_not_real_numbers(self, X, message):
        with pytest.raises(ValueError, match=message):
            Deskewer().fit(X)

    def test_sparse(self):
        with pytest.raises(TypeError, match="dense data is required"):
            Deskewer().fit(sparse.csr_array(np.eye(16)))

    def test_another_number_of_pixels_than_in_fit(self, images):
        deskewer = Deskewer().fit(images)
        with pytest.raises(ValueError, match=r"31 x 40 = 1240 pixels.*expecting 1280"):
            deskewer.transform(images[:, 1:])
        with pytest.raises(ValueError, match="single image"):
            deskewer.transform(images[0])


class TestComposition:
    def test_dataframes(self):
        pd = pytest.importorskip("pandas")
        X = load_digits(as_frame=True).data[:20]
        deskewer = Deskewer().set_output(transform="pandas").fit(X)
        upright = deskewer.transform(X)
        assert_array_equal(deskewer.get_feature_names_out(), X.columns)
        expected = Deskewer().transform(X.to_numpy())
        expected = pd.DataFrame(expected, index=X.index, columns=X.columns)
        pd.testing.assert_frame_equal(upright, expected)
        images = X.to_numpy().reshape(-1, 8, 8)
        with pytest.raises(ValueError, match=r"pandas dataframe; got shape"):
            deskewer.fit(images).transform(images)

    def test_copies(self, images):
        deskewer = Deskewer().fit(images)
        expected = deskewer.transform(images)
        for copy in (clone(deskewer), pickle.loads(pickle.dumps(deskewer))):
            assert_array_equal(copy.transform(images), expected)

    def test_is_a_step_of_a_pipeline(self):
        X, y = load_digits(return_X_y=True)
        pipe = make_pipeline(Deskewer(), PixelScaler(), ANNClassifier(random_state=0))
        pipe.fit(X[:1000], y[:1000])
        assert pipe.score(X[1000:], y[1000:]) > 0.9


@pytest.mark.slow
@pytest.mark.skipif(
    not os.environ.get("SKDIGITS_DATA"),
    reason="the environment variable SKDIGITS_DATA is not set",
)
def test_nearest_neighbors_read_mnist_better():
    X, y = datasets.fetch_mnist(
        subset="train", return_X_y=True, download_if_missing=False
    )
    train, test = slice(5000), slice(50_000, 52_000)
    scores = [
        model.fit(X[train], y[train]).score(X[test], y[test])
        for model in (
            KNeighborsClassifier(3),
            make_pipeline(Deskewer(), KNeighborsClassifier(3)),
        )
    ]
    assert scores[1] > scores[0] + 0.01
