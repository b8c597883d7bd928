"""A password of an administrator's making is marked; the employee's address is the only mailbox."""

from typing import Any

from django.db import migrations, models
from django.db.models.functions import Lower


def keep_one_address(apps: Any, schema_editor: Any) -> None:
    """Addresses that people added by themselves are gone; those that count are looked up small."""
    apps.get_model("account", "EmailAddress").objects.all().delete()
    apps.get_model("staff", "Employee").objects.exclude(email=Lower("email")).update(
        email=Lower("email")
    )


class Migration(migrations.Migration):
    dependencies = [
        ("staff", "0015_prospects"),
        ("account", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="employee",
            name="must_change_password",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="must choose a new password"
            ),
        ),
        migrations.RunPython(keep_one_address, migrations.RunPython.noop),
    ]
