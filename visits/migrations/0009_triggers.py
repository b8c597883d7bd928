from typing import Any

from django.db import migrations

# Cause, trading days until the call, days of the window, CNY.
TRIGGERS = [
    ("birthday", 0, 0, None),
    ("half_dormant", 5, 30, None),
    ("dormant", 3, 20, None),
    ("flow", 1, 5, 500_000),
    ("custody", 2, 5, None),
    ("purchase", 5, 10, None),
    ("complaint", 5, 5, None),
    ("event", 2, 5, None),
]


def seed(apps: Any, schema_editor: Any) -> None:
    Trigger = apps.get_model("visits", "Trigger")
    Trigger.objects.bulk_create(
        Trigger(cause=cause, call_days=days, window_days=window, amount=amount)
        for cause, days, window, amount in TRIGGERS
    )


class Migration(migrations.Migration):
    dependencies = [("visits", "0008_planning")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
