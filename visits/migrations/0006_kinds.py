import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0013_importing"),
        ("visits", "0005_expiry"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="callback",
            name="minutes",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="minutes"),
        ),
        migrations.AddField(
            model_name="callback",
            name="place",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=200, verbose_name="place"
            ),
        ),
        migrations.AddField(
            model_name="callback",
            name="starts_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="begins"),
        ),
        migrations.AlterField(
            model_name="callback",
            name="kind",
            field=models.CharField(
                choices=[
                    ("cadence", "Regular"),
                    ("new_account", "New account"),
                    ("expiry", "Paper or risk test expiring"),
                    ("birthday", "Birthday"),
                    ("dormant", "Dormant account"),
                    ("flow", "Large inflow or outflow"),
                    ("occasion", "After an occasion"),
                    ("promise", "Promised in a visit"),
                    ("appointment", "Appointment"),
                    ("compliance", "Compliance return visit"),
                    ("manual", "By hand"),
                ],
                max_length=12,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="callback",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="joined",
                to="visits.callback",
            ),
        ),
        migrations.AlterField(
            model_name="callback",
            name="status",
            field=models.CharField(
                choices=[
                    ("open", "Open"),
                    ("merged", "Joined with another"),
                    ("done", "Done"),
                    ("cancelled", "Cancelled"),
                ],
                default="open",
                max_length=10,
                verbose_name="status",
            ),
        ),
        migrations.AlterField(
            model_name="callbackevent",
            name="status",
            field=models.CharField(
                choices=[
                    ("open", "Open"),
                    ("merged", "Joined with another"),
                    ("done", "Done"),
                    ("cancelled", "Cancelled"),
                ],
                default="open",
                max_length=10,
                verbose_name="status",
            ),
        ),
        AddConstraintNotValid(
            model_name="callback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("merged_into__isnull", False), ("status", "merged")),
                    models.Q(("merged_into__isnull", True), ("status", "open")),
                    ("status__in", ["done", "cancelled"]),
                    _connector="OR",
                ),
                name="callback_merged_into",
            ),
        ),
        AddConstraintNotValid(
            model_name="callback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("kind", "appointment"),
                        ("minutes__isnull", False),
                        ("starts_at__isnull", False),
                    ),
                    models.Q(
                        models.Q(("kind", "appointment"), _negated=True),
                        ("minutes__isnull", True),
                        ("starts_at__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="callback_appointment_time",
            ),
        ),
    ]
