"""Ready-made pipelines, each for one purpose.

Everything in them was chosen by the accuracy on the last 10,000 of the 60,000 training
images of MNIST. :doc:`/choosing_recipes` lists what was tried.
"""

from numbers import Integral
from typing import Any

import numpy as np
from sklearn.ensemble import VotingClassifier
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state

from skdigits._pipeline import make_digit_pipeline
from skdigits.estimators._fast_cnn import make_fast_cnn
from skdigits.preprocessing import DigitAugmenter

# Pooled early, so that the second and the third convolution, which take most of the
# time, see a quarter of the pixels.
_DEEP_CNN: dict[str, Any] = {
    "filters": (32, (64, 64), 128),
    "kernel_size": (5, 3, 3, 3),
    "hidden_layer_sizes": (256,),
    "dropout": (0.0, 0.1, 0.2, 0.4),
    "learning_rate": 0.003,
    "learning_rate_schedule": "one_cycle",
    "label_smoothing": 0.05,
    "epochs": 13,
    "batch_size": 128,
    "test_time_augmentation": 8,
}


def fast_cnn(random_state: int | np.random.RandomState | None = None) -> Pipeline:
    """Make a pipeline that learns to read MNIST in seconds.

    It is a small convolutional network. It sees each of the 60,000 images of MNIST
    twice, in one cycle of the learning rate, and reads about 99 % of the test images.
    With fewer images, train it for more epochs:
    ``fast_cnn().set_params(cnnclassifier__epochs=10)``.

    Parameters
    ----------
    random_state : int, RandomState instance or None, default=None
        Seed of the classifier.

    Returns
    -------
    pipeline : sklearn.pipeline.Pipeline
        A `skdigits.preprocessing.PixelScaler` and a
        `skdigits.estimators.CNNClassifier`. It takes images of at least 16 x 16 pixels,
        of shape (n_samples, n_features), (n_samples, height, width) or (n_samples,
        height, width, 1), uint8 in 0-255 or any other range.

    See Also
    --------
    accurate_cnn : Slower, and more accurate.

    Notes
    -----
    After a fit on the 60,000 training images of MNIST, it read 99.23 % of the test
    images: the mean of three seeds, from 99.22 to 99.24. The fit took 0.6 times as long
    as an epoch of Keras' own MNIST example, on a processor with matrix units.

    The idea and the settings of Adam are those of "How to train a CNN to 99% accuracy
    on MNIST in less than a second on a laptop", github.com/tuomaso/train_mnist_fast.
    The network is like LeNet: convolutions of 8 and 24 filters of 5 x 5 pixels, each
    with a pool, and a dense layer of 256 units. Two epochs of it are faster than one
    epoch of a network of twice the width, and the accuracy is higher.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_digits
    >>> from skdigits.recipes import fast_cnn
    >>> digits = load_digits()
    >>> images = np.kron(digits.images, np.ones((1, 2, 2)))  # 16 x 16 pixels
    >>> pipe = fast_cnn(random_state=0).set_params(cnnclassifier__epochs=5)
    >>> pipe.fit(images, digits.target).score(images, digits.target) > 0.9
    True
    """
    return make_digit_pipeline(make_fast_cnn(random_state=random_state))


def accurate_cnn(random_state: int | np.random.RandomState | None = None) -> Pipeline:
    """Make a pipeline that reads MNIST as well as one network can in minutes.

    Its network has four convolutions, two of them as a pair before one pool. It is
    trained with data augmentation, label smoothing and one cycle of the learning rate.
    Its predictions are the mean over an image and eight changed copies.

    Parameters
    ----------
    random_state : int, RandomState instance or None, default=None
        Seed of the classifier.

    Returns
    -------
    pipeline : sklearn.pipeline.Pipeline
        A `skdigits.preprocessing.PixelScaler` and a
        `skdigits.estimators.CNNClassifier`.
        It takes images of shape (n_samples, n_features), (n_samples, height, width) or
        (n_samples, height, width, 1), uint8 in 0-255 or any other range.

    See Also
    --------
    fast_cnn : Takes seconds.
    ensemble : Several of these networks.
    robust_cnn : For digits that are not like those of MNIST.

    Notes
    -----
    After a fit on the 60,000 training images of MNIST, it read 99.67 % of the test
    images: the mean of ten seeds, from 99.63 to 99.73. The fit took as long as 16
    epochs of Keras' own MNIST example on a processor with matrix units, and 24 on one
    with AVX-512.

    Each prediction takes nine times as long as one without the copies:
    ``set_params(cnnclassifier__test_time_augmentation=0)`` leaves them out, also after
    the training.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skdigits.recipes import accurate_cnn
    >>> digits = load_digits()
    >>> pipe = accurate_cnn(random_state=0).set_params(cnnclassifier__epochs=2)
    >>> pipe.fit(digits.images, digits.target).score(digits.images, digits.target) > 0.5
    True
    """
    return make_digit_pipeline(
        "cnn", **_DEEP_CNN, augmentation=0.5, random_state=random_state
    )


