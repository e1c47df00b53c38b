"""Copies of attributes that may hold values that cannot be copied."""

import io
import pickle
from types import FunctionType
from typing import Any, NamedTuple


class Copy(NamedTuple):
    """A pickled value, which shares its arrays, functions and classes with the copy."""

    pickled: bytes
    arrays: list[pickle.PickleBuffer]
    functions: list[Any]

    @classmethod
    def of(cls, value: Any) -> "Copy | None":
        """Return a copy, or None if there cannot be one, as of an open file."""
        file = io.BytesIO()
        arrays: list[pickle.PickleBuffer] = []
        pickler = _Pickler(file, protocol=5, buffer_callback=arrays.append)
        try:
            pickler.dump(value)
        except Exception:  # any error that a part of the value raises
            return None
        return cls(file.getvalue(), arrays, pickler.functions)

    def load(self) -> Any:
        """Return a new copy of the value."""
        return _Unpickler(self).load()


class _Pickler(pickle.Pickler):
    """Pickle functions and classes, including local ones, as numbers."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.functions: list[Any] = []

    def persistent_id(self, value: Any) -> int | None:
        """Return the number of a function or a class, and None for other values."""
        if not isinstance(value, FunctionType | type):
            return None
        self.functions.append(value)
        return len(self.functions) - 1


class _Unpickler(pickle.Unpickler):
    """Load functions and classes by their numbers."""

    def __init__(self, copy: Copy) -> None:
        super().__init__(io.BytesIO(copy.pickled), buffers=copy.arrays)
        self.functions = copy.functions

    def persistent_load(self, number: Any) -> Any:
        """Return the function or class with a number."""
        return self.functions[number]
