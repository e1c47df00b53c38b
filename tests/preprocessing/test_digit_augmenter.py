"""What an augmenter makes of images."""

import subprocess
import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.pipeline import make_pipeline

from skdigits import ANNClassifier, DigitAugmenter
from skdigits.preprocessing._augmentation import N_DRAWS, Ranges, augmentation_for

KINDS = [name for name in Ranges._fields if name != "erasing"]
NOTHING = dict.fromkeys(Ranges._fields, 0.0)


@pytest.fixture(scope="module")
def images():
    """Return digits of 24 x 24 pixels."""
    return np.kron(load_digits().images[:40], np.ones((1, 3, 3))).astype("float32")


def only(kind, value):
    """Return an augmenter of full strength that makes one kind of change."""
    return DigitAugmenter(1.0, **{**NOTHING, kind: value}, unchanged=0.0)


def center_of_mass(images):
    """Return the row and the column of the center of each image, from its middle."""
    size = images.shape[1]
    places = np.arange(size) - (size - 1) / 2
    mass = images.sum(axis=(1, 2))
    rows = (images.sum(axis=2) * places).sum(axis=1) / mass
    columns = (images.sum(axis=1) * places).sum(axis=1) / mass
    return np.stack([rows, columns], axis=1)


def slant(images):
    """Return how far the ink moves to the right in each row further down."""
    size = images.shape[1]
    places = np.arange(size) - (size - 1) / 2
    y, x = places[:, None], places
    return (images * x * y).sum(axis=(1, 2)) / (images * y**2).sum(axis=(1, 2))


class TestShapesAndDtypes:
    @pytest.mark.parametrize("shape", [(40, 576), (40, 24, 24), (40, 24, 24, 1)])
    def test_keeps_the_shape(self, shape, images):
        X = images.reshape(shape)
        changed = DigitAugmenter(random_state=0).transform(X)
        assert changed.shape == shape
        expected = DigitAugmenter(random_state=0).transform(images)
        assert_array_equal(changed.reshape(expected.shape), expected)

    @pytest.mark.parametrize(
        "dtype", ["uint8", "uint16", "int64", "float16", "float32", "float64"]
    )
    def test_keeps_the_dtype(self, dtype, images):
        changed = DigitAugmenter(1.0, random_state=0).transform(images.astype(dtype))
        assert changed.dtype == dtype
        expected = DigitAugmenter(1.0, random_state=0).transform(images)
        assert_allclose(changed, expected, atol=0.51 if dtype[0] in "ui" else 0.01)

    def test_bools(self, images):
        changed = DigitAugmenter(random_state=0).transform(images > 8)
        assert changed.dtype == bool
        assert 0.5 < changed.mean() / (images > 8).mean() < 2

    @pytest.mark.parametrize("shape", [(1, 1), (1, 9), (5, 7), (13, 40), (300, 200)])
    def test_images_of_any_size(self, shape):
        X = np.random.default_rng(0).random((9, *shape))
        changed = DigitAugmenter(1.0, erasing=1.0, random_state=0).transform(X)
        assert changed.shape == X.shape
        assert np.isfinite(changed).all()

    def test_lists(self):
        changed = DigitAugmenter(random_state=0).transform([[0.0, 0.0, 0.0, 1.0]])
        assert changed.shape == (1, 4)

    def test_the_images_stay_as_they_are(self, images):
        before = images.copy()
        DigitAugmenter(1.0, erasing=1.0).transform(images)
        assert_array_equal(images, before)