def robust_cnn(random_state: int | np.random.RandomState | None = None) -> Pipeline:
    """Make a pipeline that learns from MNIST to read digits from elsewhere.

    It is the network of `accurate_cnn`, trained for longer, on copies that have habits
    of other writers, parts of neighbors, and boxes that are stretched to squares. The
    images to read must have the geometry of MNIST, which
    :func:`~skdigits.make_reader_pipeline` gives them:
    ``make_reader_pipeline(robust_cnn())`` reads digits from paper and screens.

    Parameters
    ----------
    random_state : int, RandomState instance or None, default=None
        Seed of the classifier.

    Returns
    -------
    pipeline : sklearn.pipeline.Pipeline
        A `skdigits.preprocessing.PixelScaler` and a
        `skdigits.estimators.CNNClassifier`.
        It takes images of shape (n_samples, n_features), (n_samples, height, width) or
        (n_samples, height, width, 1), uint8 in 0-255 or any other range.

    See Also
    --------
    accurate_cnn : For digits like those it was trained on.
    skdigits.make_reader_pipeline : Puts a normalizer in front of a pipeline.

    Notes
    -----
    After a fit on the 60,000 training images of MNIST, two seeds read 99.56 % of the
    test images, 99.56 % of the 7,291 training images of USPS, and 94.6 % of 4,898
    digits that were cut out of the amounts of checks. :ref:`from_a_photo` has more
    figures. A fit takes 1.6 times as long as one of `accurate_cnn`.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skdigits.recipes import robust_cnn
    >>> digits = load_digits()
    >>> pipe = robust_cnn(random_state=0).set_params(cnnclassifier__epochs=2)
    >>> pipe.fit(digits.images, digits.target).score(digits.images, digits.target) > 0.5
    True
    """
    return make_digit_pipeline(
        "cnn",
        **_DEEP_CNN | {"epochs": 20},
        augmentation=DigitAugmenter(0.5, habits=0.8, neighbors=0.3, stretch=0.3),
        random_state=random_state,
    )


def accurate_ann(random_state: int | np.random.RandomState | None = None) -> Pipeline:
    """Make a pipeline that reads MNIST as well as dense layers can in minutes.

    It is trained with data augmentation, label smoothing and one cycle of the learning
    rate, and its predictions are the mean over an image and eight changed copies.

    Parameters
    ----------
    random_state : int, RandomState instance or None, default=None
        Seed of the classifier.

    Returns
    -------
    pipeline : sklearn.pipeline.Pipeline
        A `skdigits.preprocessing.PixelScaler` and an
        `skdigits.estimators.ANNClassifier`.
        It takes images of shape (n_samples, n_features), (n_samples, height, width) or
        (n_samples, height, width, 1), uint8 in 0-255 or any other range.

    See Also
    --------
    accurate_cnn : Convolutional layers, which are more accurate.

    Notes
    -----
    After a fit on the 60,000 training images of MNIST, it read 99.33 % of the test
    images: the mean of five seeds, from 99.25 to 99.38. The fit took as long as 9
    epochs of Keras' own MNIST example, on a processor with AVX-512.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skdigits.recipes import accurate_ann
    >>> digits = load_digits()
    >>> pipe = accurate_ann(random_state=0).set_params(annclassifier__epochs=2)
    >>> pipe.fit(digits.images, digits.target).score(digits.images, digits.target) > 0.5
    True
    """
    return make_digit_pipeline(
        "ann",
        hidden_layer_sizes=(1024, 1024, 512),
        dropout=(0.1, 0.2, 0.2),
        learning_rate=0.002,
        learning_rate_schedule="one_cycle",
        epochs=28,
        batch_size=128,
        augmentation=0.5,
        test_time_augmentation=8,
        random_state=random_state,
    )


def ensemble(
    n_networks: int = 5,
    *,
    random_state: int | np.random.RandomState | None = None,
    n_jobs: int | None = None,
) -> Pipeline:
    """Make a pipeline in which several networks vote.

    The networks are those of `accurate_cnn`, each with a seed of its own and trained
    for 30 epochs: networks that err less also vote better. Their mean probability
    decides, as in `sklearn.ensemble.VotingClassifier` with soft voting.

    Parameters
    ----------
    n_networks : int, default=5
        Number of networks.
    random_state : int, RandomState instance or None, default=None
        Seed of the networks.
    n_jobs : int, default=None
        Number of networks to train at the same time.

    Returns
    -------
    pipeline : sklearn.pipeline.Pipeline
        A `skdigits.preprocessing.PixelScaler` and a
        `sklearn.ensemble.VotingClassifier` of `skdigits.estimators.CNNClassifier`.
        It takes images of shape (n_samples, n_features), (n_samples, height, width) or
        (n_samples, height, width, 1), uint8 in 0-255 or any other range.

    Raises
    ------
    ValueError
        If `n_networks` is not an int of at least 1.

    See Also
    --------
    accurate_cnn : One such network, trained for 13 epochs.

    Notes
    -----
    After a fit on the 60,000 training images of MNIST, five networks read 99.71 % of
    the test images, which was measured once, and each of them by itself 99.68 % on
    average: they misread mostly the same images. The fit takes as long as 270 epochs of
    Keras' own MNIST example, on a processor with AVX-512.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skdigits.recipes import ensemble
    >>> digits = load_digits()
    >>> pipe = ensemble(2, random_state=0)
    >>> for name, network in pipe[-1].estimators:
    ...     network = network.set_params(epochs=2)
    >>> pipe.fit(digits.images, digits.target).score(digits.images, digits.target) > 0.5
    True
    """
    if not isinstance(n_networks, Integral) or n_networks < 1:
        raise ValueError(
            f"n_networks must be an int of at least 1; got {n_networks!r}."
        )
    seeds = [None] * int(n_networks)
    if random_state is not None:
        seeds = check_random_state(random_state).randint(2**31 - 1, size=n_networks)
    networks = [
        accurate_cnn(None if seed is None else int(seed))[-1].set_params(epochs=30)
        for seed in seeds
    ]
    named = [(f"network_{i}", network) for i, network in enumerate(networks, 1)]
    return make_digit_pipeline(VotingClassifier(named, voting="soft", n_jobs=n_jobs))
