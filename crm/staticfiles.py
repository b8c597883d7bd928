"""Static files: which front-end libraries are served, and under what addresses."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage, Error
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

MODULES = Path(settings.BASE_DIR) / "node_modules"


class PackageFinder(BaseFinder):
    """Finds the entries of ``settings.FRONT_END_FILES`` (served name: file in node_modules)."""

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        missing = [
            path for path in settings.FRONT_END_FILES.values() if not (MODULES / path).exists()
        ]
        if not missing:
            return []
        return [
            Error(
                f"Front-end files are missing: {', '.join(missing)}.",
                hint="Run 'make setup' (it installs them by package-lock.json).",
                id="crm.E010",
            )
        ]

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        source = settings.FRONT_END_FILES.get(path.replace("\\", "/"))
        found = [str(MODULES / source)] if source and (MODULES / source).exists() else []
        if find_all or kwargs.get("all"):
            return found
        return found[0] if found else []

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Any]]:
        for name, source in settings.FRONT_END_FILES.items():
            folder = (MODULES / source).parent
            storage = FileSystemStorage(location=folder)
            # collectstatic joins the prefix and the name inside the storage.
            prefix, _, file = name.rpartition("/")
            storage.prefix = prefix  # type: ignore[attr-defined]
            if Path(source).name == file:
                yield file, storage


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage, which works out an address once: every page names a dozen files."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._remembered: Callable[..., str] = cache(super().url)

    def url(self, name: str | None, force: bool = False) -> str:
        """The address of the file; the names of all files are read once, as WhiteNoise does."""
        return self._worked_out(name, force) if settings.DEBUG else self._remembered(name, force)

    def _worked_out(self, name: str | None, force: bool) -> str:
        address: str = super().url(name, force)
        return address
