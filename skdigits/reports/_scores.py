"""All the figures of a report, each computed when it is first asked for."""

import warnings
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    log_loss,
    precision_recall_fscore_support,
    roc_auc_score,
)

from skdigits.reports._measures import (
    ConfusedPair,
    Coverage,
    Refusal,
    confused_pairs,
    coverage_curve,
    reliability,
    wilson_interval,
)
from skdigits.reports._predictions import Predictions

_N_BINS = 15
_REFUSED = (0.005, 0.01, 0.02, 0.05)


class TopLoss(NamedTuple):
    """A row that the classifier held to be something else.

    Attributes
    ----------
    row : int
        Its position.
    true, predicted : label
        What it is said to be, and what it was read as.
    confidence : float
        The probability of what it was read as.
    loss : float
        Minus the logarithm of the probability of its label.
    """

    row: int
    true: Any
    predicted: Any
    confidence: float
    loss: float


class Scores:
    """The figures that `DigitReport` describes, of predictions."""

    def __init__(self, predictions: Predictions) -> None:
        self.predictions = predictions

    @property
    def classes_(self) -> np.ndarray:
        return self.predictions.classes

    @property
    def n_digits_(self) -> int:
        return self.predictions.n_digits

    @cached_property
    def accuracy_(self) -> float:
        known = self.predictions
        return float(
            accuracy_score(known.true, known.predicted, sample_weight=known.weights)
        )

    @property
    def accuracy_interval_(self) -> tuple[float, float]:
        return wilson_interval(self.accuracy_, self.predictions.effective_n)

    @cached_property
    def confusion_matrix_(self) -> np.ndarray:
        known = self.predictions
        return confusion_matrix(
            known.true,
            known.predicted,
            labels=np.arange(len(known.classes)),
            sample_weight=known.weights,
        )

    @cached_property
    def _by_class(self) -> tuple[np.ndarray, ...]:
        known = self.predictions
        return precision_recall_fscore_support(
            known.true,
            known.predicted,
            labels=np.arange(len(known.classes)),
            sample_weight=known.weights,
            zero_division=np.nan,
        )

    @property
    def precision_(self) -> np.ndarray:
        return self._by_class[0]

    @property
    def recall_(self) -> np.ndarray:
        return self._by_class[1]

    @property
    def f1_(self) -> np.ndarray:
        return self._by_class[2]

    @property
    def support_(self) -> np.ndarray:
        return self._by_class[3]

    @cached_property
    def log_loss_(self) -> float | None:
        known = self.predictions
        if known.proba is None or len(known.classes) < 2:
            return None
        with warnings.catch_warnings():
            # Of probabilities that were rounded, which is no error.
            warnings.filterwarnings("ignore", "The y_p.* values do not sum to one")
            return float(
                log_loss(
                    known.true,
                    known.proba,
                    labels=np.arange(len(known.classes)),
                    sample_weight=known.weights,
                )
            )

    @cached_property
    def reliability_(self) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
        """Accuracy, mean confidence and share of the rows, by bins of confidence."""
        known = self.predictions
        if known.confidence is None:
            return None
        return reliability(known.confidence, known.is_right, known.weights, _N_BINS)

    @property
    def expected_calibration_error_(self) -> float | None:
        if self.reliability_ is None:
            return None
        accuracy, confidence, share = self.reliability_
        return float(np.sum(share * np.abs(accuracy - confidence)))

    @cached_property
    def roc_auc_(self) -> np.ndarray | None:
        known = self.predictions
        if known.proba is None:
            return None
        areas = np.full(len(known.classes), np.nan)
        judged = slice(None) if known.weights is None else known.weights > 0
        present = np.unique(known.true[judged])
        for i in present if len(present) > 1 else ():
            areas[i] = roc_auc_score(
                known.true == i, known.proba[:, i], sample_weight=known.weights
            )
        return areas

    @property
    def roc_auc_macro_(self) -> float | None:
        if self.roc_auc_ is None or np.isnan(self.roc_auc_).any():
            return None
        return float(np.average(self.roc_auc_))

    @cached_property
    def coverage_curve_(self) -> Coverage | None:
        known = self.predictions
        if known.confidence is None:
            return None
        return coverage_curve(known.confidence, known.is_right, known.weights)

    @property
    def refusals_(self) -> list[Refusal] | None:
        curve = self.coverage_curve_
        return None if curve is None else [curve.without(share) for share in _REFUSED]

    def most_confused(self, n: int = 5) -> list[ConfusedPair]:
        """Return the pairs of classes that are most often taken for one another.

        Parameters
        ----------
        n : int, default=5
            The most to return.

        Returns
        -------
        pairs : list of ConfusedPair
            Named tuples of two classes ``a`` and ``b`` and of counts ``a_as_b`` and
            ``b_as_a``, the most frequent first.
        """
        return confused_pairs(self.confusion_matrix_, self.classes_)[:n]

    def top_losses(self, n: int = 10) -> list[TopLoss]:
        """Return the rows whose label was held to be the least probable.

        Some of them are hard to read, and of some the label is wrong.

        Parameters
        ----------
        n : int, default=10
            The most to return.

        Returns
        -------
        rows : list of TopLoss
            Named tuples of ``row``, ``true``, ``predicted``, ``confidence`` and
            ``loss``, the highest loss first. A probability of 0 counts as the least
            that its type tells from 0 beside 1, as in `sklearn.metrics.log_loss`.

        Raises
        ------
        ValueError
            If there are no probabilities.
        """
        known = self.predictions
        if known.proba is None or known.confidence is None:
            raise ValueError("The rows with the highest loss need probabilities.")
        of_true = known.proba[np.arange(len(known.proba)), known.true]
        order = np.argsort(of_true, kind="stable")[:n]
        losses = -np.log(np.maximum(of_true[order], np.finfo(known.proba.dtype).eps))
        names = self.classes_.tolist()
        return [
            TopLoss(
                int(row),
                names[known.true[row]],
                names[known.predicted[row]],
                float(known.confidence[row]),
                float(loss) + 0.0,
            )
            for row, loss in zip(order, losses, strict=True)
        ]
