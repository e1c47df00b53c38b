"""Habits of writers, and traces of cutting out, drawn into digits."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from skdigits import ANNClassifier, DigitAugmenter
from skdigits.preprocessing._habits import HABITS
from skdigits.preprocessing._mnist_geometry import bounds, center_of_mass
from skdigits.preprocessing._redrawing import N_DRAWS, Redrawing, stretched

NO_OTHER = dict.fromkeys(
    ["shift", "rotation", "scale", "shear", "elastic", "thickness"], 0.0
)
ALL = Redrawing(1.0, 1.0, 1.0, {digit: digit for digit in HABITS})


def stroke(height=20, width=3):
    """Return a vertical stroke in an image of 28 x 28 pixels."""
    image = np.zeros((28, 28), np.float32)
    top, left = (28 - height) // 2, (28 - width) // 2
    image[top : top + height, left : left + width] = 1
    return image


def change(images, codes, seed=0, **params):
    augmenter = DigitAugmenter(1.0, **NO_OTHER, unchanged=0, **params)
    augment = augmenter.prepare(images, range(10))
    return augment(images, np.random.default_rng(seed), np.asarray(codes))


def box_of(image):
    return [place.stop - place.start for place in bounds(image > 0.05)]


class TestHabits:
    def test_ones_get_an_upstroke_on_the_left(self):
        images = np.repeat(stroke()[None], 30, axis=0)
        changed = change(images, [1] * 30, habits=1.0)
        heights, widths = np.transpose([box_of(image) for image in changed])
        assert (heights == 20).mean() > 0.7  # else the upstroke is longer
        assert (widths > 4).all()
        upper, lower = changed[:, 4:14], changed[:, 14:24]
        assert upper[:, :, :12].sum() > 1.5 * lower[:, :, :12].sum()

    def test_sevens_get_a_bar(self):
        seven = stroke()
        seven[4:7, 8:16] = 1
        changed = change(np.repeat(seven[None], 30, axis=0), [7] * 30, habits=1.0)
        assert changed[:, 10:18, :10].max(axis=(1, 2)).min() > 0.3
        tops = changed[:, 4:8, 8:11].max(axis=(1, 2))
        assert 0.1 < (tops < 0.3).mean() < 0.5  # some have little of the top stroke

    def test_other_digits_and_unknown_ones_stay(self):
        images = np.repeat(stroke()[None], 10, axis=0)
        others = [3, 5, 6, 8, -1, 3, 5, 6, 8, -1]
        changed = change(images, others, habits=1.0)
        np.testing.assert_allclose(changed, images, atol=1e-5)

    def test_without_labels_nothing_is_drawn(self):
        images = np.repeat(stroke()[None], 10, axis=0)
        augmenter = DigitAugmenter(1.0, **NO_OTHER, unchanged=0, habits=1.0)
        np.testing.assert_allclose(augmenter.transform(images), images, atol=1e-5)

    def test_is_a_share(self):
        images = np.repeat(stroke()[None], 400, axis=0)
        changed = change(images, [1] * 400, habits=0.3)
        share = (np.abs(changed - images).max(axis=(1, 2)) > 0.1).mean()
        assert 0.2 < share < 0.4

    @pytest.mark.parametrize("labels", [range(10), [f"{i}" for i in range(10)]])
    def test_labels_of_a_classifier(self, labels):
        """A network that sees only changed 1s learns other weights."""
        X, y = load_digits(return_X_y=True)
        y = np.array(labels)[y][:300]
        losses = [
            ANNClassifier(
                8,
                epochs=1,
                augmentation=DigitAugmenter(1.0, **NO_OTHER, habits=share),
                random_state=0,
            )
            .fit(X[:300], y)
            .history_["loss"]
            for share in (0.0, 1e-9, 1.0)
        ]
        assert losses[0] == losses[1] != losses[2]

    @pytest.mark.parametrize("digit", HABITS)
    def test_real_digits_change_as_often_as_told(self, digit):
        X, y = load_digits(return_X_y=True)
        images = np.kron(X[y == digit][:100].reshape(-1, 8, 8) / 16, np.ones((3, 3)))
        images = np.pad(images, ((0, 0), (2, 2), (2, 2))).astype(np.float32)
        changed = change(images, [digit] * len(images), habits=1.0)
        share = (np.abs(changed - images).max(axis=(1, 2)) > 0.1).mean()
        wanted = sum(share for share, _ in HABITS[digit])
        assert 0 < share < wanted + 0.15  # few of these 4s are open

    def test_nines_like_a_p(self):
        image = stroke()
        image[4:12, 8:16] = 1
        changed = change(np.repeat(image[None], 100, axis=0), [9] * 100, habits=1.0)
        is_changed = np.abs(changed - image).max(axis=(1, 2)) > 0.5
        assert 0.1 < is_changed.mean() < 0.4
        above, below = changed[is_changed, :12], changed[is_changed, 12:]
        left_of = (
            below.mean(axis=(0, 1)) @ np.arange(28) / below.mean(axis=(0, 1)).sum()
        )
        right_of = (
            above.mean(axis=(0, 1)) @ np.arange(28) / above.mean(axis=(0, 1)).sum()
        )
        assert left_of < right_of - 0.5


class TestNeighbors:
    def test_an_edge_on_the_left_or_the_right(self):
        image = stroke(width=8)
        changed = change(np.repeat(image[None], 60, axis=0), [-1] * 60, neighbors=1.0)
        heights, widths = np.transpose([box_of(image) for image in changed])
        assert (widths >= 7).all()
        assert (widths > 8).mean() > 0.5
        assert heights.max() <= 20

    def test_depends_on_no_other_image(self):
        rng = np.random.default_rng(0)
        images = np.stack([stroke(width=width) for width in (2, 5, 8)])
        draws = rng.random(N_DRAWS)
        alone = [ALL.apply(image, -1, draws) for image in images]
        again = [ALL.apply(image, -1, draws) for image in images[::-1]]
        np.testing.assert_array_equal(alone, again[::-1])


class TestStretch:
    def test_boxes_become_squarer(self):
        images = np.repeat(stroke(width=6)[None], 30, axis=0)
        changed = change(images, [-1] * 30, stretch=1.0)
        heights, widths = np.transpose([box_of(image) for image in changed])
        assert set(heights) <= {19, 20, 21}
        assert (widths >= 10).all()
        assert widths.max() >= 18
        assert len(set(widths)) > 3

    def test_wide_digits_become_higher(self):
        wide = stretched(stroke(width=6).T, [1.0] * 6)
        assert box_of(wide) == [20, 20]


class TestAnyImage:
    @pytest.mark.parametrize("shape", [(8, 8), (1, 1), (5, 30), (30, 5), (64, 64)])
    @pytest.mark.parametrize("code", HABITS)
    def test_of_any_shape(self, shape, code):
        rng = np.random.default_rng(0)
        for image in rng.random((20, *shape), dtype=np.float32):
            changed = ALL.apply(
                image, code, np.append([0, 0, 0], rng.random(N_DRAWS - 3))
            )
            assert changed.shape == shape
            assert np.isfinite(changed).all()

    def test_blank_images(self):
        blank = np.zeros((9, 9), np.float32)
        assert ALL.apply(blank, 1, np.zeros(N_DRAWS)) is blank

    def test_dark_digits_in_integers(self):
        images = np.repeat(stroke()[None], 9, axis=0)
        dark = (255 - 255 * images).astype(np.uint8)
        light = change(images, [1] * 9, habits=1.0)
        changed = change(dark, [1] * 9, habits=1.0)
        assert changed.dtype == np.uint8
        np.testing.assert_allclose(1 - changed / 255, light, atol=0.02)

    def test_size_and_place_are_kept(self):
        image = np.roll(stroke(height=14), 3, axis=1)
        rng = np.random.default_rng(0)
        for _ in range(20):
            changed = ALL.apply(image, 1, np.append([0, 0, 0], rng.random(N_DRAWS - 3)))
            assert max(box_of(changed)) in (13, 14, 15)
            away = np.subtract(center_of_mass(changed), center_of_mass(image))
            assert np.abs(away).max() < 1

    def test_parts_get_the_same_numbers_as_the_whole(self):
        images = np.repeat(stroke()[None], 10, axis=0)
        augmenter = DigitAugmenter(habits=0.5, neighbors=0.5, stretch=0.5)
        augment = augmenter.prepare(images, range(10))
        codes = np.ones(10, int)
        whole = augment(images, np.random.default_rng(0), codes)
        rng = np.random.default_rng(0)
        parts = [
            augment(images[part], rng, codes[part]) for part in (slice(4), slice(4, 10))
        ]
        np.testing.assert_array_equal(np.concatenate(parts), whole)


@pytest.mark.parametrize("name", ["habits", "neighbors", "stretch"])
@pytest.mark.parametrize("value", [-0.1, 1.1, "often"])
def test_bounds(name, value):
    with pytest.raises(ValueError, match=name):
        DigitAugmenter(**{name: value}).transform(stroke()[None])
