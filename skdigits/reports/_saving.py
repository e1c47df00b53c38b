"""Save reports to files that are either complete or left unchanged."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any


def save_report(
    path: str | os.PathLike,
    as_page: Callable[[], str],
    as_dict: Callable[[], dict[str, Any]],
) -> None:
    """Save a report as HTML or JSON, depending on the suffix of the path.

    Raises
    ------
    ValueError
        If the path has another suffix.
    """
    suffix = os.path.splitext(os.fspath(path))[1].lower()
    if suffix == ".html":
        write_whole(path, as_page)
    elif suffix == ".json":
        write_whole(path, lambda: json.dumps(as_dict(), indent=1, allow_nan=False))
    else:
        raise ValueError(
            f"path must end in '.html' or '.json'; got {os.fspath(path)!r}."
        )


def write_whole(path: str | os.PathLike, make: Callable[[], str]) -> None:
    """Write text to a file, and leave the file unchanged if that fails.

    Raises
    ------
    FileNotFoundError
        If the folder does not exist; `make` is not called then.
    """
    target = Path(path)
    if not target.parent.is_dir():
        raise FileNotFoundError(
            f"path must be in an existing folder; got {os.fspath(path)!r}."
        )
    text = make()
    with TemporaryDirectory(dir=target.parent, prefix=".skdigits-") as folder:
        part = Path(folder, target.name)
        part.write_text(text, "utf-8")
        part.replace(target)