class TestChanges:
    def test_no_change_gives_the_image(self, images):
        changed = DigitAugmenter(1.0, **NOTHING).transform(images)
        assert_array_equal(changed, images)

    @pytest.mark.parametrize("kind", [*KINDS, "erasing"])
    def test_every_kind_changes_images(self, kind, images):
        changed = only(kind, 1.0).transform(images, random_state=0)
        is_changed = (changed != images).any(axis=(1, 2))
        assert is_changed.mean() > 0.7  # some of what is erased is blank

    def test_shift(self):
        X = np.zeros((500, 40, 40))
        X[:, 18:22, 18:22] = 1
        moved = center_of_mass(only("shift", 0.2).transform(X, random_state=0))
        assert np.abs(moved).max() == pytest.approx(0.2 * 40, rel=0.02)
        assert_allclose(moved.mean(axis=0), 0, atol=0.5)

    def test_rotation(self):
        X = np.zeros((500, 41, 41))
        X[:, 18:23, 2:39] = 1
        rotated = only("rotation", 30).transform(X, random_state=0)
        angles = np.rad2deg(np.arctan(1 / slant_of_lines(rotated)))
        assert np.abs(angles).max() == pytest.approx(30, abs=1)

    def test_scale_of_each_axis_by_itself(self):
        X = np.zeros((500, 40, 40))
        X[:, 10:30, 10:30] = 1
        scaled = only("scale", 0.5).transform(X, random_state=0)
        heights = scaled[:, :, 20].sum(axis=1) / 20
        widths = scaled[:, 20].sum(axis=1) / 20
        for sizes in (heights, widths):
            assert sizes.max() == pytest.approx(1.5, abs=0.03)
            assert sizes.min() == pytest.approx(1 / 1.5, abs=0.03)
        assert abs(np.corrcoef(heights, widths)[0, 1]) < 0.15

    def test_shear(self):
        X = np.zeros((500, 41, 41))
        X[:, 5:36, 19:22] = 1
        slants = slant(only("shear", 0.3).transform(X, random_state=0))
        assert np.abs(slants).max() == pytest.approx(0.3, abs=0.02)

    def test_thickness_in_both_directions(self, images):
        changed = only("thickness", 1.0).transform(images, random_state=0)
        ratio = changed.sum(axis=(1, 2)) / images.sum(axis=(1, 2))
        assert ratio.max() > 1.2
        assert ratio.min() < 0.8
        assert changed.min() >= images.min()
        assert changed.max() <= images.max()

    def test_erasing_has_a_probability(self):
        X = np.ones((1000, 20, 20), np.float32)
        X[:, [0, -1]] = X[:, :, [0, -1]] = 0
        changed = only("erasing", 0.3).transform(X, random_state=0)
        n_erased = (changed != X).sum(axis=(1, 2))
        assert (n_erased > 0).mean() == pytest.approx(0.3, abs=0.05)
        assert n_erased.max() <= (0.4 * 20 + 1) ** 2

    @pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
    def test_a_share_stays_unchanged(self, share, images):
        many = np.repeat(images, 50, axis=0)
        augmenter = DigitAugmenter(1.0, erasing=0.5, unchanged=share, random_state=0)
        is_same = (augmenter.transform(many) == many).all(axis=(1, 2))
        assert is_same.mean() == pytest.approx(share, abs=0.03)

    def test_never_mirrors(self, images):
        changed = DigitAugmenter(0.5, random_state=0).transform(images)
        same = (changed * images).sum(axis=(1, 2))
        mirrored = (changed * images[:, :, ::-1]).sum(axis=(1, 2))
        assert (same > mirrored).mean() > 0.9

    @pytest.mark.parametrize("kind", KINDS)
    def test_strength_multiplies_all(self, kind, images):
        half = DigitAugmenter(0.5, **{**NOTHING, kind: 0.4}, unchanged=0.0)
        assert_array_equal(
            half.transform(images, random_state=0),
            only(kind, 0.2).transform(images, random_state=0),
        )


def slant_of_lines(images):
    """Return how far horizontal lines move to the right in each row further down."""
    size = images.shape[1]
    places = np.arange(size) - (size - 1) / 2
    y, x = places[:, None], places
    return (images * x**2).sum(axis=(1, 2)) / (images * x * y).sum(axis=(1, 2))


