"""A callback rests within a day, or is put off beyond the policy once a head has agreed."""

from datetime import date
from typing import Any

from django.db import migrations, models

# key, value, unit
POLICIES = [("snooze_cadences", 1, "cadences"), ("snooze_most_days", 180, "days")]


def seed(apps: Any, schema_editor: Any) -> None:
    Policy = apps.get_model("staff", "Policy")
    Policy.objects.bulk_create(
        Policy(
            key=key,
            value=value,
            unit=unit,
            citation="Firm's own setting",
            status="verified",
            valid_from=date(2000, 1, 1),
        )
        for key, value, unit in POLICIES
    )


def unseed(apps: Any, schema_editor: Any) -> None:
    keys = [key for key, _value, _unit in POLICIES]
    apps.get_model("staff", "Policy").objects.filter(key__in=keys).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("staff", "0003_notification_kinds"),
        ("visits", "0004_phrase_rules_by_pattern"),
    ]

    operations = [
        migrations.AddField(
            model_name="callback",
            name="rests_until",
            field=models.DateTimeField(
                blank=True, editable=False, null=True, verbose_name="rests until"
            ),
        ),
        migrations.AlterField(
            model_name="callbackchange",
            name="action",
            field=models.CharField(
                choices=[
                    ("snoozed", "Snoozed"),
                    ("cancelled", "Cancelled"),
                    ("created", "Created"),
                    ("moved", "Moved"),
                    ("reassigned", "Given to somebody"),
                    ("asked", "Asked to put off"),
                    ("refused", "Not put off"),
                ],
                max_length=10,
                verbose_name="action",
            ),
        ),
        migrations.RunPython(seed, unseed),
    ]
