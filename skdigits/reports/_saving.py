"""Files that are complete or not there."""

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
    """Write a report to a file, as a page or as JSON, by the end of its name.

    Raises
    ------
    ValueError
        If the name ends otherwise.
    """
    suffix = os.path.splitext(os.fspath(path))[1].lower()
    if suffix == ".html":
        write_whole(path, as_page)
    elif suffix == ".json":
        write_whole(path, lambda: json.dumps(as_dict(), indent=1, allow_nan=False))
    else:
        raise ValueError(
            f"A report is saved as '.html' or '.json', got {os.fspath(path)!r}."
        )


def write_whole(path: str | os.PathLike, make: Callable[[], str]) -> None:
    """Write a text to a file, which is left as it was until the text is complete.

    Raises
    ------
    FileNotFoundError
        If the folder is not there; nothing is made then.
    """
    target = Path(path)
    if not target.parent.is_dir():
        raise FileNotFoundError(
            f"There is no folder {str(target.parent)!r} to save {target.name!r} in."
        )
    text = make()
    with TemporaryDirectory(dir=target.parent, prefix=".skdigits-") as folder:
        part = Path(folder, target.name)
        part.write_text(text, "utf-8")
        part.replace(target)
