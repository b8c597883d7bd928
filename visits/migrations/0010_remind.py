import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import visits.models.plan


class Migration(migrations.Migration):
    dependencies = [
        ("visits", "0009_triggers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Endpoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("wecom", "WeCom robot"),
                            ("dingtalk", "DingTalk robot"),
                            ("feishu", "Feishu robot"),
                            ("lark", "Lark robot"),
                            ("webhook", "Webhook (JSON)"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("label", models.CharField(max_length=40, verbose_name="label")),
                ("ciphertext", models.BinaryField()),
                ("key_id", models.CharField(editable=False, max_length=20)),
                ("shown", models.CharField(editable=False, max_length=80, verbose_name="address")),
                ("enabled", models.BooleanField(default=True, verbose_name="in use")),
                (
                    "last_ok_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="last reached"),
                ),
                (
                    "last_failed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="last failed"),
                ),
                (
                    "last_error",
                    models.CharField(blank=True, default="", max_length=200, verbose_name="reason"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                (
                    "removed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="removed at"),
                ),
            ],
            options={
                "verbose_name": "address for reminders",
                "verbose_name_plural": "addresses for reminders",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="QuietHours",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quiet_from", models.TimeField(verbose_name="quiet from")),
                ("quiet_to", models.TimeField(verbose_name="quiet until")),
            ],
            options={
                "verbose_name": "quiet hours",
                "verbose_name_plural": "quiet hours",
                "ordering": ["employee"],
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="callbackplan",
            name="update_update",
        ),
        migrations.AddField(
            model_name="callbackplan",
            name="remind_leads",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.PositiveSmallIntegerField(
                    validators=[django.core.validators.MaxValueValidator(60)]
                ),
                db_default=[0],
                default=visits.models.plan.due_day_only,
                help_text="Trading days before the due date, such as 15, 7, 1, 0.",
                size=8,
                validators=[visits.models.plan.distinct],
                verbose_name="remind ahead",
            ),
        ),
        migrations.AddField(
            model_name="callbackplanevent",
            name="remind_leads",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.PositiveSmallIntegerField(
                    validators=[django.core.validators.MaxValueValidator(60)]
                ),
                db_default=[0],
                default=visits.models.plan.due_day_only,
                help_text="Trading days before the due date, such as 15, 7, 1, 0.",
                size=8,
                validators=[visits.models.plan.distinct],
                verbose_name="remind ahead",
            ),
        ),
        migrations.AddField(
            model_name="digest",
            name="attempts_allowed",
            field=models.PositiveSmallIntegerField(
                db_default=5, default=5, verbose_name="attempts allowed"
            ),
        ),
        migrations.AddField(
            model_name="reminder",
            name="escalated",
            field=models.BooleanField(db_default=False, default=False, verbose_name="long overdue"),
        ),
        migrations.AlterField(
            model_name="digest",
            name="channel",
            field=models.CharField(
                choices=[
                    ("in_app", "In the app"),
                    ("email", "E-mail"),
                    ("endpoint", "Own address"),
                ],
                max_length=10,
                verbose_name="channel",
            ),
        ),
        migrations.AlterField(
            model_name="reminder",
            name="channel",
            field=models.CharField(
                choices=[
                    ("in_app", "In the app"),
                    ("email", "E-mail"),
                    ("endpoint", "Own address"),
                ],
                max_length=10,
                verbose_name="channel",
            ),
        ),
        migrations.RunSQL(
            "UPDATE visits_callbackplan SET remind_leads = ARRAY[remind_lead_days];"
            "UPDATE visits_callbackplanevent SET remind_leads = ARRAY[remind_lead_days];",
            "UPDATE visits_callbackplan SET remind_lead_days = remind_leads[1];"
            "UPDATE visits_callbackplanevent SET remind_lead_days = remind_leads[1];",
        ),
        migrations.RemoveField(
            model_name="callbackplan",
            name="remind_lead_days",
        ),
        migrations.RemoveField(
            model_name="callbackplanevent",
            name="remind_lead_days",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="callbackplan",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "visits_callbackplanevent" ("channel", "daily_capacity", "every", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "remind_at", "remind_leads", "script_id", "segment_id", "shift", "unit", "valid_from", "valid_to", "window_days") VALUES (OLD."channel", OLD."daily_capacity", OLD."every", OLD."id", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."remind_at", OLD."remind_leads", OLD."script_id", OLD."segment_id", OLD."shift", OLD."unit", OLD."valid_from", OLD."valid_to", OLD."window_days"); RETURN NULL;',
                    hash="6ffa76dddf23fb001aa3814290161cd89c029434",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_7268f",
                    table="visits_callbackplan",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="endpoint",
            name="employee",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="endpoints",
                to=settings.AUTH_USER_MODEL,
                verbose_name="employee",
            ),
        ),
        migrations.AddField(
            model_name="digest",
            name="endpoint",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="digests",
                to="visits.endpoint",
                verbose_name="address",
            ),
        ),
        migrations.AddField(
            model_name="reminder",
            name="endpoint",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="visits.endpoint",
            ),
        ),
        migrations.AddField(
            model_name="quiethours",
            name="employee",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="quiet_hours",
                to=settings.AUTH_USER_MODEL,
                verbose_name="employee",
            ),
        ),
        migrations.AddIndex(
            model_name="endpoint",
            index=models.Index(
                condition=models.Q(("enabled", True), ("removed_at__isnull", True)),
                fields=["employee"],
                name="endpoint_in_use",
            ),
        ),
    ]
