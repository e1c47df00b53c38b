"""Databases, journal files and studies in memory."""

import pickle
import sqlite3
import time
from pathlib import Path

import optuna
import pytest

from skdigits.model_selection._storage import is_in_memory


def test_storage_that_cannot_be_reached(make_search, digits):
    url = "sqlite:////no/such/folder/study.db"
    start = time.monotonic()
    with pytest.raises(ConnectionError, match="/no/such/folder.*cannot be reached"):
        make_search(storage=url).fit(*digits)
    assert time.monotonic() - start < 30


def test_storage_of_another_type(make_search, digits):
    with pytest.raises(ValueError, match="storage"):
        make_search(storage=3).fit(*digits)


class TestFile:
    @pytest.mark.parametrize("kind", [str, Path])
    def test_of_sqlite_by_its_path(self, make_search, digits, tmp_path, kind):
        path = tmp_path / "study.db"
        make_search(storage=f"sqlite:///{path}", study_name="mine").fit(*digits)
        search = make_search(storage=kind(path), study_name="mine", n_trials=8)
        assert len(search.fit(*digits).cv_results_["params"]) == 8
        assert len(pickle.loads(pickle.dumps(search)).study_.trials) == 8

    @pytest.mark.parametrize("content", [b"hello", b"\xfb\xff", b'{"a": 1}', b"PK\3\4"])
    def test_of_another_kind(self, make_search, digits, tmp_path, content):
        path = tmp_path / "notes"
        path.write_bytes(content)
        with pytest.raises(ValueError, match="storage must be the URL of a database"):
            make_search(storage=path).fit(*digits)
        assert path.read_bytes() == content

    def test_of_sqlite_with_other_tables(self, make_search, digits, tmp_path):
        path = tmp_path / "other.db"
        with sqlite3.connect(path) as database:
            database.execute("create table pets (name text)")
        assert make_search(storage=path, n_trials=2).fit(*digits).n_splits_ == 3


class TestSqliteInMemory:
    @pytest.mark.usefixtures("in_threads")
    @pytest.mark.parametrize("n_jobs", [None, 2])
    def test_is_replaced_by_one_for_all_threads(self, make_search, digits, n_jobs):
        search = make_search(storage="sqlite:///:memory:", n_jobs=n_jobs).fit(*digits)
        assert len(search.cv_results_["params"]) == 6
        assert len(pickle.loads(pickle.dumps(search)).study_.trials) == 6

    def test_as_a_storage_of_optuna_serves_one_thread(self, make_search, digits):
        storage = optuna.storages.RDBStorage("sqlite:///:memory:")
        make_search(storage=storage, n_trials=2).fit(*digits)
        with pytest.raises(
            ValueError, match="storage must be a file or a server for n_jobs=2"
        ):
            make_search(storage=storage, n_jobs=2).fit(*digits)

    @pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite+pysqlite://"])
    def test_has_other_urls(self, url):
        assert is_in_memory(url)
