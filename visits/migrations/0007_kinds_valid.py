from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Apart from 0006, so that reading the table does not hold its lock."""

    dependencies = [
        ("visits", "0006_kinds"),
    ]

    operations = [
        ValidateConstraint(model_name="callback", name="callback_merged_into"),
        ValidateConstraint(model_name="callback", name="callback_appointment_time"),
    ]
