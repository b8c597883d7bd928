"""Background work of imports: files cleared away."""

from celery import shared_task

from clients.importing import services


@shared_task
def clear_imports() -> None:
    """Every minute: files of imports are not kept beyond their time."""
    services.clear_files()
