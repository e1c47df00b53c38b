"""Output of the process: none by default, and progress with verbose."""

import pytest

SILENT = """
import pickle
from sklearn.datasets import load_digits
from skdigits import ANNClassifier, CNNClassifier

X, y = load_digits(return_X_y=True)
for network in (ANNClassifier(16, epochs=2), CNNClassifier(4, epochs=1)):
    network.set_params(early_stopping=True, random_state=0)
    for i in range(3):
        n = 150 + 10 * i
        network.fit(X[:n], y[:n])
        network.predict(X)
        network.predict(X[:1])
    network.partial_fit(X[:200], y[:200])
    pickle.loads(pickle.dumps(network)).partial_fit(X, y).predict(X)
with_xla = ANNClassifier(16, epochs=48, batch_size=16).fit(X[:1700], y[:1700])
with_xla.partial_fit(X, y).predict(X)
"""


def test_nothing_is_written_by_default(run_python):
    assert run_python(SILENT) == ("", "")


@pytest.mark.parametrize("verbose", [0, False])
def test_nothing_is_written_when_silent(make, kind, digits, capfd, verbose):
    network = make(kind, verbose=verbose, epochs=2, validation_split=0.2)
    network.fit(*digits).partial_fit(*digits).predict(digits[0])
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("verbose", [1, True])
def test_progress_bars_show_each_epoch(make, kind, digits, capfd, verbose):
    make(kind, verbose=verbose, epochs=3).fit(*digits)
    output, errors = capfd.readouterr()
    for expected in ("Epoch 1/3", "Epoch 2/3", "Epoch 3/3", "loss: ", "accuracy: "):
        assert expected in output
    assert errors == ""


def test_lines_show_each_epoch(make, digits, capfd):
    network = make("ann", verbose=2, epochs=2, validation_split=0.2).fit(*digits)
    output, _ = capfd.readouterr()
    for name in ("loss", "val_loss"):
        for value in network.history_[name]:
            assert f"{name}: {value:.4f}" in output


def test_the_first_line_shows_the_learning_rate(make, digits, capfd):
    first_lines = []
    for params in (
        {"verbose": 1},
        {"verbose": 2, "learning_rate": None, "early_stopping": True},
    ):
        make("ann", epochs=1, **params).fit(*digits)
        first_lines.append(capfd.readouterr().out.splitlines()[0])
    assert "learning_rate_schedule_='one_cycle'" in first_lines[0]
    assert "peak_learning_rate_=0.01" in first_lines[0]
    assert "learning_rate_schedule_='constant'" in first_lines[1]
    assert "peak_learning_rate_=0.001" in first_lines[1]


def test_predictions_never_show_progress(make, digits, capfd):
    network = make("ann", verbose=1, epochs=1).fit(*digits)
    capfd.readouterr()
    network.predict(digits[0])
    network.score(*digits)
    assert capfd.readouterr() == ("", "")
