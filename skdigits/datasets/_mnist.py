"""The MNIST handwritten digits."""

import os
from pathlib import Path
from typing import Any, Literal, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import get_data_home
from sklearn.utils import Bunch

from skdigits.datasets._idx import load_idx
from skdigits.datasets._npz import read_npz_array

_ARCHIVE = "mnist.npz"
_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
_SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
_TIMEOUT = 30

_SUBSETS = {"train": ("train",), "test": ("test",), "all": ("train", "test")}
_IDX_STEMS = {"train": "train", "test": "t10k"}

_DESCR = """\
MNIST handwritten digits
------------------------

:Number of images: 60,000 to train with and 10,000 to test with
:Size of an image: 28 x 28 pixels, whole numbers from 0 (paper) to 255 (ink)
:Classes: 10, the digits 0 to 9
:Creators: Yann LeCun, Corinna Cortes, Christopher J. C. Burges
:Source: http://yann.lecun.com/exdb/mnist/
:Licence: Creative Commons Attribution-Share Alike 3.0 (CC BY-SA 3.0)

The digits were written by employees of the United States Census Bureau and by
high school students, about 250 writers for each of the two sets and no writer in
both. They come from Special Databases 1 and 3 of NIST. Each was scaled to fit a
box of 20 x 20 pixels with its aspect ratio kept, and its centre of mass was put
in the middle of the image. The order of the images is the original one.

Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to
document recognition", Proceedings of the IEEE, 86(11):2278-2324, 1998.
"""


class _Source(NamedTuple):
    """One array on disk: an IDX file, or one key of an npz archive."""

    path: Path
    key: str | None

    def load(self) -> NDArray[Any]:
        if self.key is None:
            return load_idx(self.path)
        return read_npz_array(self.path, self.key)

    def __str__(self) -> str:
        return repr(str(self.path)) + ("" if self.key is None else f" ({self.key})")


def _find_idx(folder: Path, stem: str) -> Path | None:
    """Return the IDX file of either spelling, gzipped or not."""
    for name in (stem, stem.replace("-idx", ".idx")):
        for suffix in ("", ".gz"):
            path = folder / (name + suffix)
            if path.is_file():
                return path
    return None


def _idx_folders(data_home: Path) -> list[Path]:
    """Return where IDX files may lie, also as torchvision keeps them."""
    folders = [data_home, data_home / "MNIST" / "raw"]
    # Folders of other data sets, such as FashionMNIST, hold files of the same names.
    if data_home.resolve().name == "MNIST":
        folders.append(data_home / "raw")
    return folders


def _find(data_home: Path, part: str) -> tuple[_Source, _Source] | None:
    """Return where the images and labels of one part are, if they are there."""
    archive = data_home / _ARCHIVE
    if archive.is_file():
        return _Source(archive, f"x_{part}"), _Source(archive, f"y_{part}")
    for folder in _idx_folders(data_home):
        images = _find_idx(folder, f"{_IDX_STEMS[part]}-images-idx3-ubyte")
        labels = _find_idx(folder, f"{_IDX_STEMS[part]}-labels-idx1-ubyte")
        if images is not None and labels is not None:
            return _Source(images, None), _Source(labels, None)
    return None


