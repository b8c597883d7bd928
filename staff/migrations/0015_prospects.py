"""How long prospects are kept, and the line in the inbox about a public form."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import migrations, models

PIPL = "Firm's own setting; PIPL arts 19 and 47 (shortest time needed, deletion after it)"
POLICIES = [
    # Days after the last contact (else the recording) of a prospect that never opened an account.
    ("prospect.retention_days", 730, PIPL),
    # How many days before that heads see it coming.
    ("prospect.retention_notice_days", 30, PIPL),
]


def seed(apps: Any, schema_editor: Any) -> None:
    Policy = apps.get_model("staff", "Policy")
    Policy.objects.bulk_create(
        Policy(
            key=key,
            value=Decimal(value),
            unit="days",
            citation=citation,
            status="verified",
            valid_from=date(2000, 1, 1),
        )
        for key, value, citation in POLICIES
    )


class Migration(migrations.Migration):
    dependencies = [
        ("staff", "0014_compliance"),
    ]

    operations = [
        migrations.AlterField(
            model_name="notification",
            name="kind",
            field=models.CharField(
                choices=[
                    ("digest", "Callbacks due"),
                    ("over_capacity", "Over capacity"),
                    ("holidays", "Holidays missing"),
                    ("system", "System"),
                    ("job", "Work finished"),
                    ("hand_over", "Hand-over"),
                    ("escalation", "Long overdue"),
                    ("outage", "Machinery silent"),
                    ("return_visits", "Compliance return visits"),
                    ("exception_case", "Exception case"),
                    ("public_form", "Public form"),
                ],
                max_length=20,
                verbose_name="kind",
            ),
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
