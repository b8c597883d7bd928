"""The index by which a head's list of callbacks is counted and found by the clients of a branch."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # An index of a large table is made beside its traffic.
    atomic = False

    dependencies = [("visits", "0002_seed")]

    operations = [
        AddIndexConcurrently(
            model_name="callback",
            index=models.Index(
                condition=models.Q(("status", "open")),
                fields=["client", "due_on", "id"],
                include=("confidential",),
                name="callback_of_client",
            ),
        ),
    ]
