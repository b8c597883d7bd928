"""Two guards over the source: nothing imports views, and pages read through the access rule.

Both take the root of a tree, so that a test can run them on one with a planted breach.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from django.apps import apps
from django.db import models

ROOMS = ("crm", "staff", "clients", "visits", "pipeline", "compliance", "dashboards", "demo")
# Methods that apply the access rule; they must follow the manager at once.
ENTRANCES = {"visible_to", "editable_by", "startable_by", "decidable_by"}
MANAGERS = {"objects", "_default_manager", "_base_manager"}
# Methods of a manager that read nothing to be shown: they write, lock a row by key, or are empty.
WRITES = {"create", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
WRITES |= {"select_for_update", "none"}

# Modules that write or work for the whole firm, by pattern of their path, and why they may read by
# key: what they are given was fetched through the rule by the page or the task that calls them.
WRITERS = {
    "*/services.py": "services are given rows that a page fetched through the rule",
    "*/*_services.py": "the same",
    "*/undo.py": "takes back what a service did",
    "*admin.py": "guarded by staff.scoped_admin",
    "*/importing/*.py": "an import runs for the branch that it is checked for",
    "*/integration/operations.py": "operations act on the clients that a service hands on",
    "*/integration/purge.py": "the same",
    "demo/*.py": "writes a firm of invented clients",
    "clients/birthdays.py": "derives lunar birthdays by key",
    "clients/directory/bulk.py": "changes the clients of a job, checked one by one",
    "clients/file/assignments.py": "writes who serves whom",
    "clients/handovers/moving.py": "moves the clients of a hand-over that was approved",
    "pipeline/opportunities/assessments.py": "writes assessments of an opportunity it is given",
    "pipeline/ranking/training.py": "learns from all closed opportunities; names nobody",
    "visits/agenda/appointments.py": "writes appointments of a client it is given",
    "visits/contacts/callbacks.py": "writes callbacks of a client it is given",
    "visits/contacts/snooze_limits.py": "counts from the decisions on a callback it is given",
    "visits/contacts/wrong_numbers.py": "writes the callback for the number of an entry it is given",
    "visits/contacts/rows.py": "locks and reads again the rows that a write is given",
    "visits/contacts/corrections.py": "writes the entry in place of one it is given",
    "visits/notifications/digests.py": "sends what was made out for its receiver",
    "visits/planning/occasions.py": "writes occasions of a client it is given",
    "visits/scripts/suggestions.py": "writes replies to an entry it is given",
}
# Reads of one table in one module that is no writer, and why they show nothing out of scope.
READERS = {
    ("clients/directory/filters.py", "ClientTag"): "a condition on clients of the rule",
    ("clients/duplicates/detection.py", "Client"): "a warning that names nobody",
    ("clients/exporting/files.py", "Phone"): "by keys of a list read through the rule",
    ("clients/exporting/files.py", "Identity"): "by keys of a list read through the rule",
    ("clients/figures/report.py", "FundAccount"): "of a report in scope; clients out of it unnamed",
    ("clients/figures/held.py", "DerivedProfile"): "of the client whose file is open",
    ("clients/file/timeline.py", "Consent"): "of the client whose file is open",
    ("clients/file/timeline.py", "Document"): "of the client whose file is open",
    ("clients/file/timeline.py", "Client"): "the client whose file is open, by its history",
    ("clients/handovers/sharing.py", "DerivedProfile"): "of clients whom the asker may change",
    ("clients/handovers/sharing.py", "Membership"): "the same",
    ("clients/models/client.py", "Client"): "keys of those merged into a client that was fetched",
    ("clients/models/hand_over.py", "HandOverItem"): "a part of the access rule of hand-overs",
    ("clients/relations/selectors.py", "Membership"): "members are counted, named through the rule",
    ("clients/search.py", "Client"): "writes the search words",
    ("clients/search.py", "FundAccount"): "keys within a list that the rule has narrowed",
    ("clients/search.py", "Phone"): "keys within a list that the rule has narrowed",
    ("compliance/coverage/reached.py", "ReturnVisit"): "a subquery of counts per branch",
    ("pipeline/board/calendar.py", "Opportunity"): "keys of a list that the rule has narrowed",
    ("pipeline/campaigns/audience.py", "Consent"): "a condition on clients of the rule",
    ("pipeline/campaigns/check_in.py", "Client"): "guests of the event (docs/access.md)",
    ("pipeline/campaigns/check_in.py", "Invitation"): "guests of the event (docs/access.md)",
    ("pipeline/campaigns/selectors.py", "Invitation"): "counts of a campaign that was fetched",
    (
        "pipeline/capture/qr_codes.py",
        "CaptureLink",
    ): "the code that a visitor scanned, by its secret",
    ("pipeline/channels/referrals.py", "Client"): "a condition on clients of the rule",
    ("pipeline/channels/referrals.py", "Thanks"): "a condition on clients of the rule",
    ("visits/agenda/day_sheet.py", "Phone"): "phones of callbacks that the rule has given",
    ("visits/contacts/drafts.py", "Visit"): "whether one's own entry was saved",
    ("visits/contacts/in_a_row.py", "Callback"): "the place in the row of one no longer one's own",
    (
        "visits/contacts/timeline_views.py",
        "Membership",
    ): "clients are counted, visits come through the rule",
    ("visits/planning/explain.py", "Absence"): "of the manager of a callback that was fetched",
    ("visits/planning/explain.py", "Callback"): "counts of a day; no client is named",
    ("visits/snoozing/presets.py", "CallbackChange"): "the reasons that one gave oneself",
    ("visits/scripts/effectiveness.py", "Visit"): "counts of the branch; nobody is named",
    ("visits/scripts/talking_points.py", "Visit"): "counts of the firm; nobody is named",
}


def python_files(root: Path, *patterns: str) -> list[Path]:
    """Files of the rooms below ``root`` that match, migrations left out."""
    found = {
        path
        for room in ROOMS
        for pattern in patterns
        for path in (root / room).glob(pattern)
        if "migrations" not in path.parts and "__pycache__" not in path.parts
    }
    return sorted(found)


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _tables() -> list[type[models.Model]]:
    rows = [model for room in ROOMS for model in apps.get_app_config(room).get_models()]
    return [model for model in rows if not model.__name__.endswith("Event")]


def scoped() -> set[str]:
    """Names of the tables whose queryset has the access rule."""
    return {model.__name__ for model in _tables() if hasattr(model._default_manager, "visible_to")}


def parts() -> dict[str, set[str]]:
    """Tables that belong to a row of a scoped one: the names of the fields that lead there."""
    found: dict[str, set[str]] = {}
    above = scoped()
    while True:
        more = {
            model.__name__: {
                field.name
                for field in model._meta.concrete_fields
                if isinstance(field, models.ForeignKey)
                and isinstance(field.related_model, type)
                and field.related_model.__name__ in above
            }
            for model in _tables()
            if model.__name__ not in above
        }
        more = {name: fields for name, fields in more.items() if fields}
        if not more:
            return found
        found |= more
        above |= set(more)


SCOPED = scoped()
PARTS = parts()


def _table_of(node: ast.expr) -> str:
    """The table of ``Client.objects`` or ``models.Client.objects``; '' for anything else."""
    if not isinstance(node, ast.Attribute) or node.attr not in MANAGERS:
        return ""
    value = node.value
    name = value.id if isinstance(value, ast.Name) else getattr(value, "attr", "")
    return name if name in SCOPED or name in PARTS else ""


def _is_harmless(table: str, call: ast.Call, updates: bool) -> bool:
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if method in ENTRANCES or method in WRITES or updates:
        return True
    # A subquery about a row of the statement around it.
    if any(isinstance(part, ast.Name) and part.id == "OuterRef" for part in ast.walk(call)):
        return True
    fields = {(keyword.arg or "").split("__")[0] for keyword in call.keywords}
    return bool(PARTS.get(table, set()) & fields)


def raw_access(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """Reads of a client's tables that begin neither with the access rule nor with a row of it."""
    above: dict[int, ast.AST] = {
        id(child): node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (table := _table_of(node)):
            methods, calls = [], []
            outer: ast.AST = node
            while isinstance(above.get(id(outer)), ast.Attribute | ast.Call):
                inner, outer = outer, above[id(outer)]
                if isinstance(outer, ast.Call):
                    if outer.func is not inner:
                        break
                    calls.append(outer)
                else:
                    methods.append(getattr(outer, "attr", ""))
            if not calls or not _is_harmless(
                table, calls[0], methods[-1:] in (["update"], ["delete"])
            ):
                yield node, table
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            first = node.args[0]
            if node.func.id in {"get_object_or_404", "get_list_or_404"}:
                name = first.id if isinstance(first, ast.Name) else getattr(first, "attr", "")
                if name in SCOPED or name in PARTS:
                    yield node, name


def unguarded(root: Path) -> list[tuple[str, int, str]]:
    """Path, line and table of each raw read below ``root`` outside the writers."""
    found = []
    for path in python_files(root, "**/*.py"):
        name = path.relative_to(root).as_posix()
        if not any(fnmatch(name, pattern) for pattern in WRITERS):
            found += [(name, node.lineno, table) for node, table in raw_access(parse(path))]  # type: ignore[attr-defined]
    return found


def read_outside_the_rule(root: Path) -> list[str]:
    """A sentence for each raw read that is not listed."""
    return [
        f"{name}:{line}: {table}.objects; begin with {table}.objects.visible_to(request.user), or "
        "go through a row that was fetched so"
        for name, line, table in unguarded(root)
        if (name, table) not in READERS
    ]


# Views ----------------------------------------------------------------------------------------


def imported(path: Path, root: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of each import; relative ones and ``import_module`` included."""
    package = path.relative_to(root).parent.parts
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node.lineno, name.name
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield node.lineno, module
            for name in node.names:
                yield node.lineno, f"{module}.{name.name}"
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            for argument in node.args[:1]:
                if isinstance(argument, ast.Constant):
                    yield node.lineno, str(argument.value)


def is_views(parts: tuple[str, ...], root: Path) -> bool:
    """Whether a dotted name leads to a module or package of views, or into one."""
    return any(
        part.endswith("views")
        and (
            root.joinpath(*parts[: place + 1]).is_dir()
            or root.joinpath(*parts[:place], f"{part}.py").is_file()
        )
        for place, part in enumerate(parts)
    )


def imports_of_views(root: Path) -> list[str]:
    """A sentence for each import of views by a module that is neither addresses nor views."""
    found = set()
    for path in python_files(root, "**/*.py"):
        inside = path.relative_to(root)
        # staff/home.py holds the address of the root, outside the namespace of its room.
        if path.stem == "urls" or inside.as_posix() == "staff/home.py":
            continue
        if is_views(inside.with_suffix("").parts, root):
            continue
        for line, name in imported(path, root):
            parts = tuple(name.split("."))
            if parts[0] in ROOMS and is_views(parts, root):
                found.add(f"{inside}:{line}: imports {name}; move what it needs out of views")
    return sorted(found)
