"""The order in which rows are trained on."""

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


def rows(n_rows):
    x = np.arange(n_rows, dtype="float32")[:, None]
    return x, -x, np.ones(n_rows, "float32")


def numbers_of_epochs(n_rows, batch_size, **kwargs):
    """Return for each epoch the numbers of its rows, in order, less the padding."""
    stacks = training_stacks(rows(n_rows), batch_size=batch_size, **kwargs)
    n_stacks, _ = stack_layout(n_rows, batch_size)
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


@pytest.mark.parametrize(("n_rows", "batch_size"), SIZES)
def test_every_row_comes_once_an_epoch(n_rows, batch_size):
    epochs = numbers_of_epochs(n_rows, batch_size, epochs=range(3), seed=0)
    assert len(epochs) == 3
    for numbers in epochs:
        assert_array_equal(np.sort(numbers), np.arange(n_rows))


@pytest.mark.parametrize(("n_rows", "batch_size"), SIZES)
def test_stacks_are_of_one_shape_and_hold_all_batches(n_rows, batch_size):
    stacks = training_stacks(
        rows(n_rows), batch_size=batch_size, epochs=range(1), seed=0
    )
    weights = [weight for _, _, weight in stacks]
    assert len(weights) == stack_layout(n_rows, batch_size)[0]
    assert len({weight.shape for weight in weights}) == 1
    batches = np.concatenate(weights)
    n_batches = -(-n_rows // batch_size)
    assert_array_equal(batches.any(axis=1), np.arange(len(batches)) < n_batches)
    full = batches[: n_rows // batch_size]
    assert_array_equal(full, np.ones_like(full))


def test_each_epoch_has_an_order_of_its_own():
    first, second = numbers_of_epochs(100, 16, epochs=range(2), seed=0)
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, np.arange(100))


def test_the_order_follows_the_seed_and_the_number_of_the_epoch():
    run = numbers_of_epochs(100, 16, epochs=range(4), seed=0)
    assert_array_equal(numbers_of_epochs(100, 16, epochs=range(4), seed=0), run)
    assert_array_equal(numbers_of_epochs(100, 16, epochs=range(2, 4), seed=0), run[2:])
    other = numbers_of_epochs(100, 16, epochs=range(4), seed=2**31 - 2)
    assert not np.array_equal(other, run)


def test_without_a_seed_the_rows_keep_their_order():
    for numbers in numbers_of_epochs(100, 16, epochs=range(2), seed=None):
        assert_array_equal(numbers, np.arange(100))


def test_weights_go_with_their_rows():
    x, y, _ = rows(50)
    weight = x[:, 0] + 1
    stacks = training_stacks([x, y, weight], batch_size=8, epochs=range(1), seed=0)
    for batch_x, _, batch_weight in stacks:
        is_row = batch_weight > 0
        assert_array_equal(batch_weight[is_row], batch_x[..., 0][is_row] + 1)


@pytest.mark.parametrize("n_rows", [1, 100, 1_024, 1_500])
def test_evaluation_sees_every_row_once_in_order(n_rows):
    batches = list(evaluation_batches(*rows(n_rows)).as_numpy_iterator())
    assert len({x.shape for x, _, _ in batches}) == 1
    x, _, weight = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    assert_array_equal(x[weight > 0][:, 0], np.arange(n_rows))


def test_a_counter_counts():
    assert list(counter(3).as_numpy_iterator()) == [0, 1, 2]


@pytest.mark.parametrize(
    "make", [lambda: counter(3), lambda: evaluation_batches(*rows(3))]
)
def test_no_dataset_is_tuned_so_that_no_fit_waits_for_the_tuner(make):
    assert make().options().autotune.enabled is False


class TestMadeAhead:
    def test_gives_all_items_in_order(self):
        assert list(made_ahead(iter(range(1, 5)))) == [1, 2, 3, 4]

    def test_is_one_item_ahead(self):
        made = []

        def items():
            for i in range(1, 6):
                made.append(i)
                yield i

        ahead = made_ahead(items())
        assert next(ahead) == 1
        ahead.close()
        assert made == [1, 2]

    def test_an_error_comes_where_the_item_would(self):
        ahead = made_ahead(1 / n for n in (1, 0))
        assert next(ahead) == 1
        with pytest.raises(ZeroDivisionError):
            next(ahead)
