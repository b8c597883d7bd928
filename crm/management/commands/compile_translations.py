"""Compile the translations without the gettext programs, which a bare machine lacks."""

import os
import tempfile
from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management.base import BaseCommand


def catalogues() -> list[Path]:
    """Every .po file of the project."""
    return sorted(po for root in settings.LOCALE_PATHS for po in Path(root).glob("*/*/*.po"))


def compile_stale() -> list[Path]:
    """Compile the catalogues that changed since they were last compiled; return them."""
    stale = []
    for po in catalogues():
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime_ns >= po.stat().st_mtime_ns:
            continue
        binary = polib.pofile(str(po)).to_binary()
        handle, draft = tempfile.mkstemp(dir=mo.parent, suffix=".tmp")
        with os.fdopen(handle, "wb") as file:
            file.write(binary)
        os.chmod(draft, 0o644)
        os.replace(draft, mo)  # whole or not at all: a server may be reading it
        stale.append(po)
    return stale


class Command(BaseCommand):
    """``manage.py compile_translations``."""

    help = "Compile changed .po files (no gettext programs needed)."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        for po in compile_stale():
            self.stdout.write(f"Compiled {po.relative_to(settings.BASE_DIR)}")
