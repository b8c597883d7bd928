"""Background work of exports: files cleared away."""

from celery import shared_task

from clients.exporting import services


@shared_task
def clear_exports() -> None:
    """Every minute: files of exports are not kept beyond their time."""
    services.clear_files()
