"""
Search for the widths of a network
==================================

Optuna looks for the widths, the depth, the dropout and the learning rate of a fully
connected network on scikit-learn's digits, within 20,000 weights. The search prints its
report, and shows what it tried and what the best network confuses.
"""

# %%
# The space ``"ann"`` finds the classifier in the pipeline by itself. Every trial is
# scored on the same three folds, and those that promise little are ended early.

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
# The best parameters were fitted on all the training rows. The test rows had no part in
# the choice.

print(f"Test accuracy {search.score(X_test, y_test):.3f}")

# %%
# ``cv_results_`` makes a table of all the trials.

results = pd.DataFrame(search.cv_results_)
columns = ["status", "mean_test_score", "n_weights", "mean_fit_time"]
print(results[columns].sort_values("mean_test_score", ascending=False).head(8))

# %%
# Every row was scored once, by a network that had not seen it: the matrix adds up to
# the training rows. Beside it the accuracy of the complete trials, by their size.

fig, (left, right) = plt.subplots(1, 2, figsize=(11, 4.5), layout="constrained")
ConfusionMatrixDisplay(search.confusion_matrix_).plot(
    ax=left, cmap="Blues", colorbar=False
)
left.set_title("Best trial, all test folds together")
complete = results[results["status"] == "complete"]
for feasible, group in complete.groupby("is_feasible"):
    label = "up to 20,000 weights" if feasible else "more weights than allowed"
    marker = "o" if feasible else "x"
    right.plot(group["n_weights"], group["mean_test_score"], marker, label=label)
best = results.loc[search.best_index_]
right.plot(
    best["n_weights"], best["mean_test_score"], "o", ms=14, mfc="none", label="best"
)
right.set(xscale="log", xlabel="Weights", ylabel="Accuracy, mean of the folds")
right.xaxis.set_minor_formatter("")
right.set_title("Complete trials")
right.legend()
plt.show()

# %%
# Optuna's own plots take ``search.study_``, for example
# ``optuna.visualization.matplotlib.plot_param_importances(search.study_)``.
