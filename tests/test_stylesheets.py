"""Stylesheets and what uses them: no class without a rule, no rule without a use, one place for
colours and sizes of type."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.access_guard import parse
from tests.test_conventions import python_files

ROOT = Path(settings.BASE_DIR)
SHEETS = sorted((ROOT / "static" / "css").glob("*.css"))
TOKENS = ROOT / "static" / "css" / "tokens.css"
# Names of other things that begin like a class: keys in the browser's storage, a folder.
NO_CLASSES = {"crm-draft", "crm-embedded"}

_NAME = re.compile(r"(?<![\w-])crm-[a-z0-9][a-z0-9-]*")
_TEMPLATE_COMMENT = re.compile(
    r"{%\s*comment.*?endcomment\s*%}|{#.*?#}|<!--.*?-->", flags=re.DOTALL
)
_SCRIPT_COMMENT = re.compile(r"^\s*//.*$|/\*.*?\*/", flags=re.DOTALL | re.MULTILINE)
_SHEET_COMMENT = re.compile(r"/\*.*?\*/", flags=re.DOTALL)
_DECLARATION = re.compile(r"(?<=[{;])\s*([a-z-]+)\s*:([^;{}]*)(?=[;}])")
_COLOUR = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgba?|hsla?|oklch)\(|\b(?:white|black)\b")


def sheet(path: Path) -> str:
    return _SHEET_COMMENT.sub("", path.read_text(encoding="utf-8"))


def strings(path: Path) -> Iterator[str]:
    """String constants of a module without its docstrings."""
    tree = parse(path)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and id(node) not in docstrings:
            yield text


def defined() -> set[str]:
    """Own classes that have a rule."""
    return {
        name
        for path in SHEETS
        for selector in re.findall(r"([^{}]*){", sheet(path))
        for name in re.findall(r"\.(crm-[a-z0-9-]+)", selector)
    }


def used() -> dict[str, str]:
    """Own classes that templates, scripts and modules name, with one file that does.

    A name that ends with a hyphen is the beginning of several: the rest comes from a variable.
    """
    # The style guide shows a part, and is no use of it.
    guide = ROOT / "templates" / "staff" / "styleguide"
    templates = [
        path
        for path in sorted((ROOT / "templates").rglob("*"))
        if path.is_file() and guide not in path.parents
    ]
    scripts = sorted((ROOT / "static" / "js").glob("*.js"))
    texts = {
        **{path: _TEMPLATE_COMMENT.sub("", path.read_text("utf-8")) for path in templates},
        **{path: _SCRIPT_COMMENT.sub("", path.read_text("utf-8")) for path in scripts},
        **{path: "\n".join(strings(path)) for path in python_files("**/*.py")},
    }
    return {
        name: str(path.relative_to(ROOT))
        for path, text in texts.items()
        for name in _NAME.findall(text)
        if name not in NO_CLASSES
    }


def test_it_defines_every_class_that_is_used() -> None:
    rules = defined()
    missing = [
        f"{path}: {name}"
        for name, path in used().items()
        if not (name in rules or (name[-1] == "-" and any(rule.startswith(name) for rule in rules)))
    ]
    assert missing == [], "classes without a rule in static/css"


def test_it_uses_every_class_that_is_defined() -> None:
    names = used()
    beginnings = tuple(name for name in names if name[-1] == "-")
    unused = [rule for rule in defined() if rule not in names and not rule.startswith(beginnings)]
    assert unused == [], "rules in static/css that nothing uses"


@pytest.mark.parametrize("path", [s for s in SHEETS if s != TOKENS], ids=lambda path: path.name)
def test_it_takes_colours_and_sizes_of_type_from_the_tokens(path: Path) -> None:
    wrong = [
        f"{name}: {value.strip()}"
        for name, value in _DECLARATION.findall(sheet(path))
        if _COLOUR.search(value.lower()) or (name == "font-size" and "rem" in value)
    ]
    assert wrong == [], "name it in static/css/tokens.css"


def test_it_defines_every_token_that_is_used() -> None:
    sources = [*SHEETS, *sorted((ROOT / "static" / "js").glob("*.js"))]
    tokens = set(re.findall(r"(--[\w-]+):", sheet(TOKENS)))
    for path in sources:
        for name in re.findall(r"--(?:c|t|l|w|s|r|h|e)-[\w-]+", path.read_text("utf-8")):
            assert name in tokens, f"{path.name}: {name}"


def test_it_gives_every_colour_in_both_themes() -> None:
    """A colour that stands in one theme only would show through in the other."""
    names: dict[str, set[str]] = {}
    for selector, body in re.findall(r"([^{}]+){([^{}]*)}", sheet(TOKENS)):
        names[selector.strip()] = {
            name
            for name, value in re.findall(r"(--[\w-]+):([^;]*);", body)
            if _COLOUR.search(value)
        }
    light = names[':root,\n[data-bs-theme="light"]']
    assert light == names['[data-bs-theme="dark"]'] | ({"--e-1"} & light)
