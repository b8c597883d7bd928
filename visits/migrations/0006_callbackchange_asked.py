"""The index by which heads find what they are asked to put off."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # An index of a large table is made beside its traffic.
    atomic = False

    dependencies = [("visits", "0005_snooze_with_approval")]

    operations = [
        AddIndexConcurrently(
            model_name="callbackchange",
            index=models.Index(
                condition=models.Q(("action", "asked")),
                fields=["callback"],
                name="callbackchange_asked",
            ),
        ),
    ]
