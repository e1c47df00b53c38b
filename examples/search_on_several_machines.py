r"""
Search on several machines
==========================

Every machine runs this same program, and they work on one study in PostgreSQL until
there are as many trials as ``--trials`` says, all of them together. Start the database
once, on a machine that the others reach, here called ``db``:

.. code-block:: console

   $ docker run --detach --publish 5432:5432 --env POSTGRES_PASSWORD=secret postgres

or, with Debian's package:

.. code-block:: console

   $ sudo apt install postgresql
   $ sudo -u postgres createuser --pwprompt digits
   $ sudo -u postgres createdb --owner digits digits

Then start as many workers as you like, wherever you like, at any time:

.. code-block:: console

   $ pip install "psycopg[binary]"
   $ python examples/search_on_several_machines.py \
         --storage postgresql+psycopg://digits:secret@db/digits

A worker that dies, or loses its machine, costs the trial it was at, which another one
tries again. All may be stopped and started again: the search goes on. Where several
run on one machine, share out its cores: with ``OMP_NUM_THREADS=4`` in its environment
a worker computes on four of them. To watch the search:

.. code-block:: console

   $ pip install optuna-dashboard
   $ optuna-dashboard postgresql+psycopg://digits:secret@db/digits

Without ``--storage`` it runs on this machine alone, in a file.
"""

import argparse

from skdigits import OptunaSearchCV, make_digit_pipeline
from skdigits.datasets import fetch_mnist


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--storage", default="sqlite:///search.db")
    parser.add_argument("--study", default="mnist-ann")
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--rows", type=int, default=10_000)
    arguments = parser.parse_args()

    X, y = fetch_mnist(subset="train", return_X_y=True)
    search = OptunaSearchCV(
        make_digit_pipeline("ann", epochs=10, random_state=0),
        "ann",
        n_trials=arguments.trials,
        cv=3,
        storage=arguments.storage,
        study_name=arguments.study,
        random_state=0,
        verbose=1,
    ).fit(X[: arguments.rows], y[: arguments.rows])
    print(search.report())
    X_test, y_test = fetch_mnist(subset="test", return_X_y=True)
    print(f"Accuracy on the test images: {search.score(X_test, y_test):.4f}")


if __name__ == "__main__":
    main()
