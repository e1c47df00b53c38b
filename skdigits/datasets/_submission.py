"""Saving of predicted digits for Kaggle's "Digit Recognizer"."""

import os

import numpy as np
from numpy.typing import ArrayLike

from skdigits._utils import write_whole

# The digits as NumPy writes them, as integers or as floats.
_TEXTS = {f"{digit}{end}": digit for digit in range(10) for end in ("", ".0")}


def _check_digits(labels: ArrayLike) -> list[int]:
    """Return labels as integers from 0 to 9."""
    array = np.asarray(labels)
    if array.ndim != 1:
        hint = ""
        if array.ndim == 2:
            hint = " Pass predict(X), or argmax(axis=1) of probabilities of 0 to 9."
        raise ValueError(
            f"labels must be a 1d array of digits; got shape {array.shape}.{hint}"
        )
    if not array.size:
        raise ValueError("labels must hold at least one digit; got none.")
    texts = array.astype(str).tolist()
    for i, text in enumerate(texts):
        if text not in _TEXTS:
            raise ValueError(
                f"labels must hold the digits 0 to 9; got {text} at index {i}."
            )
    return [_TEXTS[text] for text in texts]


def save_submission(path: str | os.PathLike[str], labels: ArrayLike) -> None:
    """Save predicted digits as a submission to Kaggle's "Digit Recognizer".

    The file has the columns ``ImageId``, counted from 1, and ``Label``. Like
    ``numpy.savetxt`` and ``DataFrame.to_csv``, the function replaces a file that
    exists. If it raises an error, it leaves that file unchanged.

    Parameters
    ----------
    path : str or path-like
        The file to write, such as ``"submission.csv"``. Its folder must exist.
    labels : array-like of shape (n_samples,)
        The predicted digits, 0 to 9, in the order of the images in ``test.csv`` (28,000
        in the competition): integers, floats such as 7.0, or text such as "7".

    Raises
    ------
    TypeError
        If `path` is neither a string nor path-like.
    ValueError
        If `labels` is empty, has another number of dimensions than one, as
        probabilities do, or holds anything else than digits. The message names the
        first such label.
    OSError
        If the file cannot be written, as Python raises it (FileNotFoundError,
        PermissionError and so on).

    See Also
    --------
    load_pixel_csv : Load the ``train.csv`` and ``test.csv`` of the competition.

    References
    ----------
    .. [1] Kaggle, "Digit Recognizer",
           https://www.kaggle.com/competitions/digit-recognizer/overview

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skdigits.datasets import save_submission
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "submission.csv"
    ...     save_submission(path, [2, 0, 9])
    ...     print(path.read_text())
    ImageId,Label
    1,2
    2,0
    3,9
    """
    if not isinstance(path, str | os.PathLike):
        raise TypeError(
            f"path must be a string or path-like; got {type(path).__name__}."
        )
    digits = _check_digits(labels)
    lines = ["ImageId,Label", *(f"{i},{digit}" for i, digit in enumerate(digits, 1))]
    write_whole(path, lambda: "\n".join(lines) + "\n")