class TestBackground:
    @pytest.mark.parametrize("paper", [255, 200])
    def test_dark_digits_on_bright_paper(self, paper, images):
        dark = paper - 10 * images
        changed = DigitAugmenter(1.0, random_state=0).transform(dark)
        expected = DigitAugmenter(1.0, random_state=0).transform(images)
        assert_allclose(changed, paper - 10 * expected, atol=1e-3)

    def test_bright_digits_on_gray(self, images):
        changed = DigitAugmenter(1.0, random_state=0).transform(images / 16 - 0.5)
        expected = DigitAugmenter(1.0, random_state=0).transform(images)
        assert_allclose(changed, expected / 16 - 0.5, atol=1e-5)

    def test_ink_at_the_edges_is_not_smeared(self):
        X = np.zeros((200, 8, 8), np.float32)
        X[:, 0, 3:5] = X[:, -1, 3:5] = 1
        augmenter = DigitAugmenter(1.0, **{**NOTHING, "shift": 0.5, "thickness": 1})
        changed = augmenter.transform(X, random_state=0)
        sideways = augmenter.transform(X.transpose(0, 2, 1), random_state=0)
        for images in (changed, sideways):
            assert images.sum(axis=(1, 2)).max() <= 4 * 3 * 1.01

    @pytest.mark.parametrize("scale", [1e-50, 1e38, 1e200])
    def test_gray_values_of_any_size(self, scale, images):
        X = images.astype("float64") * scale
        changed = DigitAugmenter(1.0, random_state=0).transform(X)
        expected = DigitAugmenter(1.0, random_state=0).transform(images)
        assert_allclose(changed / scale, expected, atol=1e-4)

    def test_gray_values_far_from_0(self, images):
        X = images.astype("float64") + 1e9
        changed = DigitAugmenter(1.0, random_state=0).transform(X)
        expected = DigitAugmenter(1.0, random_state=0).transform(images)
        assert_allclose(changed - 1e9, expected, atol=1e-4)

    @pytest.mark.parametrize(
        "dtype", ["int8", "uint16", "int32", "uint32", "int64", "uint64"]
    )
    def test_the_largest_integers(self, dtype):
        X = np.zeros((50, 8, 8), dtype)
        X[:, 1:7, 1:7] = np.iinfo(dtype).max
        changed = DigitAugmenter(0.3, random_state=0).transform(X)
        assert (changed[:, 3:5, 3:5] > 0.9 * np.iinfo(dtype).max).all()

    def test_blank_images_stay_blank(self):
        blank = np.full((3, 8, 8), 7, np.uint8)
        assert_array_equal(DigitAugmenter(1.0).transform(blank), blank)


