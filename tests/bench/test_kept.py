"""A firm that took long to load is kept as long as what made it is the same."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bench.home import Home
from bench.stamp import Stamp, fingerprint

STAMP = Stamp(scale="firm", share=1.0, schema="a", loader="b", day="2026-06-10")


def home(directory: Path, monkeypatch: pytest.MonkeyPatch, **options: bool) -> Home:
    """A home whose commands are kept in ``ran`` instead of run."""
    found = Home(directory, "firm", **options)
    ran: list[str] = []
    monkeypatch.setattr(Home, "manage", lambda self, name, *rest: ran.append(name))
    monkeypatch.setattr(Stamp, "wanted", classmethod(lambda cls, scale, share: STAMP))
    vars(found)["ran"] = ran
    return found


def prepared(found: Home) -> list[str]:
    found.prepare()
    return list(vars(found)["ran"])


def test_a_firm_that_fits_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    replace(STAMP, day="2026-06-01").write(tmp_path / "firm.json")
    found = home(tmp_path, monkeypatch, lasting=True)
    assert "load_demo" not in prepared(found)
    assert capsys.readouterr().out == ""
    # It lives on its own day.
    assert found.environment["BENCH_DAY"] == "2026-06-01"


@pytest.mark.parametrize(
    ("kept", "options", "sentence"),
    [
        (replace(STAMP, schema="z"), {"lasting": True}, "migrations have changed"),
        (replace(STAMP, loader="z"), {"lasting": True}, "the loader of the demo has changed"),
        (replace(STAMP, share=0.1), {"lasting": True}, "its size is another one"),
        (replace(STAMP, day="2026-06-01"), {"lasting": False}, "it is of another day"),
        (STAMP, {"lasting": True, "rebuild": True}, "it was asked for"),
        (None, {"lasting": True}, "it is not finished"),
    ],
)
def test_one_that_does_not_is_built_anew_with_a_sentence(
    kept: Stamp | None,
    options: dict[str, bool],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    directory, data = tmp_path / "firm", tmp_path / "postgres"
    directory.mkdir()
    data.mkdir()
    (directory / "layout.json").write_text(json.dumps({"postgres": str(data)}))
    if kept:
        kept.write(directory / "firm.json")
    assert prepared(home(directory, monkeypatch, **options))[-1] == "load_demo"
    assert f"is built anew: {sentence}" in capsys.readouterr().out
    assert not data.exists(), "what the old schema left"
    assert Stamp.read(directory / "firm.json") == STAMP


def test_the_first_firm_needs_no_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "load_demo" in prepared(home(tmp_path / "new", monkeypatch, lasting=True))
    assert capsys.readouterr().out == ""


def test_a_load_that_was_broken_off_leaves_no_stamp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = home(tmp_path / "new", monkeypatch, lasting=True)

    def fail(self: Home, name: str, *rest: str) -> None:
        if name == "load_demo":
            raise KeyboardInterrupt

    monkeypatch.setattr(Home, "manage", fail)
    with pytest.raises(KeyboardInterrupt):
        found.prepare()
    assert Stamp.read(found.stamp) is None


def test_a_stamp_follows_the_content_of_files(tmp_path: Path) -> None:
    first, second = tmp_path / "0001.py", tmp_path / "0002.py"
    first.write_text("a")
    second.write_text("b")
    before = fingerprint([first, second])
    assert fingerprint([second, first]) == before
    second.write_text("c")
    assert fingerprint([first, second]) != before
    assert fingerprint([first]) != before


@pytest.mark.parametrize("text", ["", "[]", '{"scale": "firm", "share": 1.0, "day": "2026-06-01"}'])
def test_a_stamp_of_an_older_version_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "firm.json").write_text(text)
    assert Stamp.read(tmp_path / "firm.json") is None
