"""A reminder that was cancelled stands in nobody's way; made beside the running product."""

from django.db import migrations, models

FIELDS = [
    *("callback", "employee", "due_on", "lead_days"),
    *("channel", "endpoint", "escalated"),
]
COLUMNS = "callback_id, employee_id, due_on, lead_days, channel, endpoint_id, escalated"
STALE = "DROP INDEX CONCURRENTLY IF EXISTS reminder_once_next"
MAKE = (
    f"CREATE UNIQUE INDEX CONCURRENTLY reminder_once_next ON visits_reminder ({COLUMNS})"
    " NULLS NOT DISTINCT"
)
DROP = "ALTER TABLE visits_reminder DROP CONSTRAINT IF EXISTS reminder_once"
# The old key knows one row of each: those cancelled for which another stands go.
UNDOUBLE = """
DELETE FROM visits_reminder r USING visits_reminder o
WHERE r.status = 'cancelled' AND o.id <> r.id AND (o.status <> 'cancelled' OR o.id > r.id)
  AND (o.callback_id, o.employee_id, o.due_on, o.lead_days, o.channel, o.escalated)
    = (r.callback_id, r.employee_id, r.due_on, r.lead_days, r.channel, r.escalated)
  AND o.endpoint_id IS NOT DISTINCT FROM r.endpoint_id
"""


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("visits", "0018_asked_referral")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    [
                        STALE,
                        f"{MAKE} WHERE NOT (status = 'cancelled')",
                        DROP,
                        "DROP INDEX IF EXISTS reminder_once",
                        "ALTER INDEX reminder_once_next RENAME TO reminder_once",
                    ],
                    [
                        UNDOUBLE,
                        STALE,
                        MAKE,
                        DROP,
                        "DROP INDEX IF EXISTS reminder_once",
                        "ALTER TABLE visits_reminder ADD CONSTRAINT reminder_once"
                        " UNIQUE USING INDEX reminder_once_next",
                    ],
                )
            ],
            [
                migrations.RemoveConstraint(model_name="reminder", name="reminder_once"),
                migrations.AddConstraint(
                    model_name="reminder",
                    constraint=models.UniqueConstraint(
                        fields=FIELDS,
                        condition=~models.Q(status="cancelled"),
                        name="reminder_once",
                        nulls_distinct=False,
                    ),
                ),
            ],
        )
    ]
