"""Background work of the pipeline, gathered for Celery."""

from pipeline.ranking import tasks as ranking  # noqa: F401
from pipeline.retention import tasks as retention  # noqa: F401
