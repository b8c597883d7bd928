"""The planner's statistics after a bulk load; autovacuum would come minutes later."""

from django.db import connection, models


def analyze(*tables: type[models.Model]) -> None:
    """Refresh the statistics of these tables."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT crm_analyze(%s)", [[table._meta.db_table for table in tables]])
