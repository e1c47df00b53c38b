"""Pipelines with everything chosen."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.pipeline import Pipeline

from skdigits import PixelScaler
from skdigits.recipes import (
    accurate_ann,
    accurate_cnn,
    ensemble,
    fast_cnn,
    robust_cnn,
)


@pytest.fixture(scope="module")
def images():
    """Return images of 16 x 16 pixels, uint8 in 0-255, and their labels."""
    digits = load_digits()
    larger = np.kron(digits.images, np.ones((1, 2, 2)))
    return (larger * 255 / 16).astype("uint8"), digits.target


def test_fast_cnn_is_a_plain_pipeline():
    pipe = fast_cnn(random_state=3)
    assert type(pipe) is Pipeline
    assert list(pipe.named_steps) == ["pixelscaler", "cnnclassifier"]
    assert isinstance(pipe[0], PixelScaler)
    assert pipe[-1].random_state == 3
    assert pipe[-1].epochs == 2


def test_fast_cnn_learns_raw_pixels(images):
    X, y = images
    pipe = fast_cnn(random_state=0).set_params(cnnclassifier__epochs=8)
    assert pipe.fit(X[:1200], y[:1200]).score(X[1200:], y[1200:]) > 0.9
    again = pickle.loads(pickle.dumps(pipe))
    np.testing.assert_array_equal(again.predict_proba(X), pipe.predict_proba(X))


def test_fast_cnn_can_be_cloned_and_is_the_same_each_time(images):
    X, y = (a[:300] for a in images)
    pipe = fast_cnn(random_state=0)
    one, other = (p.fit(X, y).predict_proba(X) for p in (pipe, clone(pipe)))
    np.testing.assert_array_equal(one, other)


def test_images_too_small_for_fast_cnn_are_an_error():
    X, y = load_digits(return_X_y=True)
    with pytest.raises(ValueError, match="convolutional layer 2 must be .* got 2x2"):
        fast_cnn().fit(X, y)


def test_fast_cnn_loads_tensorflow_to_train_and_not_to_predict(run_python, tmp_path):
    code = (
        "import pickle, sys\n"
        "import numpy as np\n"
        "from sklearn.base import clone\n"
        "from skdigits.recipes import fast_cnn\n"
        "X, y = np.eye(300)[:, :256].reshape(-1, 16, 16), np.arange(300) % 10\n"
        "pipe = pickle.loads(pickle.dumps(clone(fast_cnn(random_state=0))))\n"
        "repr(pipe)\n"
        "print('tensorflow' in sys.modules)\n"
        "pickle.dump(pipe.fit(X, y), open(sys.argv[1], 'wb'))\n"
        "print('tensorflow' in sys.modules)\n"
    )
    path = tmp_path / "pipe.pickle"
    assert run_python(code, path)[0].split() == ["False", "True"]
    code = (
        "import pickle, sys\n"
        "import numpy as np\n"
        "pipe = pickle.load(open(sys.argv[1], 'rb'))\n"
        "print(len(pipe.predict(np.zeros((3, 16, 16)))), 'tensorflow' in sys.modules)\n"
    )
    assert run_python(code, path)[0].split() == ["3", "False"]


@pytest.mark.parametrize("recipe", [accurate_cnn, accurate_ann, robust_cnn])
class TestAugmentedRecipes:
    def test_is_a_plain_pipeline(self, recipe):
        pipe = recipe(random_state=3)
        kind = recipe.__name__[-3:]
        assert type(pipe) is Pipeline
        assert list(pipe.named_steps) == ["pixelscaler", f"{kind}classifier"]
        assert pipe[-1].random_state == 3
        assert pipe[-1].augmentation is not None
        assert clone(pipe).get_params()[f"{kind}classifier__epochs"] > 10

    def test_learns_from_few_raw_images(self, recipe, images):
        X, y = images
        pipe = recipe(random_state=0)
        pipe[-1].set_params(epochs=20, batch_size=16, test_time_augmentation=2)
        assert pipe.fit(X[:200], y[:200]).score(X[200:600], y[200:600]) > 0.7

    def test_shapes_of_other_images(self, recipe):
        X = np.random.default_rng(0).random((40, 9, 12))
        pipe = recipe(random_state=0)
        pipe[-1].set_params(epochs=1)
        assert pipe.fit(X, np.arange(40) % 4).predict(X).shape == (40,)


class TestEnsemble:
    def test_votes_by_the_mean_probability(self, images):
        X, y = (a[:300] for a in images)
        pipe = ensemble(3, random_state=0)
        for _, network in pipe[-1].estimators:
            network.set_params(epochs=1, test_time_augmentation=0)
        pipe.fit(X, y)
        scaled = pipe[0].transform(X)
        votes = [network.predict_proba(scaled) for network in pipe[-1].estimators_]
        np.testing.assert_allclose(pipe.predict_proba(X), np.mean(votes, axis=0))
        assert not np.array_equal(votes[0], votes[1])

    def test_has_as_many_networks_with_seeds_of_their_own(self):
        one, other = (ensemble(4, random_state=0)[-1].estimators for _ in "ab")
        seeds = [network.random_state for _, network in one]
        assert len(set(seeds)) == 4
        assert seeds == [network.random_state for _, network in other]
        assert ensemble(2)[-1].estimators[0][1].random_state is None

    def test_trains_longer_than_accurate_cnn(self):
        network = ensemble(1, random_state=0)[-1].estimators[0][1]
        single = accurate_cnn(network.random_state)[-1]
        assert network.epochs > single.epochs
        single.set_params(epochs=network.epochs)
        assert repr(network) == repr(single)

    @pytest.mark.parametrize("n_networks", [0, -1, 1.5, "3"])
    def test_bad_numbers_of_networks(self, n_networks):
        with pytest.raises((TypeError, ValueError), match="n_networks must be an int"):
            ensemble(n_networks)
