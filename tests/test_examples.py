"""The programs that print the measurements of the documentation."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

ROOT = Path(__file__).parents[1]
PROGRAM = ROOT / "examples" / "reference_models.py"
BENCHMARKS = ROOT / "examples" / "benchmarks"

N_WEIGHTS = {
    "dense-128-64": 109_386,
    "dense-128-32": 104_938,
    "dense-128-dropout": 101_770,
    "cnn-basic": 693_962,
    "dense-300-200-100": 316_810,
    "cnn-32-16": 27_454,
    "sigmoid-10-10": 8_070,
    "kaggle-42000": 55_050,
}


@pytest.fixture(scope="module")
def data_home(tmp_path_factory):
    """Return a folder with scikit-learn's digits in the place of MNIST."""
    digits = load_digits()
    images = np.kron(digits.images * 255 / 16, np.ones((3, 3)))
    images = np.pad(images, [(0, 0), (2, 2), (2, 2)]).astype("uint8")
    folder = tmp_path_factory.mktemp("data")
    np.savez(
        folder / "mnist.npz",
        x_train=images[:1400],
        y_train=digits.target[:1400],
        x_test=images[1400:],
        y_test=digits.target[1400:],
    )
    return folder


@pytest.fixture
def run_program(data_home, monkeypatch):
    """Return a function that runs a program, and returns what it printed."""
    monkeypatch.setenv("SKDIGITS_DATA", str(data_home))

    def run(*command):
        command = [sys.executable, *command]
        return subprocess.run(command, capture_output=True, text=True)

    return run


@pytest.fixture
def run_reference_models(run_program):
    """Return a function that runs this program, and returns what it printed."""
    return partial(run_program, PROGRAM)


