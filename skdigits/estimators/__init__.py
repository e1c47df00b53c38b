"""Neural networks for digits, as scikit-learn classifiers."""

from skdigits.estimators._ann import ANNClassifier
from skdigits.estimators._cnn import CNNClassifier
from skdigits.estimators._non_digit_detector import NonDigitDetector
from skdigits.estimators._own_network import NetworkClassifier

__all__ = ["ANNClassifier", "CNNClassifier", "NetworkClassifier", "NonDigitDetector"]
