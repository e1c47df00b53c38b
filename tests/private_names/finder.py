"""Find where a package uses private names of other libraries, by reading its source."""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from pydoc import locate
from typing import NamedTuple

# Private packages whose names do not start with an underscore.
PRIVATE_PACKAGES = {"keras": {"src"}, "tensorflow": {"compiler", "core", "python"}}
# Names that start with an underscore and that Python documents.
DOCUMENTED = {"_asdict", "_field_defaults", "_fields", "_make", "_replace", "_exit"}
GETATTR = {"attrgetter", "delattr", "getattr", "hasattr", "methodcaller", "setattr"}
NETWORK_LIBRARIES = {"keras", "tensorflow"}

_parsed = cache(ast.parse)


class Use(NamedTuple):
    """A place where a name is used: the path of the module, the line and the name.

    The name of an import is dotted. The name of an attribute is not.
    """

    module: str
    line: int
    name: str

    def __str__(self) -> str:
        return f"{self.module}:{self.line}: {self.name}"


class Class(NamedTuple):
    """The names that a class of the package defines, and the names of its bases.

    It also defines the attributes that its methods set on ``self``.
    """

    defines: dict[str, int]
    bases: list[str]


def private_uses(sources: Mapping[str, str], package: str) -> list[Use]:
    """Return every use of a private name that the package does not define itself.

    It may be imported, be an attribute or stand in a string. A private name that a
    class defines counts if a base class in another library has it, too. Strings that
    are compared with ``.name`` count in modules that import Keras or TensorFlow, since
    they are names of Keras' variables.

    Parameters
    ----------
    sources : mapping of str to str
        The source of each module, by its path within the package.
    package : str
        The name of the package.
    """
    modules = {path: Module(source, package) for path, source in sources.items()}
    uses = set()
    for path, module in modules.items():
        part = path.split("/")[0]
        neighbors = [m for p, m in modules.items() if p.split("/")[0] == part]
        finder = Finder(module, neighbors, [*modules.values()])
        finder.visit(module.tree)
        found = [*finder.found, *finder.overrides(), *module.variable_names()]
        uses.update(Use(path, line, name) for line, name in found)
    return sorted(uses)


def exact_uses(sources: Mapping[str, str], name: str) -> list[Use]:
    """Return every use of one name as an attribute, a function or a string."""
    uses = []
    for path, source in sources.items():
        for node in ast.walk(_parsed(source)):
            match node:
                case ast.Attribute(attr=used) | ast.FunctionDef(name=used):
                    pass
                case ast.Constant(value=str(used)):
                    pass
                case ast.Constant(value=bytes(value)):
                    used = value.decode("latin-1").strip('"')
                case _:
                    continue
            if used == name:
                uses.append(Use(path, node.lineno, name))
    return uses


def is_private(name: str) -> bool:
    """Return whether a name without dots is private.

    Examples
    --------
    >>> [n for n in ("_x", "x", "__len__", "_replace", "_repr_html_") if is_private(n)]
    ['_x']
    """
    return name.startswith("_") and not name.endswith("_") and name not in DOCUMENTED


def has_private_part(dotted: str) -> bool:
    """Return whether a part of a dotted name is private."""
    library, *parts = dotted.split(".")
    private = PRIVATE_PACKAGES.get(library, set())
    return any(is_private(part) or part in private for part in parts)


class Module:
    """The imports, classes and other names of a module."""

    def __init__(self, source: str, package: str) -> None:
        self.tree = _parsed(source)
        self.package = package
        self.imports = dict(_imports(self.tree))
        self.constants = dict(_constants(self.tree))
        self.classes: dict[str, Class] = {}
        self.defines: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ClassDef):
                bases = [self.dotted(base) or "" for base in node.bases]
                self.classes[node.name] = Class(_defined_by(node), bases)
                self.defines.update(self.classes[node.name].defines)
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                self.defines.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self.defines.add(node.id)

    def dotted(self, node: ast.AST) -> str | None:
        """Return the full name of an expression such as ``tf.Variable``."""
        match node:
            case ast.Name(id=name):
                return self.imports.get(name, name)
            case ast.Attribute(value=owner, attr=name):
                home = self.dotted(owner)
                return home and f"{home}.{name}"
            case ast.Subscript(value=value):  # Generic[T]
                return self.dotted(value)
        return None

    def variable_names(self) -> Iterator[tuple[int, str]]:
        """Yield the strings that names of Keras' variables are compared with."""
        libraries = {name.split(".")[0] for name in self.imports.values()}
        if not libraries & NETWORK_LIBRARIES:
            return
        for node in ast.walk(self.tree):
            match node:
                case ast.Compare(ast.Attribute(attr="name"), comparators=[other]):
                    if isinstance(other, ast.Name):
                        other = self.constants.get(other.id, other)
                    for part in ast.walk(other):
                        if isinstance(part, ast.Constant):
                            yield part.lineno, part.value


