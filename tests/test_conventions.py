"""The conventions that a machine can check, read from the source.

Who reads through the access rule and who imports views: tests/access_guard.py.

Each failure names the file, the line and what to do.
"""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.urls import URLResolver, get_resolver

from tests import access_guard
from tests.access_guard import ROOMS, parse

ROOT = Path(settings.BASE_DIR)
NEVER_DELETED = {"Client", "Visit", "Callback", "Phone", "Identity", "Assignment", "Opportunity"}
LONGEST_FILE = 400
LONGEST_TEMPLATE = 150
LONGEST_TASK = 3


def python_files(*patterns: str) -> list[Path]:
    """Files of the rooms that match, migrations left out."""
    return access_guard.python_files(ROOT, *patterns)


def module(name: str) -> list[str]:
    """Patterns for ``name.py``, ``name_*.py`` and all of a package ``name/``, at any depth."""
    return [f"**/{name}.py", f"**/{name}_*.py", f"**/{name}/*.py", f"**/*_{name}.py"]


def at(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"


def fail_with(found: list[str]) -> None:
    assert not found, "\n" + "\n".join(found)


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node


# Views ----------------------------------------------------------------------------------------


def decorators(function: ast.FunctionDef) -> set[str]:
    found = set()
    for decorator in function.decorator_list:
        node = decorator.func if isinstance(decorator, ast.Call) else decorator
        found.add(node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", ""))
    return found


def is_view(function: ast.FunctionDef) -> bool:
    arguments = function.args.args
    return (
        bool(arguments)
        and arguments[0].arg == "request"
        and not function.name.startswith("_")
        and "Response" in ast.unparse(function.returns or ast.Constant(""))
    )


def test_every_view_says_which_methods_it_takes() -> None:
    said = {"require_GET", "require_POST", "require_safe", "require_http_methods"}
    fail_with(
        [
            f"{at(path, function)}: {function.name} has none of @{', @'.join(sorted(said))}"
            for path in python_files(*module("views"))
            for function in functions(parse(path))
            if is_view(function) and not said & decorators(function)
        ]
    )


# Data -----------------------------------------------------------------------------------------


def names_in(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def test_clients_visits_and_callbacks_are_never_deleted() -> None:
    """Also by a variable that is named like its table, such as ``client.delete()``."""
    found = []
    for path in python_files("**/*.py"):
        for node in ast.walk(parse(path)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in {"delete", "_raw_delete"}
            ):
                told = names_in(node.func.value)
                if told & NEVER_DELETED or told & {name.lower() for name in NEVER_DELETED}:
                    found.append(f"{at(path, node)}: deletes; close, void or end the row instead")
    fail_with(found)


def test_every_table_has_a_page_in_the_administration() -> None:
    models = [model for room in ROOMS for model in apps.get_app_config(room).get_models()]
    assert len(models) > 40
    fail_with(
        [
            f"{model._meta.label}: register it in {model._meta.app_label}/admin.py"
            for model in models
            if not admin.site.is_registered(model) and not model._meta.proxy
        ]
    )


def test_tasks_are_three_lines() -> None:
    found = []
    for path in python_files(*module("tasks")):
        for function in functions(parse(path)):
            if not {"shared_task", "task"} & decorators(function):
                continue
            body = [node for node in function.body if not is_docstring(node)]
            if len(body) > LONGEST_TASK:
                found.append(
                    f"{at(path, function)}: task {function.name} has {len(body)} statements; "
                    "take keys, call a service"
                )
    fail_with(found)


# Text -----------------------------------------------------------------------------------------


def is_docstring(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def undocumented(path: Path, wanted: Callable[[str], bool]) -> Iterator[str]:
    tree = parse(path)
    if ast.get_docstring(tree) is None and tree.body:
        yield f"{at(path, tree)}: say in a docstring what the module is for"
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        if wanted(node.name) and ast.get_docstring(node) is None:
            yield f"{at(path, node)}: {node.name} needs a docstring"


def test_models_and_services_say_what_they_mean() -> None:
    """Choices speak by their labels, and a queryset by its methods."""
    speaking = re.compile(r"(QuerySet|Kind|Title|Lifecycle|Activity)$")
    choices = {
        node.name
        for path in python_files(*module("models"))
        for node in parse(path).body
        if isinstance(node, ast.ClassDef) and "Choices" in ast.unparse(ast.Tuple(node.bases))
    }
    files = python_files(
        *(
            pattern
            for name in ("models", "services", "tasks", "reports")
            for pattern in module(name)
        )
    )
    fail_with(
        [
            line
            for path in files
            for line in undocumented(
                path, lambda name: name not in choices and not speaking.search(name)
            )
        ]
    )


def test_no_file_is_too_long() -> None:
    found = []
    for path in python_files("**/*.py"):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > LONGEST_FILE:
            found.append(f"{path.relative_to(ROOT)}: {lines} lines; split it by noun")
    fail_with(found)


def test_texts_are_where_their_extraction_finds_them() -> None:
    """xgettext reads an f-string as one text, and knows gettext by its usual names only."""
    usual = {"_", "pgettext", "gettext", "gettext_lazy", "ngettext", None}
    found = []
    for path in python_files("**/*.py"):
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.JoinedStr):
                calls = (n for n in ast.walk(node) if isinstance(n, ast.Call))
                if any(isinstance(c.func, ast.Name) and c.func.id == "_" for c in calls):
                    found.append(f"{at(path, node)}: text to translate within an f-string")
            if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
                names = (n for n in node.names if "gettext" in n.name and n.asname not in usual)
                found += [f"{at(path, node)}: {name.asname}, an unusual name" for name in names]
    fail_with(found)


# Addresses ------------------------------------------------------------------------------------


def routes(found: list[Any], before: str = "") -> Iterator[str]:
    for pattern in found:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver) and pattern.app_name != "admin":
            yield from routes(pattern.url_patterns, route)
        else:
            yield route


# The address of a row, and a word after it.
HALF_WRITTEN = re.compile(r"get_absolute_url\(\)}[a-z-]+/")


def texts(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """The texts of a module, docstrings left out."""
    documented = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or id(node) in documented:
            continue
        if isinstance(node.value, str):
            yield node, node.value


def first_segments() -> set[str]:
    """What the addresses of the product begin with: ``clients`` of ``/clients/``."""
    found = {route.split("/")[0] for route in routes(get_resolver().url_patterns)}
    return {segment for segment in found if re.fullmatch(r"[a-z-]+", segment)}


def written_addresses(tree: ast.Module, segments: set[str]) -> Iterator[ast.AST]:
    """Texts with an address of the product in them, also in HTML and SQL, or with half of one."""
    known = re.compile(rf"""(?:^|["'\s=(])/(?:{"|".join(sorted(segments))})/""")
    yield from (node for node, text in texts(tree) if known.search(text))
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and HALF_WRITTEN.search(ast.unparse(node)):
            yield node


def test_addresses_are_reversed() -> None:
    segments = first_segments()
    assert {"clients", "pipeline", "admin"} <= segments
    fail_with(
        [
            f"{at(path, node)}: an address in a text; ask crm.addresses.address for it"
            for path in python_files("**/*.py")
            if path != ROOT / "crm/logs.py"  # hides secrets in any text, by a pattern
            for node in written_addresses(parse(path), segments)
        ]
    )


@pytest.mark.parametrize(
    ("source", "caught"),
    [
        ("url = '/clients/'", True),
        ("url = f'/clients/{key}/'", True),
        ("url = f'<a href=\"/pipeline/{key}/\">'", True),
        ("sql = \"INSERT INTO t SELECT '/callbacks/?status=open', now()\"", True),
        ("url = f'{client.get_absolute_url()}timeline/'", True),
        ("url = f'{client.get_absolute_url()}?kind={kind}'", False),
        ("def page():\n    'Draws /clients/ of a viewer.'", False),
        ("url = address('clients:list')", False),
        ("path('clients/', views.clients)", False),
        ("template = 'pipeline/board/board.html'", False),
        ("path = '/usr/bin/'", False),
    ],
)
def test_the_check_of_addresses_sees_what_it_should(source: str, caught: bool) -> None:
    assert bool(list(written_addresses(ast.parse(source), first_segments()))) is caught


# HTML -----------------------------------------------------------------------------------------

HTML = re.compile(
    r"</?(a|b|button|div|form|h\d|header|input|label|li|nav|ol|option|p|section|select|small|span"
    r"|strong|svg|table|td|textarea|th|tr|ul)(\s+[a-z-]+=|\s*/?>)"
)
MAKES_HTML = {"format_html", "format_html_join", "mark_safe"}
# What a template has drawn is marked safe; the drawing of a code is that of its library.
MARKS_SAFE = {"crm/fragments.py", "pipeline/capture/qr_codes.py", "clients/directory/filters.py"}


def written_html(tree: ast.Module) -> Iterator[ast.AST]:
    """Elements of HTML in texts, docstrings left out, and what makes HTML of texts."""
    yield from (node for node, text in texts(tree) if HTML.search(text))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and {n.name for n in node.names} & MAKES_HTML:
            yield node


def test_html_is_written_in_templates() -> None:
    fail_with(
        [
            f"{at(path, node)}: HTML in Python; put it into a template (crm/fragments.py)"
            for path in python_files("**/*.py")
            if str(path.relative_to(ROOT)) not in MARKS_SAFE
            for node in written_html(parse(path))
        ]
    )


@pytest.mark.parametrize(
    ("source", "caught"),
    [
        ("cell = f'<td>{text}</td>'", True),
        ("link = f'<a href=\"{url}\">'", True),
        ("end = '</li>'", True),
        ("from django.utils.html import format_html", True),
        ("from django.utils.safestring import SafeString, mark_safe", True),
        ("from django.utils.html import escape", False),
        ("sql = 'SELECT 1 WHERE a<b AND c>d'", False),
        ("def cell():\n    'Draws a <td>.'", False),
    ],
)
def test_the_check_of_html_sees_what_it_should(source: str, caught: bool) -> None:
    assert bool(list(written_html(ast.parse(source)))) is caught


def fights_with_the_formatter(path: Path) -> Iterator[int]:
    """Lines with a literal that is unpacked in place, or with a comment that stops the formatter."""
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Starred) and isinstance(node.value, ast.Tuple | ast.List):
            yield node.lineno
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if re.search(r"#\s*fmt:\s*(skip|off)", line):
            yield number


def test_nothing_fights_with_the_formatter() -> None:
    folders = (*ROOMS, "tests", "bench", "scripts")
    files = {path for folder in folders for path in (ROOT / folder).rglob("*.py")}
    found = {
        str(path.relative_to(ROOT)): lines
        for path in sorted(files)
        if "migrations" not in path.parts and (lines := list(fights_with_the_formatter(path)))
    }
    fail_with(
        [
            f"{name}:{line}: write the elements out, and let ruff lay them out"
            for name, lines in found.items()
            for line in lines
        ]
    )


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("x = (*('a', 'b'), 'c')", [1]),
        ("f(*['a'])", [1]),
        ("x = (\n    'a', 'b',\n)  # fmt: " + "skip", [3]),
        ("x = [*rows, *other()]", []),
    ],
)
def test_a_fight_with_the_formatter_is_seen(tmp_path: Path, source: str, lines: list[int]) -> None:
    path = tmp_path / "planted.py"
    path.write_text(source, encoding="utf-8")
    assert list(fights_with_the_formatter(path)) == lines


