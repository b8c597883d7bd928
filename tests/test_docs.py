"""Documents and what refers to them agree: pages, headings, requirement numbers, words, policies."""

from __future__ import annotations

import pkgutil
import re
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.utils.translation import override

from staff.models import Policy
from tests.access_guard import ROOMS
from tests.test_conventions import ROOT, fail_with

DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
# Whatever may hold a comment; libraries and what machines write lie elsewhere.
SOURCES = sorted(
    path
    for folder in (*ROOMS, "templates", "static", "tests", "bench", "scripts")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {"", ".py", ".html", ".txt", ".js", ".css", ".toml", ".sh"}
    and path.is_file()
    and "__pycache__" not in path.parts
) + [ROOT / name for name in ("Makefile", "Procfile", "pyproject.toml", "requirements.in")]

FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^()\s]+)\)")
# A page with or without its folder and heading, or a decision by number; no address of a host.
MENTION = re.compile(
    r"(?<![\w:/.-])((?:[\w-]+/)*[\w-]+\.md(?:#[\w-]+)?|(?:docs/)?decisions/\d{3}(?![\d-]))"
)
SECTION = re.compile(r"(?i)\b(?:design|domain|rules|house|docs)\b[\w. /]*§")


# Tables of parts of a thing that has a word: lines, steps, counts.
PARTS = {
    "clients.BulkChangeItem",
    "clients.ClientTag",
    "clients.ContactPhone",
    "clients.HandOverItem",
    "clients.ImportedClient",
    "pipeline.PurgedStatistic",
    "compliance.CaseStep",
    "compliance.ReturnVisitStep",
}


def slug(heading: str) -> str:
    """The anchor that renderers of Markdown make of a heading."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading.strip().lower())
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    return {slug(hit[1]) for hit in re.finditer(r"^#+ (.+)$", text, re.MULTILINE)}


def missing(target: str, bases: list[Path]) -> str:
    """What is wrong with a reference that is relative to one of ``bases``; '' if nothing."""
    name, _, anchor = target.partition("#")
    if re.search(r"decisions/\d{3}$", name):
        found = [page for base in bases for page in base.glob(f"{name}-*.md")]
    else:
        found = [base / name for base in bases if (base / name).exists()]
    if not found:
        return f"there is no {name}"
    if anchor and anchor not in anchors(found[0]):
        return f"{name} has no heading #{anchor}"
    return ""


def broken_links(page: Path, text: str) -> Iterator[str]:
    for hit in LINK.finditer(FENCED.sub("", text)):
        target = hit[1]
        if re.match(r"[a-z]+:", target):
            continue
        own = target.startswith("#")
        fault = missing(f"{page.name}{target}" if own else target, [page.parent])
        if fault:
            yield f"{page.relative_to(ROOT)}: {fault}"


def broken_mentions(path: Path, text: str) -> Iterator[str]:
    for number, line in enumerate(text.split("\n"), 1):
        where = f"{path.relative_to(ROOT)}:{number}"
        for hit in MENTION.finditer(LINK.sub("", line)):
            if fault := missing(hit[1], [ROOT, DOCS, path.parent]):
                yield f"{where}: {fault}"
        if SECTION.search(line):
            yield f"{where}: a section by number; name the page and its heading, or say the thing"


def test_links_between_documents_lead_somewhere() -> None:
    assert len(PAGES) > 15
    fail_with([f for page in PAGES for f in broken_links(page, page.read_text(encoding="utf-8"))])


def test_pages_that_are_named_exist() -> None:
    assert len(SOURCES) > 500
    fail_with(
        [
            fault
            for path in (*SOURCES, *PAGES)
            for fault in broken_mentions(path, path.read_text(encoding="utf-8"))
        ]
    )


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("the access rule (docs/access.md)", False),
        ("the access rule (docs/access.md#the-rule)", False),
        ("the access rule (access.md)", False),
        ("see docs/decisions/007-written-here.md", False),
        ("see decisions" + "/007", False),
        ("https://example.com/elsewhere.md", False),
        ("the access rule (docs/acces" + ".md)", True),
        ("the access rule (docs/access.md" + "#no-such-heading)", True),
        ("see decisions" + "/999", True),
        ("the access rule (design " + "§3)", True),
        ("the numbers (outside" + ".md)", True),
    ],
)
def test_the_check_of_mentions_sees_what_it_should(text: str, broken: bool) -> None:
    assert bool(list(broken_mentions(ROOT / "crm" / "models.py", text))) is broken


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("[rule](access.md#the-rule)", False),
        ("[here](#who-sees-what)", False),
        ("[elsewhere](https://example.com/)", False),
        ("[rule](acces" + ".md)", True),
        ("[rule](access.md" + "#the-rul)", True),
        ("[here](" + "#nowhere)", True),
    ],
)
def test_the_check_of_links_sees_what_it_should(text: str, broken: bool) -> None:
    assert bool(list(broken_links(DOCS / "access.md", text))) is broken


# What the pages say of the code ---------------------------------------------------------------


def table_rows(page: str) -> list[list[str]]:
    """Cells of every row of the page's tables, heads and rules left out."""
    text = FENCED.sub("", (DOCS / page).read_text(encoding="utf-8"))
    lines = [line for line in text.split("\n") if line.startswith("|")]
    heads = {i for i, line in enumerate(lines) if i + 1 < len(lines) and "|---" in lines[i + 1]}
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for i, line in enumerate(lines)
        if i not in heads and not line.startswith("|---")
    ]


