from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Checks the old rows while the table is read and written."""

    dependencies = [("clients", "0003_consents")]

    operations = [ValidateConstraint(model_name="client", name="client_call_hours")]
