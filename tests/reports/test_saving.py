"""Saving reports to files."""

import pytest


class TestSave:
    def test_to_a_missing_folder_raises(self, report, tmp_path):
        with pytest.raises(
            FileNotFoundError, match="in an existing folder; got '.*nowhere"
        ):
            report.save(tmp_path / "nowhere" / "report.html")
        assert list(tmp_path.iterdir()) == []

    def test_to_an_unknown_suffix_raises(self, report, tmp_path):
        with pytest.raises(ValueError, match="'.html' or '.json'; got '.*report.pdf'"):
            report.save(tmp_path / "report.pdf")

    @pytest.mark.parametrize("name", ["report.html", "report.json"])
    def test_leaves_the_old_file_unchanged_on_failure(
        self, report, tmp_path, monkeypatch, name
    ):
        (tmp_path / name).write_text("old")

        def fail(*args, **kwargs):
            raise OSError("disk full")

        monkeypatch.setattr("pathlib.Path.write_text", fail)
        with pytest.raises(OSError, match="disk full"):
            report.save(tmp_path / name)
        assert (tmp_path / name).read_text() == "old"
        assert [path.name for path in tmp_path.iterdir()] == [name]