def test_requirement_numbers_of_the_code_have_a_meaning() -> None:
    known = [cells[0] for cells in table_rows("domain.md") if cells[0].startswith("D-")]
    assert known == [f"D-{number:02}" for number in range(1, 29)]
    fail_with(
        [
            f"{path.relative_to(ROOT)}: {hit[0]} is not in docs/domain.md"
            for path in (*SOURCES, *PAGES)
            for hit in re.finditer(r"\bD-\d{2}\b", path.read_text(encoding="utf-8"))
            if hit[0] not in known
        ]
    )


def in_models(identifier: str) -> Any:
    """What ``room.Name.part`` stands for in the models of a room. Raises LookupError."""
    room, name, *parts = identifier.split(".")
    package = import_module(f"{room}.models")
    modules = [package] + [
        import_module(f"{room}.models.{module.name}")
        for module in pkgutil.iter_modules(getattr(package, "__path__", []))
    ]
    found = next((getattr(module, name) for module in modules if hasattr(module, name)), None)
    for part in parts:
        if isinstance(found, type) and issubclass(found, models.Model) and part.islower():
            found = next((f for f in found._meta.get_fields() if f.name == part), None)
        else:
            found = getattr(found, part, None)
    if found is None:
        raise LookupError(identifier)
    return found


def label_of(found: Any) -> str:
    if isinstance(found, models.Choices):
        return str(found.label)
    return str(getattr(found, "_meta", found).verbose_name)


def test_the_glossary_says_what_the_pages_say() -> None:
    rows = [cells for cells in table_rows("glossary.md") if cells[2].startswith("`")]
    assert len(rows) > 250
    faults = []
    for chinese, english, identifier in rows:
        try:
            found = in_models(identifier.strip("`"))
        except LookupError:
            faults.append(f"docs/glossary.md: there is no {identifier}")
            continue
        if ":" in english:  # a word that explains, and no label
            continue
        for language, said in (("zh-hans", chinese), ("en", english)):
            with override(language):
                if label_of(found) != said:
                    faults.append(
                        f"docs/glossary.md: {identifier} is {label_of(found)}, not {said}"
                    )
    fail_with(faults)


@pytest.mark.parametrize(
    "identifier", ["staff.Nobody", "staff.Role.NOBODY", "clients.Client.nothing"]
)
def test_a_wrong_identifier_is_seen(identifier: str) -> None:
    with pytest.raises(LookupError):
        in_models(identifier)


def test_every_table_has_a_word() -> None:
    said = {cells[2].strip("`") for cells in table_rows("glossary.md")}
    tables = {
        f"{room}.{model.__name__}"
        for room in ROOMS
        for model in apps.get_app_config(room).get_models()
        if not model.__name__.endswith("Event")
    }
    assert tables - said == PARTS


def test_the_picture_shows_the_floors_of_the_linter() -> None:
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    floors = [line.split(" | ") for line in linter["contracts"][0]["layers"]]
    depth = {room: number for number, floor in enumerate(floors) for room in floor}
    picture = (DOCS / "architecture.md").read_text(encoding="utf-8").split("```")[1]
    arrows = re.findall(r"^ *(\w+) --> (\w+)$", picture, re.MULTILINE)
    assert set(re.findall(r'^ *(\w+)\["', picture, re.MULTILINE)) == set(depth)
    assert {room for arrow in arrows for room in arrow} == set(depth)
    assert [arrow for arrow in arrows if depth[arrow[1]] != depth[arrow[0]] + 1] == []


def test_the_rules_name_every_policy_that_ships(db: None) -> None:
    """Each key once, with the number and the mark that the product ships."""
    told = {}
    for cells in table_rows("rules.md"):
        if keys := re.findall(r"`([a-z_.]+)`", cells[-1]):
            assert keys[0] not in told, f"{keys[0]} is told twice"
            told[keys[0]] = cells
    rows = Policy.objects.filter(branch=None, valid_to=None)
    assert rows.count() > 30
    assert set(told) == set(rows.values_list("key", flat=True))
    wrong = []
    for row in rows:
        number = re.search(r"\d[\d,]*", told[row.key][1])
        if number is None or Decimal(number[0].replace(",", "")) != row.value:
            wrong.append(f"docs/rules.md: {row.key} ships as {row.value:f}, not {told[row.key][1]}")
        if told[row.key][-2] != row.status:
            wrong.append(f"docs/rules.md: {row.key} ships as {row.status}")
    fail_with(wrong)
