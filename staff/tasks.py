"""Background work of staff, gathered for Celery."""

from staff.absences import tasks as absences  # noqa: F401
