"""Private names of other libraries: which skdigits uses, and whether they exist."""

import ast
import inspect
from functools import cache
from importlib import import_module
from importlib.metadata import version
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import pytest
from packaging.requirements import Requirement
from private_names.finder import NETWORK_LIBRARIES, exact_uses, private_uses
from private_names.table import PRIVATE_NAMES

import skdigits

ROOT = Path(skdigits.__file__).parent
SOURCES = {
    path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
    for path in sorted(ROOT.rglob("*.py"))
}
ENTRIES = [(row, name) for row in PRIVATE_NAMES for name in row.names.split()]
LISTED = {
    (module, name)
    for row in PRIVATE_NAMES
    for module, name in product(row.used_in.split(), row.names.split())
}
each_name = pytest.mark.parametrize(
    ("row", "name"), [pytest.param(*entry, id=entry[1]) for entry in ENTRIES]
)

# How skdigits calls the private functions.
CALLS = {
    "sklearn.base._fit_context": "prefer_skip_nested_validation=True",
    "sklearn.utils._param_validation.HasMethods": "methods",
    "sklearn.utils._param_validation.Interval": "type, left, right, closed='left'",
    "sklearn.utils._param_validation.StrOptions": "options",
    "sklearn.utils.validation._check_sample_weight": "w, X, dtype=dtype, copy=True",
    "sklearn.utils._set_output._get_output_config": "method, estimator",
    "sklearn.utils._safe_indexing": "X, indices",
    "sklearn.utils.metaestimators._safe_split": "estimator, X, y, test, train",
    "sklearn.utils.validation._check_method_params": "X, params, indices",
    "sklearn.model_selection._search.BaseSearchCV": "estimator",
    "_get_scorers": "",
    "_get_routed_params_for_fit": "params",
    "_format_results": "candidate_params, n_splits, out, more_results",
    "_select_best_index": "refit, refit_metric, results",
    "_get_variable_index": "variable",
    "_all_reduce_sum_gradients": "grads_and_vars",
    "make_train_function": "force=False",
    "make_test_function": "force=False",
    "context": "",
    "set_trial_system_attr": "trial_id, key, value",
    "record_heartbeat": "trial_id",
    "get_heartbeat_interval": "",
    "get_trial": "trial_id",
}


@cache
def uses():
    return private_uses(SOURCES, "skdigits")


@cache
def used_of(row):
    """Return which of its modules use which of its names, private or not."""
    modules, names = row.used_in.split(), row.names.split()
    sources = {module: SOURCES[module] for module in modules if module in SOURCES}
    found = [use for name in names for use in exact_uses(sources, name)] + uses()
    return {(use.module, use.name) for use in found} & {*product(modules, names)}


@cache
def owner_of(guard):
    return guard()


def find(row, name):
    """Return what a name stands for in the installed version of its library."""
    if row.guard is not None:
        return getattr(owner_of(row.guard), name)
    home, _, last = name.rpartition(".")
    try:
        return getattr(import_module(home), last)
    except AttributeError:
        return import_module(name)


def is_installed(requirement):
    requirement = Requirement(requirement)
    return version(requirement.name) in requirement.specifier


def names_in(code, **other_modules):
    sources = {"part/module.py": code}
    for path, other_code in other_modules.items():
        sources[path.replace("__", "/") + ".py"] = other_code
    return [use.name for use in private_uses(sources, "ours")]


class TestTable:
    def test_lists_every_private_name_that_is_used(self):
        missing = [use for use in uses() if (use.module, use.name) not in LISTED]
        assert not missing, "not in the table:\n" + "\n".join(map(str, missing))

    @each_name
    def test_lists_no_name_that_is_not_used(self, row, name):
        assert name in {used for _, used in used_of(row)}, f"no longer used: {name}"

    @pytest.mark.parametrize(
        ("row", "module"),
        [
            pytest.param(row, module, id=f"{row.names.split()[0]}-{module}")
            for row in PRIVATE_NAMES
            for module in row.used_in.split()
        ],
    )
    def test_lists_no_module_that_uses_none_of_the_names(self, row, module):
        assert module in {using for using, _ in used_of(row)}, (
            f"{module} does not use {row.names}"
        )

    def test_has_each_name_once(self):
        names = [name for _, name in ENTRIES]
        assert sorted(names) == sorted({*names})

    def test_has_no_import_from_inside_the_network_libraries(self):
        inside = {
            use.name
            for use in uses()
            if use.name.split(".")[0] in {*NETWORK_LIBRARIES, "scikeras"}
        }
        # They are looked up among the modules that are imported already.
        assert inside == {
            "tensorflow.python.eager.context",
            "tensorflow.python.util._pywrap_util_port",
        }


class TestInstalledLibrary:
    @each_name
    def test_has_the_name(self, row, name):
        try:
            find(row, name)
        except (AttributeError, ImportError):
            is_there = False
        else:
            is_there = True
        expected = not row.only_with or is_installed(row.only_with)
        assert is_there == expected, f"{name}: {row.breaks}"

    @pytest.mark.parametrize("name", CALLS)
    def test_has_a_function_that_takes_what_skdigits_gives_it(self, name):
        row = next(row for row, listed in ENTRIES if listed == name)
        call = ast.parse(f"f({CALLS[name]})", mode="eval").body
        keywords = {keyword.arg: keyword.value for keyword in call.keywords}
        try:
            inspect.signature(find(row, name)).bind(*call.args, **keywords)
        except TypeError as error:
            pytest.fail(f"{name}({CALLS[name]}): {error}. {row.breaks}")

    def test_lacks_a_name_that_is_gone(self):
        row = SimpleNamespace(guard=None)
        with pytest.raises(ImportError):
            find(row, "sklearn.utils._gone")
        with pytest.raises(AttributeError):
            find(SimpleNamespace(guard=dict), "_gone")


