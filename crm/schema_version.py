"""Whether the tables of the database are of this version."""

from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from crm import embedded


def unknown_migrations() -> list[str]:
    """What was migrated in the database and is no file of this version, as ``app.name``."""
    folders = {
        config.label: Path(config.path) / "migrations"
        for config in apps.get_app_configs()
        if Path(config.path).parent == settings.BASE_DIR
    }
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(
        f"{app}.{name}"
        for app, name in applied
        if app in folders and not (folders[app] / f"{name}.py").exists()
    )


def refuse_unknown_migrations() -> None:
    """Raise CommandError, with what to do, where the database has migrations unknown here.

    Another version made its tables, so neither migrating nor filling them can be right.
    """
    unknown = unknown_migrations()
    if not unknown:
        return
    anew = "give DATABASE_URL an empty database"
    if settings.EMBEDDED:
        home, data = embedded.home(), Path(embedded.layout().postgres)
        places = [home] if data.is_relative_to(home) else [home, data]
        anew = f"stop it (make stop) and move {' and '.join(map(str, places))} away"
    more = f" and {len(unknown) - 1} more" if len(unknown) > 1 else ""
    raise CommandError(
        f"Nothing was changed, because the tables were made by a version with other migrations "
        f"({unknown[0]}{more}): go back to that version, or, to begin anew, {anew}."
    )