def _load_part(
    images_source: _Source, labels_source: _Source
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    labels = labels_source.load()
    if labels.ndim != 1 or labels.dtype.kind not in "iu" or not labels.size:
        raise ValueError(
            f"{labels_source} holds {labels.dtype} of shape {labels.shape}, expected "
            "labels: integers of shape (n,), at least one."
        )
    if labels.min() < 0 or labels.max() > 9:
        raise ValueError(
            f"{labels_source} holds labels from {labels.min()} to {labels.max()}, "
            "expected the digits 0 to 9."
        )
    images = images_source.load()
    if images.dtype != np.uint8 or images.shape != (len(labels), 28, 28):
        raise ValueError(
            f"{images_source} holds {images.dtype} of shape {images.shape}, expected "
            f"images: uint8 of shape ({len(labels)}, 28, 28), one for each label in "
            f"{labels_source}."
        )
    return np.ascontiguousarray(images), labels.astype(np.int64)


def _download(folder: Path, n_retries: int) -> None:
    """Put the archive into `folder`, complete and checked or not at all."""
    import pooch

    # pooch writes to a temporary file in the same folder, compares its checksum
    # and only then renames it.
    fetcher = pooch.create(
        path=folder,
        base_url="",
        registry={_ARCHIVE: f"sha256:{_SHA256}"},
        urls={_ARCHIVE: _URL},
        retry_if_failed=n_retries,
    )
    try:
        fetcher.fetch(_ARCHIVE, downloader=pooch.HTTPDownloader(timeout=_TIMEOUT))
    # A wrong checksum is a ValueError in pooch, an OSError in scikit-learn.
    except (OSError, ValueError) as error:
        raise OSError(
            f"Could not download MNIST from {_URL} to {str(folder)!r}: {error} "
            f"You can put {_ARCHIVE} or the four IDX files there by other means."
        ) from None


@overload
def fetch_mnist(
    *,
    subset: Literal["train", "test", "all"] = ...,
    data_home: str | os.PathLike[str] | None = ...,
    download_if_missing: bool = ...,
    n_retries: int = ...,
    return_X_y: Literal[False] = ...,
) -> Bunch: ...
@overload
def fetch_mnist(
    *,
    subset: Literal["train", "test", "all"] = ...,
    data_home: str | os.PathLike[str] | None = ...,
    download_if_missing: bool = ...,
    n_retries: int = ...,
    return_X_y: Literal[True],
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]: ...
def fetch_mnist(
    *,
    subset: Literal["train", "test", "all"] = "train",
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    n_retries: int = 3,
    return_X_y: bool = False,
) -> Bunch | tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Load the MNIST handwritten digits, downloading them if necessary.

    =================   ==========================
    Classes                                     10
    Samples total       60000 (train) 10000 (test)
    Dimensionality                             784
    Features                        integers 0-255
    =================   ==========================

    The data is taken from the first of these that `data_home` holds: ``mnist.npz``
    as Keras has it (arrays ``x_train``, ``y_train``, ``x_test``, ``y_test``), or
    the original IDX files (``train-images-idx3-ubyte``,
    ``train-labels-idx1-ubyte``, ``t10k-images-idx3-ubyte``,
    ``t10k-labels-idx1-ubyte``, also spelled ``train-images.idx3-ubyte`` and so
    on), compressed with gzip or not. The IDX files are also found where torchvision
    puts them: in ``MNIST/raw`` below `data_home`, or in ``raw`` if `data_home` is that
    folder ``MNIST``. If neither is there, ``mnist.npz`` (11 MB) is downloaded, checked
    against its SHA-256 and kept in `data_home`.

    Parameters
    ----------
    subset : {"train", "test", "all"}, default="train"
        Which images to load: the 60,000 training images, the 10,000 test images,
        or both with the training images first. Only what is asked for is read.
    data_home : str or path-like, default=None
        The folder that holds the data or receives it; it is made if it does not
        exist. By default the folder that the environment variable
        ``SKDIGITS_DATA`` names, or else scikit-learn's own data folder, see
        :func:`sklearn.datasets.get_data_home`.
    download_if_missing : bool, default=True
        If False, raise an OSError if the data is not locally available instead of
        trying to download it.
    n_retries : int, default=3
        Number of retries when the download fails.
    return_X_y : bool, default=False
        If True, return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    mnist : :class:`~sklearn.utils.Bunch`
        Dictionary-like object, with the following attributes.

        images : ndarray of shape (n, 28, 28), dtype uint8
            The images in their original order, white ink on black: 0 is paper and
            255 is ink.
        data : ndarray of shape (n, 784), dtype uint8
            The same pixels, one image a row: a view of `images`.
        target : ndarray of shape (n,), dtype int64
            The digits, 0 to 9.
        feature_names : list of str
            ``pixel_0_0`` to ``pixel_27_27``, by row and column.
        target_names : ndarray of shape (10,)
            The names of the classes, 0 to 9.
        DESCR : str
            Description, source and licence of the data.

    (data, target) : tuple if ``return_X_y`` is True
        The two arrays of that name.

    Raises
    ------
    OSError
        If the data is not there and `download_if_missing` is False, or if the
        download fails or has the wrong checksum; nothing incomplete is left
        behind.
    ValueError
        If `subset` is none of the above or `n_retries` is negative, or if a file
        that is there is damaged or does not hold MNIST's kind of images and labels.
        The message names the parameter or the file.

    See Also
    --------
    load_idx : Load one IDX file.
    sklearn.datasets.load_digits : 1,797 digits of 8 x 8 pixels, without download.

    References
    ----------
    .. [1] Y. LeCun, C. Cortes and C. J. C. Burges, "The MNIST database of
           handwritten digits", http://yann.lecun.com/exdb/mnist/, under
           CC BY-SA 3.0.
    .. [2] Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning
           applied to document recognition", Proceedings of the IEEE,
           86(11):2278-2324, 1998.

    Examples
    --------
    ``fetch_mnist()`` needs no argument. Here a folder with two blank test images,
    labelled 7 and 2, stands in for the real data.

    >>> import tempfile
    >>> from pathlib import Path
    >>> from skdigits.datasets import fetch_mnist
    >>> images = bytes.fromhex("00000803 00000002 0000001c 0000001c") + bytes(2 * 784)
    >>> labels = bytes.fromhex("00000801 00000002") + bytes([7, 2])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "t10k-images-idx3-ubyte").write_bytes(images)
    ...     _ = Path(folder, "t10k-labels-idx1-ubyte").write_bytes(labels)
    ...     mnist = fetch_mnist(subset="test", data_home=folder)
    >>> mnist.images.shape, mnist.data.shape, mnist.target
    ((2, 28, 28), (2, 784), array([7, 2]))
    """
    if subset not in _SUBSETS:
        raise ValueError(
            f"The 'subset' parameter must be one of {sorted(_SUBSETS)}, got {subset!r}."
        )
    if n_retries < 0:
        raise ValueError(
            f"The 'n_retries' parameter must be at least 0, got {n_retries!r}."
        )
    parts = _SUBSETS[subset]
    folder = Path(get_data_home(data_home or os.environ.get("SKDIGITS_DATA") or None))

    sources = [_find(folder, part) for part in parts]
    if None in sources:
        if not download_if_missing:
            raise OSError(
                f"MNIST ({subset}) was not found in {str(folder)!r}: expected "
                f"{_ARCHIVE} or the IDX files (train-images-idx3-ubyte and so on), "
                "there or in MNIST/raw, and download_if_missing is False."
            )
        _download(folder, n_retries)
        sources = [_find(folder, part) for part in parts]

    loaded = [_load_part(*source) for source in sources if source is not None]
    images, target = loaded[0]
    if len(loaded) > 1:
        images = np.concatenate([part[0] for part in loaded])
        target = np.concatenate([part[1] for part in loaded])
    data = images.reshape(len(images), -1)
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        feature_names=[f"pixel_{i}_{j}" for i in range(28) for j in range(28)],
        target_names=np.arange(10),
        images=images,
        DESCR=_DESCR,
    )
