"""A plot of the loss and the accuracy by epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skdigits._utils import last_step
from skdigits.reports._plot._axes import BLUE, VERMILION, check_matplotlib, draw_message

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Keras names the accuracy after the metric that the model was compiled with.
_ACCURACIES = (
    "accuracy",
    "sparse_categorical_accuracy",
    "categorical_accuracy",
    "binary_accuracy",
    "acc",
)
_NO_HISTORY = (
    "estimator must have a history_ attribute, as the fitted classifiers of skdigits "
    "do; got {!r}. Use HistoryDisplay.from_history for the history of a Keras model."
)


class HistoryDisplay:
    """Plot of the training and validation loss and accuracy by epoch.

    Parameters
    ----------
    history : dict of str to list of float
        "loss" and "accuracy" of each epoch, and, with validation data, "val_loss" and
        "val_accuracy".
    best_epoch : int, default=None
        Best epoch, counted from 1, marked by a star.
    kept_epoch : int, default=None
        Epoch whose weights were kept, counted from 1, marked by a ring unless it is
        the best one.

    Attributes
    ----------
    ax_ : ndarray of two matplotlib Axes
        Axes of the loss and of the accuracy.
    figure_ : matplotlib Figure
        Figure containing the axes.

    Examples
    --------
    >>> from skdigits.reports import HistoryDisplay
    >>> history = {"loss": [0.9, 0.4], "accuracy": [0.7, 0.9]}
    >>> display = HistoryDisplay.from_history(history)
    >>> [ax.get_ylabel() for ax in display.ax_]
    ['Loss', 'Accuracy']
    """

    def __init__(
        self,
        history: Mapping[str, Sequence[float]],
        *,
        best_epoch: int | None = None,
        kept_epoch: int | None = None,
    ) -> None:
        self.history = history
        self.best_epoch = best_epoch
        self.kept_epoch = kept_epoch

    @classmethod
    def from_estimator(
        cls, estimator: Any, *, ax: Axes | Sequence[Axes] | None = None
    ) -> HistoryDisplay:
        """Draw the training history of a fitted classifier.

        A star marks the epoch with the lowest (validation) loss. The legend shows
        whether its weights were kept, as they are with early stopping. Otherwise, a
        ring marks the epoch whose weights were kept. If a callback may have restored
        the weights of another epoch, the kept epoch is not shown.

        Parameters
        ----------
        estimator : classifier
            Fitted classifier with ``history_``, pipeline that ends in one, or search
            whose best estimator is one.
        ax : matplotlib Axes or two of them, default=None
            Axes to draw on. By default, those of a new figure.

        Returns
        -------
        display : HistoryDisplay
            The display, after drawing.

        Raises
        ------
        ImportError
            If Matplotlib is not installed.
        sklearn.exceptions.NotFittedError
            If the classifier is not fitted.
        TypeError
            If it has no history.
        """
        check_matplotlib(cls.__name__)
        if not hasattr(estimator, "get_params"):
            raise TypeError(_NO_HISTORY.format(estimator))
        check_is_fitted(estimator)
        classifier = _classifier_of(estimator)
        return cls(
            classifier.history_,
            best_epoch=getattr(classifier, "best_epoch_", None),
            kept_epoch=_kept_epoch(classifier),
        ).plot(ax)

    @classmethod
    def from_history(
        cls,
        history: Any,
        *,
        best_epoch: int | None = None,
        kept_epoch: int | None = None,
        ax: Axes | Sequence[Axes] | None = None,
    ) -> HistoryDisplay:
        """Draw a training history, such as that of a Keras model.

        Parameters
        ----------
        history : dict of str to list of float, or keras.callbacks.History
            "loss" and, if available, "accuracy", "val_loss", and "val_accuracy" of each
            epoch. Keras' other names for the accuracy, such as
            "sparse_categorical_accuracy", are also accepted.
        best_epoch : int, default=None
            Best epoch, counted from 1, marked by a star.
        kept_epoch : int, default=None
            Epoch whose weights were kept, counted from 1, marked by a ring unless it is
            the best one.
        ax : matplotlib Axes or two of them, default=None
            Axes to draw on. By default, those of a new figure.

        Returns
        -------
        display : HistoryDisplay
            The display, after drawing.

        Raises
        ------
        ImportError
            If Matplotlib is not installed.
        ValueError
            If `history` has no "loss" or entries of different lengths, or if
            `best_epoch` or `kept_epoch` is not one of the epochs.
        """
        check_matplotlib(cls.__name__)
        history = getattr(history, "history", history)
        lengths = {len(history[name]) for name in _drawn_metrics(history)}
        if "loss" not in history or len(lengths) != 1:
            got = {name: len(values) for name, values in history.items()}
            raise ValueError(
                "history must hold 'loss', and lists of the same length only; got the "
                f"lengths {got}."
            )
        (n_epochs,) = lengths
        for name, epoch in (("best_epoch", best_epoch), ("kept_epoch", kept_epoch)):
            if epoch is not None and not 1 <= epoch <= n_epochs:
                raise ValueError(f"{name} must be from 1 to {n_epochs}; got {epoch!r}.")
        return cls(history, best_epoch=best_epoch, kept_epoch=kept_epoch).plot(ax)

    def plot(self, ax: Axes | Sequence[Axes] | None = None) -> HistoryDisplay:
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes or two of them, default=None
            Axes to draw on: two for the loss and the accuracy, or one that is split
            into two. By default, those of a new figure.

        Returns
        -------
        display : HistoryDisplay
            The display.

        Raises
        ------
        ImportError
            If Matplotlib is not installed.
        """
        check_matplotlib(type(self).__name__)
        self.ax_ = _two_axes(ax)
        self.figure_ = self.ax_[0].figure
        loss, accuracy = self.ax_
        self._draw(loss, "loss", "Loss")
        if (metric := _accuracy_name(self.history)) is None:
            draw_message(accuracy, "The history has no accuracy.")
        else:
            self._draw(accuracy, metric, "Accuracy")
        return self

    def _draw(self, ax: Axes, metric: str, title: str) -> None:
        from matplotlib.ticker import MaxNLocator

        marked = self.history.get(f"val_{metric}", self.history.get(metric, ()))
        for name, label, color, style in (
            (metric, "training", BLUE, "-"),
            (f"val_{metric}", "validation", VERMILION, "--"),
        ):
            if name in self.history:
                values = self.history[name]
                epochs = np.arange(1, len(values) + 1)
                marker = "o" if len(values) == 1 else None
                ax.plot(
                    epochs, values, color=color, ls=style, label=label, marker=marker
                )
        best, kept = self.best_epoch, self.kept_epoch
        if best and len(marked) >= best:
            text = f"epoch {best}: {marked[best - 1]:.4g}"
            if kept:
                text += ", weights kept" if best == kept else ", weights not kept"
            ax.axvline(best, color="gray", lw=0.8, ls=":", zorder=0)
            ax.plot(best, marked[best - 1], "*", ms=11, color="black", label=text)
        if kept and kept != best and len(marked) >= kept:
            text = f"epoch {kept}: {marked[kept - 1]:.4g}, weights kept"
            ax.plot(
                kept, marked[kept - 1], "o", ms=9, mfc="none", color="black", label=text
            )
        ax.set(xlabel="Epoch", ylabel=title)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        ax.grid(alpha=0.3)
        ax.legend()


