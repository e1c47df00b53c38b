"""Pipelines with everything chosen."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.pipeline import Pipeline

from skdigits import PixelScaler
from skdigits.recipes import fast_cnn


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