class Finder(ast.NodeVisitor):
    """Finds the private names in a module that the package does not define."""

    def __init__(
        self, module: Module, neighbors: list[Module], package: list[Module]
    ) -> None:
        self.module = module
        self.neighbors = neighbors
        self.classes: dict[str, list[Class]] = {}
        for other in package:
            for name, known in other.classes.items():
                self.classes.setdefault(name, []).append(known)
        self.names = set().union(*(other.defines for other in package))
        self.found: list[tuple[int, str]] = []
        self._within: list[str] = []  # the classes around the visited node
        self._annotations: list[dict[str, ast.expr]] = [{}]  # of the parameters

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        for _, dotted in _imports(node):
            if not self._is_ours(dotted) and has_private_part(dotted):
                self.found.append((node.lineno, dotted))

    visit_ImportFrom = visit_Import

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._within.append(node.name)
        self.generic_visit(node)
        self._within.pop()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        a = node.args
        annotations = {
            arg.arg: arg.annotation
            for arg in (*a.posonlyargs, *a.args, *a.kwonlyargs)
            if arg.annotation is not None
        }
        self._annotations.append({**self._annotations[-1], **annotations})
        self.generic_visit(node)
        self._annotations.pop()

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self._see_attribute(node, node.value, node.attr)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        function = (self.module.dotted(node.func) or "").split(".")[-1]
        names = [a for a in node.args if isinstance(a, ast.Constant)]
        if function in GETATTR and names and isinstance(names[0].value, str):
            self._see_attribute(names[0], node.args[0], names[0].value)
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        text = node.value
        if not isinstance(text, str):
            return
        if re.fullmatch(r"_[a-z]\w*", text):
            is_found = is_private(text) and text not in self.names
        else:
            is_path = re.fullmatch(r"[a-z]\w*(\.\w+)+", text)
            is_found = is_path and has_private_part(text) and not self._is_ours(text)
        if is_found:
            self.found.append((node.lineno, text))

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        for part in node.values:
            if not isinstance(part, ast.Constant):
                self.visit(part)

    def overrides(self) -> Iterator[tuple[int, str]]:
        """Yield what classes define although their base uses the same private name."""
        for known in self.module.classes.values():
            foreign = set().union(*map(names_of_class, self._foreign_bases(known)))
            for name, line in known.defines.items():
                if name in foreign and (is_private(name) or name == "__class__"):
                    yield line, name

    def _see_attribute(self, node: ast.expr, owner: ast.expr, name: str) -> None:
        library, *rest = (self.module.dotted(owner) or "").split(".")
        if not rest and name in PRIVATE_PACKAGES.get(library, ()):
            self.found.append((node.lineno, f"{library}.{name}"))
        elif is_private(name) and not self._defines(owner, name):
            self.found.append((node.lineno, name))

    def _defines(self, owner: ast.expr, name: str) -> bool:
        """Return whether the owner is of a class of the package that has the name."""
        match owner:
            case ast.Name(id="self" | "cls") | ast.Call(func=ast.Name(id="super")):
                return bool(self._within) and self._has(self._within[-1], name)
            case ast.Name(id=parameter) if parameter in self._annotations[-1]:
                return self._annotated(self._annotations[-1][parameter], name)
        return self._has(self.module.dotted(owner) or "", name)

    def _annotated(self, annotation: ast.expr, name: str) -> bool:
        """Return whether a class that an annotation names has the name.

        An object of any type may be of any class in the same part of the package.
        """
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            annotation = ast.parse(annotation.value, mode="eval").body
        kinds = {
            self.module.dotted(part) or ""
            for part in ast.walk(annotation)
            if isinstance(part, ast.Name | ast.Attribute)
        }
        if "typing.Any" in kinds:
            return any(name in module.defines for module in self.neighbors)
        return any(self._has(kind, name) for kind in kinds)

    def _has(self, dotted: str, name: str) -> bool:
        """Return whether a class of the package or one of its bases defines a name."""
        return any(
            name in known.defines or any(self._has(base, name) for base in known.bases)
            for known in self._ours(dotted)
        )

    def _foreign_bases(self, known: Class) -> Iterator[str]:
        for base in known.bases:
            if not self._ours(base):
                yield base
            for parent in self._ours(base):
                yield from self._foreign_bases(parent)

    def _ours(self, dotted: str) -> list[Class]:
        """Return the classes of the package that a dotted name may stand for."""
        if "." in dotted and not self._is_ours(dotted):
            return []
        return self.classes.get(dotted.split(".")[-1], [])

    def _is_ours(self, dotted: str) -> bool:
        return dotted.split(".")[0] == self.module.package


@cache
def names_of_class(dotted: str) -> frozenset[str]:
    """Return the names that a class or a base defines, sets or reads on ``self``."""
    kind = locate(dotted)
    names = {"__class__"}
    for base in kind.__mro__[:-1] if isinstance(kind, type) else ():
        names.update(vars(base))
        try:
            source = textwrap.dedent(inspect.getsource(base))
        except (OSError, TypeError):  # the class is not written in Python
            continue
        names.update(
            node.attr
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "self"
        )
    return frozenset(names)


def _imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield the local and the full name of each import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.asname or alias.name, alias.name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _constants(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Yield the names and the values of the assignments at the top of a module."""
    for node in tree.body:
        match node:
            case ast.Assign([ast.Name(name)], value):
                yield name, value
            case ast.Assign([ast.Tuple(targets)], ast.Tuple(values)):
                yield from zip(map(ast.unparse, targets), values, strict=True)


def _defined_by(kind: ast.ClassDef) -> dict[str, int]:
    """Return the line in which a class defines each of its names."""
    names = {}
    for node in kind.body:
        match node:
            case ast.FunctionDef(name=name):
                names[name] = node.lineno
            case ast.Assign(targets=targets):
                names |= {t.id: node.lineno for t in targets if isinstance(t, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name)):
                names[name] = node.lineno
    for node in ast.walk(kind):
        match node:
            case ast.Attribute(value=ast.Name("self"), attr=name, ctx=ast.Store()):
                names.setdefault(name, node.lineno)
    return names