# Templates ------------------------------------------------------------------------------------

# Mail is no page: it has a frame and styles of its own.
TEMPLATES = sorted(
    path for path in (ROOT / "templates").rglob("*.html") if path.parent.name != "email"
)
COMMENTS = re.compile(r"{#.*?#}|{% comment.*?%}.*?{% endcomment %}|<!--.*?-->", re.DOTALL)
INLINE = {
    "a script without src": re.compile(r"<script(?![^>]*\bsrc=)[^>]*>", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "an on… attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a javascript: address": re.compile(r"=\s*[\"']?\s*javascript:", re.IGNORECASE),
    "another host": re.compile(r"(?:src|href)\s*=\s*[\"'](?:https?:)?//", re.IGNORECASE),
}


def markup(path: Path) -> str:
    """Text of a template without comments, the lines kept."""
    return COMMENTS.sub(lambda hit: "\n" * hit[0].count("\n"), path.read_text(encoding="utf-8"))


def inline(text: str) -> Iterator[tuple[int, str]]:
    # A comparison inside a tag must not end the element early.
    flat = re.sub(r"{%.*?%}|{{.*?}}", lambda hit: hit[0].replace(">", " "), text)
    for what, pattern in INLINE.items():
        for hit in pattern.finditer(flat):
            yield flat.count("\n", 0, hit.start()) + 1, what


def test_templates_hold_no_inline_script_or_style() -> None:
    fail_with(
        [
            f"{path.relative_to(ROOT)}:{line}: {what}; the policy of the pages refuses it"
            for path in TEMPLATES
            for line, what in inline(markup(path))
        ]
    )


@pytest.mark.parametrize(
    ("text", "caught"),
    [
        ("<script src='a.js' defer></script>", False),
        ("<script>go()</script>", True),
        ("<b style='color: red'>", True),
        ("<b {% if a > b %}class=x{% endif %} style=x>", True),
        ("<b data-style='x' class='on'>", False),
        ("<b onclick='x'>", True),
        ("<b data-once>only = 1", False),
        ("<a href='https://example.com'>", True),
        ("<a href='/clients/'>", False),
    ],
)
def test_the_check_of_templates_sees_what_it_should(text: str, caught: bool) -> None:
    assert bool(list(inline(text))) is caught


def test_templates_are_short() -> None:
    found = []
    for path in TEMPLATES:
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines >= LONGEST_TEMPLATE:
            found.append(f"{path.relative_to(ROOT)}: {lines} lines; move a part out")
    fail_with(found)


def test_pages_extend_the_frame() -> None:
    """A template is a page in the frame, or a part that brings no frame of its own."""
    # The two error pages are drawn where the frame's own data may be missing.
    frames = {"base.html", "entrance.html", "500.html", "403_csrf.html"}
    found = []
    for path in TEMPLATES:
        name = str(path.relative_to(ROOT / "templates"))
        text = markup(path)
        if name in frames:
            continue
        if re.search(r"<html\b|<body\b|<!doctype", text, re.IGNORECASE):
            found.append(f"templates/{name}: brings a frame of its own; extend base.html")
        if "{% block content %}" in text and "{% extends" not in text:
            found.append(f"templates/{name}: a page; extend base.html")
    fail_with(found)
