"""Files that are complete or not there."""

import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory


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
