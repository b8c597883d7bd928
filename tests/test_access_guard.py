"""Nothing imports views, pages read through the access rule; both guards see a planted breach."""

from __future__ import annotations

import ast
import fnmatch
from pathlib import Path

import pytest

from tests.access_guard import (
    READERS,
    WRITERS,
    imports_of_views,
    python_files,
    raw_access,
    read_outside_the_rule,
    unguarded,
)
from tests.test_conventions import ROOT, fail_with


def plant(root: Path, **files: str) -> None:
    """Write modules below ``root``; ``visits__lists__views`` is visits/lists/views.py."""
    for name, source in files.items():
        path = root.joinpath(*name.split("__")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")


def test_pages_read_through_the_access_rule() -> None:
    fail_with(read_outside_the_rule(ROOT))


def test_every_exception_is_needed() -> None:
    hits = {(name, table) for name, _line, table in unguarded(ROOT)}
    assert set(READERS) - hits == set()
    files = [path.relative_to(ROOT).as_posix() for path in python_files(ROOT, "**/*.py")]
    unused = [pattern for pattern in WRITERS if not fnmatch.filter(files, pattern)]
    assert unused == []


@pytest.mark.parametrize(
    "name",
    [
        "visits__lists__views",
        "visits__lists__selectors",
        "pipeline__board__cards",
        "clients__recent",
        "dashboards__board__charts",
    ],
)
def test_a_raw_read_is_seen_in_every_module(tmp_path: Path, name: str) -> None:
    plant(tmp_path, **{name: "def rows():\n    return Client.objects.all()\n"})
    [fault] = read_outside_the_rule(tmp_path)
    assert fault.startswith(f"{name.replace('__', '/')}.py:2: Client.objects")


def test_writers_and_the_rule_are_let_through(tmp_path: Path) -> None:
    plant(
        tmp_path,
        clients__file__services="Client.objects.get(pk=1)\n",
        clients__file__selectors="Client.objects.visible_to(viewer).get(pk=1)\n",
    )
    assert read_outside_the_rule(tmp_path) == []


@pytest.mark.parametrize(
    ("source", "caught"),
    [
        ("Client.objects.visible_to(user).filter(a=1)", False),
        ("Client.objects.editable_by(user)", False),
        ("Client.objects.filter(a=1)", True),
        ("Client.objects.filter(a=1).visible_to(user)", True),
        ("models.Client.objects.filter(a=1)", True),
        ("get_object_or_404(Client, pk=1)", True),
        ("rows = Callback.objects", True),
        ("Callback.objects.create(client=client)", False),
        ("Callback.objects.filter(pk=1).update(attempts=1)", False),
        ("Exists(Visit.objects.filter(client=OuterRef('pk')))", False),
        ("Phone.objects.filter(client=client)", False),
        ("Phone.objects.filter(number_index=index)", True),
        ("Segment.objects.all()", False),
    ],
)
def test_the_check_of_access_sees_what_it_should(source: str, caught: bool) -> None:
    assert bool(list(raw_access(ast.parse(source)))) is caught


def test_nothing_imports_views_but_addresses_and_views() -> None:
    fail_with(imports_of_views(ROOT))


@pytest.mark.parametrize(
    "source",
    [
        "from visits.agenda.today_views import today",
        "from visits.agenda import today_views",
        "import visits.agenda.today_views",
        "from .today_views import today",
        "from . import today_views",
        "import_module('visits.agenda.today_views')",
    ],
)
def test_an_import_of_views_is_seen_anywhere(tmp_path: Path, source: str) -> None:
    plant(tmp_path, visits__agenda__today_views="", visits__agenda__selectors=source)
    [*faults] = imports_of_views(tmp_path)
    assert faults
    assert all(fault.startswith("visits/agenda/selectors.py:1: ") for fault in faults)


@pytest.mark.parametrize("importer", ["visits__agenda__urls", "visits__lists__views"])
def test_addresses_and_views_may_import_views(tmp_path: Path, importer: str) -> None:
    source = "from visits.agenda import today_views"
    plant(tmp_path, visits__agenda__today_views="", **{importer: source})
    assert imports_of_views(tmp_path) == []


def test_a_function_named_like_views_is_none(tmp_path: Path) -> None:
    source = "from crm.models import saved_views"
    plant(tmp_path, crm__models="", clients__directory__selectors=source)
    assert imports_of_views(tmp_path) == []
