"""Copies of attributes, as far as they can be copied."""

import io
import pickle
from types import FunctionType
from typing import Any, NamedTuple


class Copy(NamedTuple):
    """What was pickled, but for arrays, functions and classes, which stay the same."""

    pickled: bytes
    arrays: list[pickle.PickleBuffer]
    functions: list[Any]

    @classmethod
    def of(cls, value: Any) -> "Copy | None":
        """Return a copy, or None of what has none, such as a file."""
        file = io.BytesIO()
        arrays: list[pickle.PickleBuffer] = []
        pickler = _Pickler(file, protocol=5, buffer_callback=arrays.append)
        try:
            pickler.dump(value)
        except Exception:  # of any kind, from whatever the value consists of
            return None
        return cls(file.getvalue(), arrays, pickler.functions)

    def load(self) -> Any:
        """Return the value as it was."""
        return _Unpickler(self).load()


class _Pickler(pickle.Pickler):
    """Pickles a function or a class, be it a local one, as a number."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.functions: list[Any] = []

    def persistent_id(self, value: Any) -> int | None:
        """Return the number, and None of anything else."""
        if not isinstance(value, FunctionType | type):
            return None
        self.functions.append(value)
        return len(self.functions) - 1


class _Unpickler(pickle.Unpickler):
    """Knows the functions and classes by their numbers."""

    def __init__(self, copy: Copy) -> None:
        super().__init__(io.BytesIO(copy.pickled), buffers=copy.arrays)
        self.functions = copy.functions

    def persistent_load(self, number: Any) -> Any:
        """Return the function or class of a number."""
        return self.functions[number]
