"""Neural networks for digits, as scikit-learn classifiers."""

from skdigits.estimators._ann import ANNClassifier
from skdigits.estimators._cnn import CNNClassifier

__all__ = ["ANNClassifier", "CNNClassifier"]
