from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    """What takes long on a large table, while it is read and written."""

    atomic = False
    dependencies = [("clients", "0006_relations")]

    operations = [
        ValidateConstraint(model_name="client", name="client_not_referred_by_self"),
        AddIndexConcurrently(
            model_name="client",
            index=models.Index(
                condition=models.Q(("referred_by__isnull", False)),
                fields=["referred_by"],
                name="client_referred_by",
            ),
        ),
    ]
