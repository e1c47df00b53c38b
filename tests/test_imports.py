"""The direction in which the parts of the package may import one another."""

import ast
from graphlib import CycleError, TopologicalSorter
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
    (
        "estimators",
        "preprocessing",
    ): "a number stands for an augmenter",
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


def syntax_tree(module):
    """Return the parsed source of a file."""
    return ast.parse((ROOT / module).read_text("utf-8"))


def imported_names(tree, package):
    """Return the dotted name of everything imported anywhere in a syntax tree."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")
            parents = parents[: len(parents) - node.level + 1] if node.level else []
            home = ".".join([*parents, *filter(None, [node.module])])
            names.update(f"{home}.{alias.name}" for alias in node.names)
    return names


def imports_of(module):
    """Return the dotted name of everything that a file imports, wherever in it."""
    return imported_names(syntax_tree(module), package_of(module))


def name_of(module):
    """Return the dotted name of a module."""
    parts = module.with_suffix("").parts
    return ".".join(["skdigits", *parts]).removesuffix(".__init__")


def without_type_checking(tree):
    """Remove what only a type checker imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    return tree


def import_graph(sources):
    """Return the modules of the package that each module imports, by dotted name."""
    graph = {}
    for name, (package, tree) in sources.items():
        imported = imported_names(without_type_checking(tree), package)
        parents = {n.rpartition(".")[0] for n in imported if n not in sources}
        graph[name] = ((imported | parents) & sources.keys()) - {name}
    return graph


def import_cycle(graph):
    """Return modules that import one another, or an empty list."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def test_the_walk_sees_the_whole_package():
    seen = set().union(*map(imports_of, MODULES))
    assert {"keras", "numpy", "scikeras.wrappers.KerasClassifier"} <= seen
    assert "skdigits.preprocessing.PixelScaler" in seen
    assert part_of("skdigits.PixelScaler") == "preprocessing"


def test_no_modules_import_one_another():
    sources = {name_of(m): (package_of(m), syntax_tree(m)) for m in MODULES}
    assert import_cycle(import_graph(sources)) == []


def test_import_cycles_are_found():
    code = {
        "skdigits.a": "from skdigits.b import thing",
        "skdigits.b": "def f():\n    from skdigits import c",
        "skdigits.c": "if TYPE_CHECKING:\n    from skdigits.a import Thing",
    }

    def cycle():
        sources = {name: ("skdigits", ast.parse(text)) for name, text in code.items()}
        return import_cycle(import_graph(sources))

    assert cycle() == []
    code["skdigits.c"] += "\nfrom .a import thing"
    assert {"skdigits.a", "skdigits.b", "skdigits.c"} == set(cycle())


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

    def test_imports_keras_and_tensorflow_only_in_the_keras_folder(self, module):
        imported = imported_names(without_type_checking(syntax_tree(module)), "")
        if module.parts[:2] != ("estimators", "_keras"):
            assert not NETWORK_LIBRARIES & {name.split(".")[0] for name in imported}

    def test_imports_scikeras_only_to_train(self, module):
        if module != Path("estimators", "_keras", "training.py"):
            assert "scikeras" not in {n.split(".")[0] for n in imports_of(module)}


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