class TestSeeds:
    def test_same_seed_same_copies(self, images):
        one = DigitAugmenter(random_state=1).transform(images)
        two = DigitAugmenter().transform(images, random_state=1)
        assert_array_equal(one, two)
        assert_array_equal(
            one, DigitAugmenter(random_state=2).transform(images, random_state=1)
        )

    def test_other_seeds_other_copies(self, images):
        augmenter = DigitAugmenter()
        assert not np.array_equal(
            augmenter.transform(images), augmenter.transform(images)
        )

    def test_does_not_touch_global_random_numbers(self, images):
        np.random.seed(0)
        before = np.random.get_state()[1].copy()
        DigitAugmenter(random_state=0).transform(images)
        assert_array_equal(np.random.get_state()[1], before)

    def test_an_image_does_not_depend_on_the_others(self, images):
        augment = DigitAugmenter(1.0, erasing=0.5).prepare(images)
        draws = np.random.default_rng(0).uniform(-1, 1, (40, N_DRAWS))
        draws = draws.astype("float32")
        together = augment.apply(images, draws)
        for part in (slice(0, 1), slice(3, 20), slice(39, 40)):
            assert_array_equal(augment.apply(images[part], draws[part]), together[part])

    def test_parts_get_the_same_numbers_as_the_whole(self, images):
        augment = DigitAugmenter(1.0).prepare(images)
        whole = augment(images, np.random.default_rng(0))
        rng = np.random.default_rng(0)
        parts = [augment(images[:7], rng), augment(images[7:], rng)]
        assert_array_equal(np.concatenate(parts), whole)

    def test_any_number_of_threads(self):
        program = (
            "import hashlib, numpy as np; from skdigits import DigitAugmenter;"
            "X = np.random.default_rng(0).random((3000, 28, 28), np.float32);"
            "Y = DigitAugmenter(1.0, random_state=0).transform(X);"
            "print(hashlib.sha256(Y).hexdigest())"
        )
        hashes = {
            subprocess.run(
                [sys.executable, "-c", program],
                env={"OMP_NUM_THREADS": n, "OPENBLAS_NUM_THREADS": n, "PATH": ""},
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            for n in ("1", "2", "5")
        }
        assert len(hashes) == 1


class TestBadInput:
    @pytest.mark.parametrize("name", [*Ranges._fields, "strength", "unchanged"])
    @pytest.mark.parametrize("value", [-0.1, "a", None, np.nan])
    def test_parameters(self, name, value, images):
        with pytest.raises(ValueError, match=f"'{name}' parameter of DigitAugmenter"):
            DigitAugmenter(**{name: value}).transform(images)

    @pytest.mark.parametrize("strength", [0, 1.01])
    def test_strength(self, strength, images):
        with pytest.raises(ValueError, match="'strength' parameter"):
            DigitAugmenter(strength).transform(images)

    @pytest.mark.parametrize(
        "X",
        [
            np.zeros((3, 5)),
            np.zeros((2, 8, 8, 3)),
            np.full((2, 8, 8), np.nan),
            np.zeros((0, 8, 8)),
            np.zeros((5, 0, 8)),
            np.zeros((1, 1, 40_000)),
            np.zeros((2, 4), dtype=complex),
        ],
    )
    def test_arrays(self, X):
        with pytest.raises(ValueError, match="X (must|has)|0 sample|NaN|Complex"):
            DigitAugmenter().transform(X)

    def test_is_not_a_step_of_a_pipeline(self, images):
        pipe = make_pipeline(DigitAugmenter(), ANNClassifier())
        with pytest.raises(TypeError, match="should be transformers"):
            pipe.fit(images.reshape(40, -1), np.arange(40) % 10)


def test_is_cloned_and_shown_like_an_estimator():
    augmenter = DigitAugmenter(0.3, rotation=5)
    assert (
        repr(clone(augmenter)) == "DigitAugmenter(0.3, rotation=5)"
        or repr(clone(augmenter)) == "DigitAugmenter(rotation=5, strength=0.3)"
    )


def test_levels_come_from_all_images():
    X = np.zeros((5000, 4, 4))
    X[::7] = 1.0
    augmentation = augmentation_for(X, Ranges(*[0.0] * 7), 0.0)
    assert (augmentation.background, augmentation.ink) == (0.0, 1)


def test_loading_opencv_does_not_change_the_environment(run_python):
    code = (
        "import os, numpy as np; from skdigits import DigitAugmenter\n"
        "before = dict(os.environ)\n"
        "DigitAugmenter().transform(np.zeros((1, 8, 8)))\n"
        "print(dict(os.environ) == before)\n"
    )
    assert run_python(code)[0] == "True\n"


class TestPrepare:
    def test_lists(self):
        augment = DigitAugmenter().prepare([[[0, 1], [1, 0]]])
        changed = augment([[[0, 1], [1, 0]]], np.random.default_rng(0))
        assert changed.shape == (1, 2, 2)

    def test_nan(self, images):
        with_nan = images.astype(float)
        with_nan[0, 0, 0] = np.nan
        with pytest.raises(ValueError, match="contains NaN"):
            DigitAugmenter().prepare(with_nan)

    @pytest.mark.parametrize("shape", [(4, 4, 16), (4, 1, 8, 8), (8, 8), (4, 63)])
    def test_batches_of_another_shape(self, shape):
        augment = DigitAugmenter().prepare(np.eye(64).reshape(-1, 8, 8))
        with pytest.raises(ValueError, match=r"X must hold images of 8 x 8 pixels"):
            augment(np.zeros(shape), np.random.default_rng(0))

    @pytest.mark.parametrize("rng", [0, None, np.random.RandomState(0)])
    def test_other_random_numbers(self, rng, images):
        with pytest.raises(TypeError, match=r"rng must be a numpy.random.Generator"):
            DigitAugmenter().prepare(images)(images, rng)
