"""Save reports to files that are either complete or left unchanged."""

import json
import os
from collections.abc import Callable
from typing import Any

from skdigits._utils import write_whole


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
