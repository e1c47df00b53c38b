"""Loss and accuracy by epoch, drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skdigits._utils import last_step
from skdigits.reports._plot._axes import BLUE, VERMILION, check_matplotlib, draw_note

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# What Keras calls the accuracy depends on what a model was compiled with.
_ACCURACIES = (
    "accuracy",
    "sparse_categorical_accuracy",
    "categorical_accuracy",
    "binary_accuracy",
    "acc",
)
_WHAT_IS_NEEDED = (
    "estimator must have history_, as the classifiers of skdigits do once they are "
    "fitted; got {!r}. HistoryDisplay.from_history draws what a Keras model's fit "
    "returns."
)


class HistoryDisplay:
    """Loss and accuracy of the training and the validation rows, epoch by epoch.

    Parameters
    ----------
    history : dict of str to list of float
        "loss" and "accuracy" of each epoch, and "val_loss" and "val_accuracy" where
        there was something to validate on.
    best_epoch : int, default=None
        The epoch to mark, counted from 1.
    kept_epoch : int, default=None
        The epoch whose weights were kept, if known.

    Attributes
    ----------
    ax_ : ndarray of two matplotlib Axes
        The axes of the loss and of the accuracy.
    figure_ : matplotlib Figure
        The figure.

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
        """Draw how a classifier was trained.

        A star marks the epoch with the lowest (validation) loss. The legend says
        whether its weights were kept, as they are with early stopping; otherwise a ring
        marks the epoch whose weights were. If a callback may have restored the weights
        of another epoch, neither is said.

        Parameters
        ----------
        estimator : classifier
            A fitted classifier with ``history_``, a pipeline that ends in one, or a
            search whose best estimator is one.
        ax : matplotlib Axes or two of them, default=None
            Where to draw; a new figure, if None.

        Returns
        -------
        display : HistoryDisplay
            The display, drawn.

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
            raise TypeError(_WHAT_IS_NEEDED.format(estimator))
        check_is_fitted(estimator)
        trained = _trained(estimator)
        return cls(
            trained.history_,
            best_epoch=getattr(trained, "best_epoch_", None),
            kept_epoch=_kept_epoch(trained),
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
        """Draw a history, such as that of a Keras model.

        Parameters
        ----------
        history : dict of str to list of float, or keras.callbacks.History
            "loss" of each epoch and, as far as they were measured, "accuracy",
            "val_loss" and "val_accuracy". Keras' other names for the accuracy, such as
            "sparse_categorical_accuracy", are also accepted.
        best_epoch : int, default=None
            The epoch to mark, counted from 1.
        kept_epoch : int, default=None
            The epoch whose weights were kept, if known.
        ax : matplotlib Axes or two of them, default=None
            Where to draw; a new figure, if None.

        Returns
        -------
        display : HistoryDisplay
            The display, drawn.

        Raises
        ------
        ImportError
            If Matplotlib is not installed.
        ValueError
            If there is no "loss" in the history, if the epochs differ in number, or if
            `best_epoch` or `kept_epoch` is not one of them.
        """
        check_matplotlib(cls.__name__)
        history = getattr(history, "history", history)
        lengths = {len(history[name]) for name in _known(history)}
        if "loss" not in history or len(lengths) != 1:
            raise ValueError(
                "history must hold 'loss', and as many values of everything else; got "
                f"{ {name: len(values) for name, values in history.items()} }."
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
            Where to draw: two axes for the loss and for the accuracy, one whose place
            both take, or a new figure, if None.

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
        if (measure := _accuracy_in(self.history)) is None:
            draw_note(accuracy, "No accuracy was measured.")
        else:
            self._draw(accuracy, measure, "Accuracy")
        return self

    def _draw(self, ax: Axes, measure: str, title: str) -> None:
        from matplotlib.ticker import MaxNLocator

        marked = self.history.get(f"val_{measure}", self.history.get(measure, ()))
        for name, label, color, style in (
            (measure, "training", BLUE, "-"),
            (f"val_{measure}", "validation", VERMILION, "--"),
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
            ax.axvline(best, color="grey", lw=0.8, ls=":", zorder=0)
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


def _known(history: Mapping[str, Sequence[float]]) -> list[str]:
    measures = ("loss", _accuracy_in(history) or "accuracy")
    names = [name for measure in measures for name in (measure, f"val_{measure}")]
    return [name for name in names if name in history]


def _accuracy_in(history: Mapping[str, Sequence[float]]) -> str | None:
    """Return the name that the accuracy has, if it was measured."""
    return next((m for m in _ACCURACIES if {m, f"val_{m}"} & history.keys()), None)


def _kept_epoch(trained: Any) -> int | None:
    """Return the epoch whose weights a classifier has, if that is certain."""
    callbacks = getattr(trained, "callbacks", None) or ()
    if any(getattr(callback, "restore_best_weights", False) for callback in callbacks):
        return None
    return getattr(trained, "kept_epoch_", None)


def _trained(estimator: Any) -> Any:
    """Return what has a history: the end of a pipeline, the best of a search."""
    if hasattr(estimator, "history_"):
        return estimator
    if hasattr(estimator, "best_estimator_"):
        return _trained(estimator.best_estimator_)
    if (last := last_step(estimator)) is not estimator:
        return _trained(last)
    raise TypeError(_WHAT_IS_NEEDED.format(estimator))


def _two_axes(ax: Axes | Sequence[Axes] | None) -> np.ndarray:
    if ax is None:
        import matplotlib.pyplot as plt

        return plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained")[1]
    from matplotlib.axes import Axes

    if not isinstance(ax, Axes):
        return np.asarray(ax, object)
    ax.set_axis_off()
    return np.array([ax.inset_axes((0, 0, 0.44, 1)), ax.inset_axes((0.56, 0, 0.44, 1))])
