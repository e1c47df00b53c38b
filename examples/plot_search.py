"""
Hyperparameter search with a limit on the weights
=================================================

This example searches the widths, the depth, the dropout rate and the learning rate of a
fully connected network on scikit-learn's digits. Only networks of up to 20,000 weights
are feasible. It then shows the trials, and the digits that the best network confuses.
"""

# sphinx_gallery_thumbnail_number = 2

# %%
# Running the search
# ------------------
# The search space ``"ann"`` refers to the classifier in the pipeline. All trials are
# scored on the same three folds, and unpromising trials are pruned.

import matplotlib.pyplot as plt
import pandas as pd
from sklearn.datasets import load_digits
from sklearn.metrics import ConfusionMatrixDisplay
from sklearn.model_selection import train_test_split

from skdigits import OptunaSearchCV, make_digit_pipeline

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

search = OptunaSearchCV(
    make_digit_pipeline("ann", epochs=5, random_state=0),
    "ann",
    n_trials=12,
    cv=3,
    constraints={"n_weights": 20_000},
    random_state=0,
).fit(X_train, y_train)
print(search.report())

# %%
# Test accuracy
# -------------
# The search refits the best parameters on the whole training set. The test set was not
# used to choose them.

print(f"Test accuracy {search.score(X_test, y_test):.3f}")

# %%
# Trials
# ------
# ``cv_results_`` holds the results of all trials and converts to a data frame.

results = pd.DataFrame(search.cv_results_)
columns = ["status", "mean_test_score", "n_weights", "mean_fit_time"]
print(results[columns].sort_values("mean_test_score", ascending=False).head(8))

# %%
# Confusion matrix
# ----------------
# The confusion matrix of the best trial adds up the test folds, so each training sample
# is counted once, with the prediction of a network that was not trained on it.

ConfusionMatrixDisplay(search.confusion_matrix_).plot(cmap="Blues", colorbar=False)
plt.show()

# %%
# Network size
# ------------
# The accuracy of the complete trials against their number of weights.

_, ax = plt.subplots(figsize=(6, 4), layout="constrained")
complete = results[results["status"] == "complete"]
for feasible, group in complete.groupby("is_feasible"):
    label = "up to 20,000 weights" if feasible else "more than 20,000 weights"
    marker = "o" if feasible else "x"
    ax.plot(group["n_weights"], group["mean_test_score"], marker, label=label)
best = results.loc[search.best_index_]
ax.plot(
    best["n_weights"], best["mean_test_score"], "o", ms=14, mfc="none", label="best"
)
ax.set(xscale="log", xlabel="Number of weights", ylabel="Mean test accuracy")
ax.xaxis.set_minor_formatter("")
ax.legend()
plt.show()

# %%
# The plots of Optuna accept ``search.study_``, for example
# ``optuna.visualization.matplotlib.plot_param_importances(search.study_)``.
