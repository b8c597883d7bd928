"""Refuse a catalogue with a message that is missing, untranslated, fuzzy or badly formatted."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import to_locale

from crm.management.commands.compile_translations import catalogues

# The code speaks English itself; its catalogue may stay empty.
SOURCE = "en"
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")


def faults(po: polib.POFile) -> Iterator[str]:
    """One sentence for each message of ``po`` that a reader would miss."""
    for entry in po:
        if entry.obsolete:
            continue
        texts = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
        if not all(texts):
            yield f"not translated: {entry.msgid}"
        elif entry.fuzzy:
            yield f"fuzzy: {entry.msgid}"
        else:
            # A plural's forms may leave the number out, but may not name what is not there.
            known = set(PLACEHOLDER.findall(entry.msgid + (entry.msgid_plural or "")))
            used = [set(PLACEHOLDER.findall(text)) for text in texts]
            if any(names - known for names in used) or (
                not entry.msgid_plural and used[0] != known
            ):
                yield f"placeholders differ: {entry.msgid}"
            elif any(map(_breaks, texts)):
                yield f"a per cent sign that is no placeholder is written %%: {entry.msgid}"


def _breaks(text: str) -> bool:
    """Whether a text with placeholders fails as it is filled in: Django would show the English."""
    names = re.findall(r"%\((\w+)\)", text)
    try:
        return bool(names) and not text % dict.fromkeys(names, 1)
    except (TypeError, ValueError):
        return True


def extracted() -> set[tuple[str | None, str]]:
    """Context and text of every message in the code, through gettext's own extraction."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "project"
        skip = shutil.ignore_patterns(
            ".*", "node_modules", "var", "tests", "bench", "docs", "static", "*.mo", "*.po"
        )
        shutil.copytree(settings.BASE_DIR, copy, ignore=skip)
        locale = copy / "locale"
        locale.mkdir(exist_ok=True)
        subprocess.run(
            [sys.executable, "-m", "django", "makemessages", "--keep-pot", "--locale=en"],
            cwd=copy,
            env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(copy)},
            check=True,
            capture_output=True,
        )
        pot = polib.pofile(str(locale / "django.pot"))
    return {(entry.msgctxt, entry.msgid) for entry in pot}


class Command(BaseCommand):
    """``manage.py check_translations``."""

    help = "Fail when a message is missing from a catalogue, untranslated or fuzzy."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        wrong: list[str] = []
        messages = extracted() if shutil.which("xgettext") else None
        if messages is None:
            self.stderr.write(
                "The program xgettext is not installed (package gettext): whether the code has "
                "messages that the catalogues lack was not checked."
            )
        present = catalogues()
        for language, _name in settings.LANGUAGES:
            folder = to_locale(language)
            if language != SOURCE and folder not in {path.parts[-3] for path in present}:
                wrong.append(f"locale/{folder}: no catalogue")
        for path in present:
            if path.parts[-3] == SOURCE:
                continue
            po = polib.pofile(str(path))
            name = path.relative_to(settings.BASE_DIR)
            wrong += [f"{name}: {fault}" for fault in faults(po)]
            have = {(e.msgctxt, e.msgid) for e in po if not e.obsolete}
            wrong += [
                f"{name}: missing: {text}"
                for _, text in sorted((messages or set()) - have, key=lambda m: m[1])
            ]
        if wrong:
            raise CommandError("\n".join([*wrong, "Run 'make messages' and translate."]))
        self.stdout.write("Translations are complete.")
