"""Many fits in one process, in threads, and in other processes."""

import os
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from joblib import Parallel, delayed, parallel_config
from numpy.testing import assert_allclose
from sklearn.model_selection import GridSearchCV

from skdigits import ANNClassifier

FIFTY_FITS = """
import gc, sys
import numpy as np
from sklearn.datasets import load_digits
from skdigits import ANNClassifier, CNNClassifier


def megabytes():
    gc.collect()
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 1e6


X, y = load_digits(return_X_y=True)
X, y = X[:200] / 16, y[:200]


def fit():
    ANNClassifier(16, epochs=1).fit(X, y).predict(X)


for i in range(10):
    fit()
before = megabytes()
for i in range(50):
    fit()
print(megabytes() - before)
"""

THREADS_OF_A_FIT = """
import os, sys
import tensorflow as tf
from sklearn.datasets import load_digits

*variables, n_threads = sys.argv[1:]
for name in "OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS":
    os.environ.pop(name, None)
for variable in variables:
    os.environ.update([variable.split("=")])
if n_threads:
    tf.config.threading.set_intra_op_parallelism_threads(int(n_threads))

from skdigits import ANNClassifier

X, y = load_digits(return_X_y=True)
ANNClassifier(16, epochs=1).fit(X[:200] / 16, y[:200])
print(tf.config.threading.get_intra_op_parallelism_threads())
"""

THREADS_OF_A_PREDICTION = """
import os, pickle, sys
import numpy as np
import tensorflow as tf

os.environ["OMP_NUM_THREADS"] = "3"
with open(sys.argv[1], "rb") as file:
    pickle.load(file).predict(np.zeros((100, 64)))
print(tf.config.threading.get_intra_op_parallelism_threads())
"""


def fit_and_count_threads(X, y):
    """Return the number of threads of a fit, and the number that joblib sets."""
    import tensorflow as tf

    ANNClassifier(16, epochs=1).fit(X, y)
    n_threads = tf.config.threading.get_intra_op_parallelism_threads()
    return n_threads, int(os.environ["OMP_NUM_THREADS"])


def test_fits_in_threads_equal_those_of_one_thread(make, ann, cnn, digits):
    X, y = digits
    kinds = ["ann", "cnn", "ann", "cnn"]
    with ThreadPoolExecutor(2) as pool:
        networks = list(pool.map(lambda kind: make(kind).fit(X, y), kinds))
    for kind, network in zip(kinds, networks, strict=True):
        alone = {"ann": ann, "cnn": cnn}[kind]
        assert_allclose(
            network.predict_proba(X), alone.predict_proba(X), rtol=1e-4, atol=1e-7
        )


def test_predictions_in_threads_equal_those_of_one_thread(make, fitted, digits):
    X, _ = digits
    with ThreadPoolExecutor(2) as pool:
        many = list(pool.map(fitted.predict_proba, [X] * 20))
    for probabilities in many:
        np.testing.assert_array_equal(probabilities, fitted.predict_proba(X))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("variables", "n_threads", "expected"),
    [
        ([], "", 0),  # which TensorFlow takes for all cores
        (["OMP_NUM_THREADS=3"], "", 3),
        (["OMP_NUM_THREADS= 3,2 "], "", 3),
        (["OMP_NUM_THREADS=many"], "", 0),
        (["OMP_NUM_THREADS=3"], "2", 2),
        (["OMP_NUM_THREADS=3", "TF_NUM_INTRAOP_THREADS=2"], "", 0),
    ],
)
def test_tensorflow_uses_the_configured_number_of_threads(
    run_python, variables, n_threads, expected
):
    output, _ = run_python(THREADS_OF_A_FIT, *variables, n_threads)
    assert int(output) == expected


def test_prediction_uses_the_configured_number_of_threads(run_python, cnn, tmp_path):
    path = tmp_path / "cnn.pickle"
    path.write_bytes(pickle.dumps(cnn))
    output, _ = run_python(THREADS_OF_A_PREDICTION, path)
    assert int(output) == 3


@pytest.mark.slow
def test_a_joblib_worker_uses_its_share_of_the_cores(digits):
    with parallel_config("loky", inner_max_num_threads=3):
        (counts,) = Parallel(n_jobs=2)([delayed(fit_and_count_threads)(*digits)])
    assert counts == (3, 3)


@pytest.mark.slow
def test_a_search_in_processes_equals_one_in_one_process(make, kind, digits):
    grid = {"learning_rate": [1e-4, 1e-2]}
    one, two = (
        GridSearchCV(make(kind, epochs=3), grid, cv=2, n_jobs=n).fit(*digits)
        for n in (1, 2)
    )
    assert one.best_params_ == two.best_params_ == {"learning_rate": 1e-2}
    assert_allclose(
        one.cv_results_["mean_test_score"],
        two.cv_results_["mean_test_score"],
        rtol=1e-4,
    )


@pytest.mark.slow
def test_fifty_fits_do_not_fill_the_memory(run_python):
    output, _ = run_python(FIFTY_FITS)
    assert float(output) < 100