class TestFinder:
    @pytest.mark.parametrize(
        ("code", "found"),
        [
            ("from sklearn.base import _fit_context", ["sklearn.base._fit_context"]),
            ("import sklearn.utils._tags as tags", ["sklearn.utils._tags"]),
            ("import sklearn.utils._tags", ["sklearn.utils._tags"]),
            ("def f():\n from keras.src import ops", ["keras.src.ops"]),
            ("import keras\nkeras.src.ops.add", ["keras.src"]),
            ("import tensorflow as tf\ntf.python.eager", ["tensorflow.python"]),
            ("import sys\nsys.modules['keras.src.ops']", ["keras.src.ops"]),
            ("import numpy as np\nnp._NoValue", ["_NoValue"]),
            ("def f(trial): return trial._trial_id", ["_trial_id"]),
            ("def f(trial): trial.study._storage.x", ["_storage"]),
            ("getattr(trial, '_trial_id')", ["_trial_id"]),
            ("setattr(f(), '_trial_id', 1)", ["_trial_id"]),
            ("names = ('_trial_id',)\nhasattr(trial, names[0])", ["_trial_id"]),
            ("vars(trial)['_trial_id']", ["_trial_id"]),
            ("class A:\n def f(self): return self._gone", ["_gone"]),
            ("class A:\n def f(self): return super()._gone()", ["_gone"]),
            ("class A:\n @classmethod\n def f(cls): cls._gone", ["_gone"]),
            ("class A:\n _x = 1\nclass B:\n def f(self): self._x", ["_x"]),
            ("import keras\nclass Layer:\n _x = 1\nkeras.Layer._x", ["_x"]),
        ],
    )
    def test_finds_a_private_name(self, code, found):
        assert names_in(code) == found

    @pytest.mark.parametrize(
        ("code", "found"),
        [
            # Of the base of ours, whether it is read or taken by a name of ours.
            ("def update_step(self): self._momentums", ["_momentums"]),
            ("def f(self): self._momentums = []", ["_momentums"]),
            ("_get_variable_index = None", ["_get_variable_index"]),
            ("_momentums: list", ["_momentums"]),
            ("__class__ = property(lambda self: Adam)", ["__class__"]),
            ("def f(self): self._own = 1", []),
        ],
    )
    @pytest.mark.parametrize("through", ["", "\nclass B(A):\n x = 1"])
    def test_finds_what_a_base_of_another_library_has(self, code, found, through):
        base = "from keras.optimizers import Adam\nclass A(Adam):\n x = 1" + through
        code = f"{base}\nclass C({'B' if through else 'A'}):\n {code}"
        assert names_in(code) == found

    @pytest.mark.parametrize(
        ("annotation", "found"),
        [("Study", ["_x"]), ("'Study | None'", ["_x"]), ("Own", [])],
    )
    def test_knows_what_is_ours_by_its_annotation(self, annotation, found):
        code = f"""
from optuna.study import Study
class Own:
    def __init__(self): self._x = 1
def f(study: {annotation}): return study._x
"""
        assert names_in(code) == found

    def test_takes_any_object_for_one_of_the_same_part(self):
        code = "from typing import Any\ndef f(search: Any): return search._x, search._y"
        others = {
            "part__other": "class A:\n def f(self): self._x = 1",
            "elsewhere__other": "class A:\n def f(self): self._y = 1",
        }
        assert names_in(code, **others) == ["_y"]

    @pytest.mark.parametrize(
        ("code", "found"),
        [
            ("[v for v in variables if v.name == 'kernel']", ["kernel"]),
            ("NAMES = 'a', 'b'\nvariable.name in NAMES", ["a", "b"]),
            ("A, B = 'a', 'b'\nvariable.name == B", ["b"]),
            ("groups[variable.name in ('a', 'b')]", ["a", "b"]),
        ],
    )
    def test_finds_names_of_variables_of_keras(self, code, found):
        assert names_in("import keras\n" + code) == found
        assert names_in(code) == []

    @pytest.mark.parametrize(
        "code",
        [
            "from ours._module import _function",
            "from sklearn.utils import validation",
            "row._asdict(), row._replace(x=1)",
            "class A:\n __len__ = None\n def _repr_html_(self): return ''",
            "class A:\n def f(self): self._x = 1\n def g(self): return self._x",
            "class A:\n _x: int\nclass B(A):\n def g(self): return self._x",
            "class A:\n _x = 1\nA._x, getattr(A, '_x')",
            "f'{name}_activation', '_', 'file_name', 'a.b'",
            "def _x(): pass\nnames = ['_x']",
        ],
    )
    def test_finds_nothing_where_nothing_is_private(self, code):
        assert names_in(code) == []

    def test_tells_where(self):
        (use,) = private_uses({"part/a.py": "x = 1\ny = x._gone"}, "ours")
        assert str(use) == "part/a.py:2: _gone"

    @pytest.mark.parametrize(
        "code",
        [
            "x.handle",
            "class A:\n def handle(self): pass",
            "d['handle']",
            "b'\"handle\"'",
        ],
    )
    def test_finds_one_name_that_looks_public(self, code):
        assert [use.module for use in exact_uses({"a.py": code}, "handle")] == ["a.py"]
        assert exact_uses({"a.py": code}, "other") == []
