"""Loading and downloading of the MNIST handwritten digits."""

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

:Number of images: 60,000 for training and 10,000 for testing
:Size of an image: 28 x 28 pixels, whole numbers from 0 (paper) to 255 (ink)
:Classes: 10, the digits 0 to 9
:Creators: Yann LeCun, Corinna Cortes, Christopher J. C. Burges
:Source: http://yann.lecun.com/exdb/mnist/
:License: Creative Commons Attribution-Share Alike 3.0 (CC BY-SA 3.0)

The digits were written by employees of the United States Census Bureau and by
high school students: about 250 writers for each of the two sets, which have no
writer in common. They come from Special Databases 1 and 3 of NIST. Each digit was
scaled to fit into a box of 20 x 20 pixels without changing its aspect ratio, and
moved so that its center of mass lies in the middle of the image. The images are in
their original order.

Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to
document recognition", Proceedings of the IEEE, 86(11):2278-2324, 1998.
"""


class _Source(NamedTuple):
    """An array on disk: an IDX file, or an array in an npz archive."""

    path: Path
    key: str | None

    def load(self) -> NDArray[Any]:
        if self.key is None:
            return load_idx(self.path)
        return read_npz_array(self.path, self.key)

    def __str__(self) -> str:
        return repr(str(self.path)) + ("" if self.key is None else f" ({self.key})")


def _find_idx(folder: Path, stem: str) -> Path | None:
    """Return the IDX file in either spelling, compressed with gzip or not."""
    for name in (stem, stem.replace("-idx", ".idx")):
        for suffix in ("", ".gz"):
            path = folder / (name + suffix)
            if path.is_file():
                return path
    return None


def _idx_folders(data_home: Path) -> list[Path]:
    """Return the folders that may hold IDX files, including those of torchvision."""
    folders = [data_home, data_home / "MNIST" / "raw"]
    # Folders of other data sets, such as FashionMNIST, hold files with the same names.
    if data_home.resolve().name == "MNIST":
        folders.append(data_home / "raw")
    return folders


def _find(data_home: Path, part: str) -> tuple[_Source, _Source] | None:
    """Return the images and the labels of a part of MNIST, or None if missing."""
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
            f"{labels_source} must hold at least one label, as integers of shape "
            f"(n_samples,); got {labels.dtype} of shape {labels.shape}."
        )
    if labels.min() < 0 or labels.max() > 9:
        raise ValueError(
            f"{labels_source} must hold labels from 0 to 9; got labels from "
            f"{labels.min()} to {labels.max()}."
        )
    images = images_source.load()
    if images.dtype != np.uint8 or images.shape != (len(labels), 28, 28):
        raise ValueError(
            f"{images_source} must hold uint8 images of shape ({len(labels)}, 28, 28), "
            f"one for each label in {labels_source}; got {images.dtype} of shape "
            f"{images.shape}."
        )
    return np.ascontiguousarray(images), labels.astype(np.int64)


def _download(folder: Path, n_retries: int) -> None:
    """Download the archive to `folder`, leaving no file behind if that fails."""
    import pooch

    # pooch writes to a temporary file in the same folder and renames it after
    # comparing its checksum.
    fetcher = pooch.create(
        path=folder,
        base_url="",
        registry={_ARCHIVE: f"sha256:{_SHA256}"},
        urls={_ARCHIVE: _URL},
        retry_if_failed=n_retries,
    )
    try:
        fetcher.fetch(_ARCHIVE, downloader=pooch.HTTPDownloader(timeout=_TIMEOUT))
    # pooch raises a ValueError for a wrong checksum, scikit-learn an OSError.
    except (OSError, ValueError) as error:
        raise OSError(
            f"Could not download MNIST from {_URL} to {str(folder)!r}: {error} "
            f"You can also put {_ARCHIVE} or the four IDX files there yourself."
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

    The function looks for these files in `data_home`, in this order:

    1. ``mnist.npz`` in the layout of Keras, with the arrays ``x_train``, ``y_train``,
       ``x_test`` and ``y_test``;
    2. the original IDX files ``train-images-idx3-ubyte``, ``train-labels-idx1-ubyte``,
       ``t10k-images-idx3-ubyte`` and ``t10k-labels-idx1-ubyte``, compressed with gzip
       or not. Their names may have a dot, as in ``train-images.idx3-ubyte``. They may
       also lie where torchvision puts them: in the subfolder ``MNIST/raw``, or in
       ``raw`` if `data_home` itself is named ``MNIST``.

    If it finds neither, it downloads ``mnist.npz`` (11 MB) to `data_home` and verifies
    its SHA-256 checksum.

    Parameters
    ----------
    subset : {"train", "test", "all"}, default="train"
        The images to load: the 60,000 training images, the 10,000 test images, or both
        with the training images first. Only the files of this subset are read.
    data_home : str or path-like, default=None
        The folder to read the data from or download it to; created if it does not
        exist. If None, the folder in the environment variable ``SKDIGITS_DATA``, or, if
        it is not set, the data folder of scikit-learn
        (:func:`sklearn.datasets.get_data_home`).
    download_if_missing : bool, default=True
        If False, raise an OSError instead of downloading data that is missing.
    n_retries : int, default=3
        Number of retries when the download fails.
    return_X_y : bool, default=False
        If True, return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    mnist : :class:`~sklearn.utils.Bunch`
        Dictionary-like object, with the following attributes.

        images : ndarray of shape (n_samples, 28, 28), dtype uint8
            The images in their original order, with white ink on black: 0 is paper and
            255 is ink.
        data : ndarray of shape (n_samples, 784), dtype uint8
            The flattened images: a view of `images`.
        target : ndarray of shape (n_samples,), dtype int64
            The labels, 0 to 9.
        feature_names : list of str
            The names of the pixels, ``pixel_0_0`` to ``pixel_27_27``: row, then column.
        target_names : ndarray of shape (10,)
            The names of the classes, 0 to 9.
        DESCR : str
            Description, source and license of the data.

    (data, target) : tuple if ``return_X_y`` is True
        The arrays `data` and `target`.

    Raises
    ------
    OSError
        If the data is missing and `download_if_missing` is False, or if the download
        fails or has the wrong checksum. A failed download leaves no file behind.
    ValueError
        If `subset` or `n_retries` is invalid, or if a file is damaged or does not hold
        images and labels like those of MNIST. The message names the parameter or the
        file.

    See Also
    --------
    load_idx : Load an IDX file.
    sklearn.datasets.load_digits : Load 1,797 digits of 8 x 8 pixels without a download.

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
    ``fetch_mnist()`` needs no arguments. To avoid the download, this example writes two
    blank test images with the labels 7 and 2 to a folder and loads them.

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
            f"subset must be one of 'all', 'test', 'train'; got {subset!r}."
        )
    if n_retries < 0:
        raise ValueError(f"n_retries must be at least 0; got {n_retries!r}.")
    parts = _SUBSETS[subset]
    folder = Path(get_data_home(data_home or os.environ.get("SKDIGITS_DATA") or None))

    sources = [_find(folder, part) for part in parts]
    if None in sources:
        if not download_if_missing:
            raise OSError(
                f"MNIST was not found: {str(folder)!r} must hold {_ARCHIVE} or the IDX "
                "files (train-images-idx3-ubyte and so on, which may be in MNIST/raw). "
                "Pass download_if_missing=True to download it."
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
