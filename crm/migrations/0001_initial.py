import uuid

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from crm.baseline import Baseline

# ANALYZE needs the owner of a table, which crm_app is not; after a bulk load it refreshes the planner's
# statistics by this function, which runs as the owner and takes the names of this schema's tables only.
ANALYZE = """
CREATE FUNCTION crm_analyze(tables text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE name text;
BEGIN
    FOR name IN SELECT tablename FROM pg_tables
                WHERE schemaname = 'public' AND tablename = ANY (tables) LOOP
        EXECUTE format('ANALYZE public.%I', name);
    END LOOP;
END $$;
"""
NO_ANALYZE = "DROP FUNCTION crm_analyze(text[])"


class Migration(Baseline):
    dependencies = [
        ("staff", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessLog",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "employee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="employee",
                    ),
                ),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("dial", "Dialled from a callback"),
                            ("reveal", "Number shown on request"),
                            ("document", "Identity paper opened"),
                            ("export", "Exported"),
                            ("approve", "Export approved"),
                        ],
                        max_length=20,
                        verbose_name="action",
                    ),
                ),
                ("subject_type", models.CharField(max_length=40, verbose_name="subject")),
                ("subject_id", models.BigIntegerField(verbose_name="subject id")),
                (
                    "client_id",
                    models.BigIntegerField(db_index=True, null=True, verbose_name="client id"),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                ("row_count", models.PositiveIntegerField(null=True, verbose_name="rows")),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="at")),
            ],
            options={
                "verbose_name": "access log entry",
                "verbose_name_plural": "access log",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                (
                    "name",
                    models.CharField(
                        max_length=40, primary_key=True, serialize=False, verbose_name="name"
                    ),
                ),
                ("beat_at", models.DateTimeField(verbose_name="last seen at")),
            ],
            options={
                "verbose_name": "heartbeat",
                "verbose_name_plural": "heartbeats",
            },
        ),
        migrations.CreateModel(
            name="Holiday",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False, verbose_name="day")),
                ("name", models.CharField(blank=True, max_length=100, verbose_name="name")),
                ("is_workday", models.BooleanField(default=False, verbose_name="workday")),
                ("is_trading_day", models.BooleanField(default=False, verbose_name="trading day")),
            ],
            options={
                "verbose_name": "holiday",
                "verbose_name_plural": "holidays",
                "ordering": ["-day"],
            },
        ),
        migrations.CreateModel(
            name="Job",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("kind", models.CharField(max_length=40, verbose_name="kind")),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                (
                    "employee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="jobs",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="employee",
                    ),
                ),
                ("options", models.JSONField(default=dict, verbose_name="options")),
                ("file", models.CharField(blank=True, default="", max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("done", models.PositiveIntegerField(default=0, verbose_name="done")),
                ("total", models.PositiveIntegerField(blank=True, null=True, verbose_name="of")),
                ("result", models.JSONField(default=dict, verbose_name="result")),
                (
                    "error",
                    models.CharField(
                        blank=True, default="", max_length=500, verbose_name="what went wrong"
                    ),
                ),
                (
                    "cancel_asked",
                    models.BooleanField(default=False, verbose_name="to be cancelled"),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("sent_at", models.DateTimeField(auto_now_add=True)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                (
                    "finished_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="finished at"),
                ),
            ],
            options={
                "verbose_name": "job",
                "verbose_name_plural": "jobs",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["employee", "-id"], name="job_of_employee"),
                    models.Index(
                        condition=models.Q(("state__in", ["waiting", "running"])),
                        fields=["sent_at"],
                        name="job_unfinished",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="JobFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="crm.job",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("file", models.CharField(editable=False, max_length=200)),
                ("size", models.PositiveBigIntegerField(verbose_name="bytes")),
            ],
            options={
                "verbose_name": "file of a job",
                "verbose_name_plural": "files of jobs",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_views",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                ("page", models.CharField(max_length=20, verbose_name="page")),
                ("name", models.CharField(max_length=40, verbose_name="name")),
                ("query", models.CharField(max_length=500, verbose_name="query")),
                (
                    "shared",
                    models.BooleanField(default=False, verbose_name="shared with the branch"),
                ),
            ],
            options={
                "verbose_name": "saved view",
                "verbose_name_plural": "saved views",
                "ordering": ["name", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("owner", "page", "name"), name="savedview_name")
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="accesslog",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="ca76c3b396afb9edf01b983d239be67ceeeefe42",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_e9e91",
                    table="crm_accesslog",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(ANALYZE, NO_ANALYZE),
    ]
