"""The order in which a network is trained on samples."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skdigits.estimators._keras.stacks import (
    counter,
    evaluation_batches,
    made_ahead,
    stack_layout,
    training_stacks,
)

SIZES = [(1, 1), (5, 2), (16, 16), (50, 32), (233, 7), (1_000, 16), (20_000, 1_024)]


def samples(n_samples):
    x = np.arange(n_samples, dtype="float32")[:, None]
    return x, -x, np.ones(n_samples, "float32")


def epoch_indices(n_samples, batch_size, **kwargs):
    """Return the indices of the samples of each epoch, in order, without padding."""
    stacks = training_stacks(samples(n_samples), batch_size=batch_size, **kwargs)
    n_stacks, _ = stack_layout(n_samples, batch_size)
    seen, epoch = [], []
    for i, (x, y, weight) in enumerate(stacks, 1):
        assert x.shape == (*weight.shape, 1)
        assert weight.shape[1] == batch_size
        assert_array_equal(y, -x)
        epoch.append(x[..., 0][weight > 0])
        if i % n_stacks == 0:
            seen.append(np.concatenate(epoch))
            epoch = []
    assert epoch == []
    return seen


@pytest.mark.parametrize(("n_samples", "batch_size"), SIZES)
def test_every_sample_is_used_once_per_epoch(n_samples, batch_size):
    epochs = epoch_indices(n_samples, batch_size, epochs=range(3), seed=0)
    assert len(epochs) == 3
    for indices in epochs:
        assert_array_equal(np.sort(indices), np.arange(n_samples))


@pytest.mark.parametrize(("n_samples", "batch_size"), SIZES)
def test_stacks_have_one_shape_and_hold_all_batches(n_samples, batch_size):
    stacks = training_stacks(
        samples(n_samples), batch_size=batch_size, epochs=range(1), seed=0
    )
    weights = [weight for _, _, weight in stacks]
    assert len(weights) == stack_layout(n_samples, batch_size)[0]
    assert len({weight.shape for weight in weights}) == 1
    batches = np.concatenate(weights)
    n_batches = -(-n_samples // batch_size)
    assert_array_equal(batches.any(axis=1), np.arange(len(batches)) < n_batches)
    full = batches[: n_samples // batch_size]
    assert_array_equal(full, np.ones_like(full))


def test_each_epoch_has_its_own_order():
    first, second = epoch_indices(100, 16, epochs=range(2), seed=0)
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, np.arange(100))


def test_the_order_depends_on_the_seed_and_the_epoch():
    run = epoch_indices(100, 16, epochs=range(4), seed=0)
    assert_array_equal(epoch_indices(100, 16, epochs=range(4), seed=0), run)
    assert_array_equal(epoch_indices(100, 16, epochs=range(2, 4), seed=0), run[2:])
    other = epoch_indices(100, 16, epochs=range(4), seed=2**31 - 2)
    assert not np.array_equal(other, run)


def test_without_a_seed_the_samples_keep_their_order():
    for indices in epoch_indices(100, 16, epochs=range(2), seed=None):
        assert_array_equal(indices, np.arange(100))


def test_weights_stay_with_their_samples():
    x, y, _ = samples(50)
    weight = x[:, 0] + 1
    stacks = training_stacks([x, y, weight], batch_size=8, epochs=range(1), seed=0)
    for batch_x, _, batch_weight in stacks:
        is_sample = batch_weight > 0
        assert_array_equal(batch_weight[is_sample], batch_x[..., 0][is_sample] + 1)


@pytest.mark.parametrize("n_samples", [1, 100, 1_024, 1_500])
def test_evaluation_uses_every_sample_once_in_order(n_samples):
    batches = list(evaluation_batches(*samples(n_samples)).as_numpy_iterator())
    assert len({x.shape for x, _, _ in batches}) == 1
    x, _, weight = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    assert_array_equal(x[weight > 0][:, 0], np.arange(n_samples))


def test_a_counter_counts():
    assert list(counter(3).as_numpy_iterator()) == [0, 1, 2]


@pytest.mark.parametrize(
    "make", [lambda: counter(3), lambda: evaluation_batches(*samples(3))]
)
def test_datasets_are_not_autotuned(make):
    assert make().options().autotune.enabled is False


class TestMadeAhead:
    def test_gives_all_items_in_order(self):
        assert list(made_ahead(iter(range(1, 5)))) == [1, 2, 3, 4]

    def test_prepares_one_item_ahead(self):
        made = []

        def items():
            for i in range(1, 6):
                made.append(i)
                yield i

        ahead = made_ahead(items())
        assert next(ahead) == 1
        ahead.close()
        assert made == [1, 2]

    def test_an_error_is_raised_in_place_of_the_item(self):
        ahead = made_ahead(1 / n for n in (1, 0))
        assert next(ahead) == 1
        with pytest.raises(ZeroDivisionError):
            next(ahead)