def _drawn_metrics(history: Mapping[str, Sequence[float]]) -> list[str]:
    metrics = ("loss", _accuracy_name(history) or "accuracy")
    names = [name for metric in metrics for name in (metric, f"val_{metric}")]
    return [name for name in names if name in history]


def _accuracy_name(history: Mapping[str, Sequence[float]]) -> str | None:
    """Return the name of the accuracy in a history, None if there is none."""
    return next((m for m in _ACCURACIES if {m, f"val_{m}"} & history.keys()), None)


def _kept_epoch(classifier: Any) -> int | None:
    """Return the epoch whose weights a classifier has, None if that is uncertain."""
    callbacks = getattr(classifier, "callbacks", None) or ()
    if any(getattr(callback, "restore_best_weights", False) for callback in callbacks):
        return None
    return getattr(classifier, "kept_epoch_", None)


def _classifier_of(estimator: Any) -> Any:
    """Return the classifier with the history, within a pipeline or a search."""
    if hasattr(estimator, "history_"):
        return estimator
    if hasattr(estimator, "best_estimator_"):
        return _classifier_of(estimator.best_estimator_)
    if (last := last_step(estimator)) is not estimator:
        return _classifier_of(last)
    raise TypeError(_NO_HISTORY.format(estimator))


def _two_axes(ax: Axes | Sequence[Axes] | None) -> np.ndarray:
    if ax is None:
        import matplotlib.pyplot as plt

        return plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained")[1]
    from matplotlib.axes import Axes

    if not isinstance(ax, Axes):
        return np.asarray(ax, object)
    ax.set_axis_off()
    return np.array([ax.inset_axes((0, 0, 0.44, 1)), ax.inset_axes((0.56, 0, 0.44, 1))])
