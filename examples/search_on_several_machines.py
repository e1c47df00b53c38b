r"""
Search on several machines
==========================

All machines run this program and share one study in a PostgreSQL database, until the
study has ``--trials`` trials in total. First start the database on a machine that the
others can reach, here named ``db``:

.. code-block:: console

   $ docker run --detach --publish 5432:5432 --env POSTGRES_PASSWORD=secret postgres

or, with the package of Debian:

.. code-block:: console

   $ sudo apt install postgresql
   $ sudo -u postgres createuser --pwprompt digits
   $ sudo -u postgres createdb --owner digits digits

Then start any number of workers, on any machine and at any time:

.. code-block:: console

   $ pip install "psycopg[binary]"
   $ python examples/search_on_several_machines.py \
         --storage postgresql+psycopg://digits:secret@db/digits

If a worker dies, another worker repeats its trial. You can stop all workers and start
them again later to continue the search. If several workers run on one machine, divide
its cores among them: the environment variable ``OMP_NUM_THREADS=4`` limits a worker to
four threads. To monitor the search:

.. code-block:: console

   $ pip install optuna-dashboard
   $ optuna-dashboard postgresql+psycopg://digits:secret@db/digits

Without ``--storage``, the study is stored in the file ``search.db`` on this machine.
"""

# sphinx_gallery_thumbnail_path = "_static/several_machines.svg"

import argparse

from skdigits import OptunaSearchCV, make_digit_pipeline
from skdigits.datasets import fetch_mnist


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--storage", default="sqlite:///search.db")
    parser.add_argument("--study", default="mnist-ann")
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--samples", type=int, default=10_000)
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
    ).fit(X[: arguments.samples], y[: arguments.samples])
    print(search.report())
    X_test, y_test = fetch_mnist(subset="test", return_X_y=True)
    print(f"Test accuracy: {search.score(X_test, y_test):.4f}")


if __name__ == "__main__":
    main()