def load_module(path):
    """Return the module in a file that is not installed."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def table_rows(output, *, header):
    """Return the cells of the table whose first line has these texts."""
    lines = output.splitlines()
    start = next(
        i for i, line in enumerate(lines) if line.split()[: len(header)] == header
    )
    end = lines.index("", start)
    return [re.split(r"\s{2,}", line.strip()) for line in lines[start + 2 : end - 1]]


def test_prints_published_and_measured_accuracies(run_reference_models):
    done = run_reference_models("--quick", "--seeds", "2", "sigmoid-10-10", "cnn-32-16")
    assert done.returncode == 0, done.stderr
    rows = table_rows(done.stdout, header=["model", "weights", "published"])
    names, n_weights, published, training, test, _ = zip(*rows, strict=True)
    assert names == ("``sigmoid-10-10``", "``cnn-32-16``")
    assert n_weights == ("8,070", "27,454")
    assert published == ("training 93.9, test near 92", "test 98")
    for text in (*training, *test):
        mean, low, high = map(float, re.split(r" \(|-|\)", text)[:3])
        assert 0 <= low <= mean <= high <= 100
    epochs = table_rows(done.stdout, header=["epoch", "published", "measured"])
    assert [row[:2] for row in epochs] == [["1", "45.3"], ["2", "84.0"]]
    labels = table_rows(done.stdout, header=["label", "published", "measured"])
    assert len(labels) == 10
    assert [row[1] for row in labels if len(row) == 3] == ["36", "785"]
    assert "sigmoid-10-10, seed 1" in done.stderr


@pytest.mark.slow
def test_trains_every_model(run_reference_models):
    done = run_reference_models("--quick")
    assert done.returncode == 0, done.stderr
    rows = table_rows(done.stdout, header=["model", "weights", "published"])
    measured = {row[0].strip("`"): int(row[1].replace(",", "")) for row in rows}
    assert measured == N_WEIGHTS


def test_unknown_model_raises(run_reference_models):
    done = run_reference_models("dense-129")
    assert done.returncode == 2
    assert "MODEL must be one of dense-128-64, " in done.stderr
    assert "got dense-129" in done.stderr


def test_documentation_shows_the_code_of_every_model(monkeypatch):
    monkeypatch.syspath_prepend(PROGRAM.parent)
    program = load_module(PROGRAM)
    page = (ROOT / "docs" / "user_guide" / "reference_models.inc").read_text("utf-8")
    assert set(program.MODELS) == set(N_WEIGHTS)
    for model in program.MODELS.values():
        assert model.code().replace("\n", "\n   ") in page


def test_documentation_draws_the_tables_that_programs_print(capsys):
    rows = [["library", "fit, s"], ["with, comma", "1.00 (0.50-2.00)"], ["none", ""]]
    load_module(BENCHMARKS / "_tables.py").print_table("Title", rows)
    charts = load_module(ROOT / "docs" / "_ext" / "charts.py")
    assert charts.read_table(capsys.readouterr().out) == rows


SHOW_LIMITS = """
import argparse, json
from _machine import PRECISION, parse_arguments, print_run
from _peers import PEERS
import numpy as np
parse_arguments(argparse.ArgumentParser())
print_run()
features = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
environments = {name: dict(peer.environment) for name, peer in PEERS.items()}
print(json.dumps([features, PRECISION, environments]))
"""


@pytest.fixture
def show_limits(run_program, tmp_path, monkeypatch):
    """Return a function that runs a benchmark which only shows its limits."""
    monkeypatch.setenv("PYTHONPATH", str(BENCHMARKS), prepend=os.pathsep)
    (tmp_path / "show_limits.py").write_text(SHOW_LIMITS)

    def show(*arguments):
        done = run_program(tmp_path / "show_limits.py", *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout, *json.loads(done.stdout.splitlines()[-1])

    return show


def test_benchmarks_can_compute_as_with_avx2_only(show_limits):
    printed, features, precision, environments = show_limits("--avx2")
    assert "limited to AVX2" in printed
    assert not [name for name in features if "512" in name or name == "X86_V4"]
    assert precision == "float32"
    assert environments["skdigits"] == {}
    for name in ("scikeras", "Keras tutorial"):
        assert environments[name] == {"TF_ENABLE_ONEDNN_OPTS": "0"}


def test_benchmarks_compute_as_the_processor_can(show_limits):
    printed, _, precision, environments = show_limits()
    assert "limited" not in printed
    assert precision == "auto"
    assert environments.pop("Keras with oneDNN") == {"TF_ENABLE_ONEDNN_OPTS": "1"}
    assert not any(environments.values())


@pytest.mark.slow
def test_benchmark_of_classifiers_prints_a_table(run_program):
    program = BENCHMARKS / "bench_classifiers.py"
    peers = ["Keras tutorial", "PyTorch"]
    sizes = ["--samples", "300", "--rounds", "2"]
    done = run_program(
        program, "--avx2", "--jobs", "cnn, batch 128", "--peers", *peers, *sizes
    )
    assert done.returncode == 0, done.stderr
    names = ["skdigits", "Keras tutorial"]
    names += ["PyTorch"] if importlib.util.find_spec("torch") else []
    training = table_rows(done.stdout, header=["library", "first", "fit,", "s"])
    prediction = table_rows(done.stdout, header=["library", "1", "image,", "ms"])
    assert [row[0] for row in training] == names == [row[0] for row in prediction]
    cells = [cell for row in training for cell in row[2:]]
    cells += [cell for row in prediction for cell in row[1:]]
    number = r"\d+(\.\d+)?"
    assert all(re.fullmatch(rf"{number} \({number}-{number}\)", cell) for cell in cells)
    ratios = training[0][3], prediction[0][2], prediction[0][4]
    assert ratios == ("1.00 (1.00-1.00)",) * 3
    assert "The floor of the fit is " in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "names", "header"),
    [
        ("choose_recipes.py", ["dense-128-64"], "candidate"),
        ("benchmarks/bench_recipes.py", ["ensemble"], "recipe"),
        ("benchmarks/bench_reader.py", [], "digits"),
        ("benchmarks/bench_rejection.py", [], "images"),
        ("benchmarks/bench_few_labels.py", ["nearest neighbors"], "classifier"),
        ("benchmarks/bench_accuracy_over_time.py", ["fast_cnn"], "classifier"),
    ],
)
def test_programs_about_accuracy_print_a_table(run_program, program, names, header):
    done = run_program(ROOT / "examples" / program, *names, "--quick")
    assert done.returncode == 0, done.stderr
    assert table_rows(f"{done.stdout}\n\n", header=[header])


@pytest.mark.slow
def test_benchmark_of_normalization_prints_tables(run_program):
    program = BENCHMARKS / "bench_digit_normalizer.py"
    sizes = ["--rounds", "2", "--images", "20", "--drawings", "2"]
    done = run_program(program, *sizes)
    assert done.returncode == 0, done.stderr
    rows = table_rows(done.stdout, header=["images", "images", "a", "second"])
    assert len(rows) == 3
    ((_, seconds, _, share),) = table_rows(done.stdout, header=["photograph"])
    assert 0 < float(seconds.split()[0]) < 10
    assert float(share.split()[0]) < 2


def test_candidates_have_a_name(run_program):
    done = run_program(ROOT / "examples" / "choose_recipes.py", "tow-pairs")
    assert done.returncode != 0
    assert "CANDIDATE must be among" in done.stderr


def test_digits_from_elsewhere_get_the_geometry_of_mnist(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    elsewhere = load_module(BENCHMARKS / "_elsewhere.py")
    images = np.full((2, 16, 16), -1.0)
    images[0, 2:14, 5:9] = 1
    images[1, 7:9, 1:15] = 1
    table = np.column_stack([[1, 7], images.reshape(2, -1)])
    np.savetxt(tmp_path / "usps", table)
    X, y = elsewhere.load_usps(tmp_path / "usps")
    assert y.tolist() == [1, 7]
    for image, sides in zip(X.reshape(2, 28, 28), [(20, 7), (3, 20)], strict=True):
        rows, columns = np.nonzero(image)
        assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == sides
        for places in (rows, columns):
            center = np.average(places, weights=image[rows, columns])
            assert abs(center - 14) <= 0.6
