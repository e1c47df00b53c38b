"""The direction in which the parts of the package may import one another."""

import ast
from pathlib import Path

import pytest

import skdigits

ROOT = Path(skdigits.__file__).parent
MODULES = sorted(path.relative_to(ROOT) for path in ROOT.rglob("*.py"))

PARTS = {"datasets", "preprocessing", "estimators", "model_selection", "reports"}
# The pairs that are allowed, and why.
ALLOWED = {
    ("model_selection", "reports"): "a search tells of its best trial by a report",
    ("model_selection", "estimators"): "a ready space makes its classifier",
}
NETWORK_LIBRARIES = {"keras", "scikeras", "tensorflow"}


def package_of(module):
    """Return the dotted name of the package that a file lies in."""
    return ".".join(["skdigits", *module.parent.parts])


def part_of(name):
    """Return the part of skdigits that a dotted name belongs to, if any.

    What can be had from the package itself belongs to the part that makes it.
    """
    first, *rest = name.split(".")
    if first != "skdigits" or not rest:
        return None
    home = skdigits._HOMES.get(rest[0])
    return part_of(home) if home else rest[0]


def imports_of(module):
    """Return the dotted name of everything that a file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse((ROOT / module).read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package_of(module).split(".")
            parents = parents[: len(parents) - node.level + 1] if node.level else []
            home = ".".join([*parents, *filter(None, [node.module])])
            names.update(f"{home}.{alias.name}" for alias in node.names)
    return names


def attributes_of(module):
    """Return every dotted attribute that a file reads, such as "keras.layers.Dense"."""
    tree = ast.parse((ROOT / module).read_text("utf-8"))
    return {ast.unparse(n) for n in ast.walk(tree) if isinstance(n, ast.Attribute)}


def test_the_walk_sees_the_whole_package():
    seen = set().union(*map(imports_of, MODULES))
    assert {"keras", "numpy", "scikeras.wrappers.KerasClassifier"} <= seen
    assert "skdigits.preprocessing.PixelScaler" in seen
    assert part_of("skdigits.PixelScaler") == "preprocessing"


@pytest.mark.parametrize("module", MODULES, ids=str)
class TestModule:
    def test_imports_no_other_part_of_the_package(self, module):
        own = module.parts[0]
        if own not in PARTS:
            return
        others = PARTS.intersection(map(part_of, imports_of(module))) - {own}
        assert {(own, other) for other in others} <= ALLOWED.keys()

    def test_leaves_the_app_alone(self, module):
        if module.parts[0] == "app":
            return
        assert "app" not in map(part_of, imports_of(module))

    def test_imports_network_libraries_in_estimators_alone(self, module):
        libraries = {name.split(".")[0] for name in imports_of(module)}
        if module.parts[0] != "estimators":
            assert not libraries & NETWORK_LIBRARIES
        if module != Path("estimators", "_training.py"):
            assert "scikeras" not in libraries

    def test_uses_nothing_private_of_the_network_libraries(self, module):
        for name in imports_of(module) | attributes_of(module):
            library, *rest = name.split(".")
            if library in NETWORK_LIBRARIES | {"tf"}:
                private = [
                    n for n in rest if n.startswith("_") or n in ("src", "python")
                ]
                assert private == [], name

    def test_reaches_into_no_object_of_the_network_libraries(self, module):
        if module.parts[0] != "estimators":
            return
        for name in attributes_of(module):
            *_, owner, attribute = name.rsplit(".", maxsplit=1)
            if attribute[0] == "_" and not attribute.startswith("__"):
                # The one exception, without which TensorFlow never frees a fit.
                if name.endswith("optimizer._all_reduce_sum_gradients"):
                    continue
                if attribute == "_replace":  # public in every named tuple
                    continue
                assert owner in ("self", "cls", "super()", "BaseDigitClassifier"), name


def test_importing_the_package_is_light_and_quick(run_python):
    code = (
        "import sys, time\n"
        "start = time.perf_counter()\n"
        "import skdigits\n"
        "print(time.perf_counter() - start)\n"
        "heavy = {'tensorflow', 'keras', 'scikeras', 'matplotlib', 'optuna'}\n"
        "print(*sorted(heavy & set(sys.modules)))\n"
    )
    seconds = []
    for _ in range(5):
        took, loaded = run_python(code)[0].splitlines()
        assert loaded == ""
        seconds.append(float(took))
    assert min(seconds) < 1


def test_tensorflow_is_loaded_to_train_and_not_before(run_python):
    code = (
        "import sys\n"
        "import skdigits.datasets, skdigits.preprocessing, skdigits.estimators\n"
        "from skdigits import ANNClassifier, CNNClassifier, make_digit_pipeline\n"
        "CNNClassifier().get_params(), repr(make_digit_pipeline('ann'))\n"
        "print(*sorted({'tensorflow', 'keras', 'scikeras'} & set(sys.modules)))\n"
        "ANNClassifier(4, epochs=1).fit([[0, 1], [1, 0]], [0, 1])\n"
        "print(*sorted({'tensorflow', 'keras', 'scikeras'} & set(sys.modules)))\n"
    )
    assert run_python(code)[0].splitlines() == ["", "keras scikeras tensorflow"]


def test_every_public_name_can_be_had():
    for name in skdigits.__all__:
        assert getattr(skdigits, name) is not None
    assert dir(skdigits) == sorted(skdigits.__all__)


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'ANNClasifier'"):
        skdigits.ANNClasifier  # noqa: B018
