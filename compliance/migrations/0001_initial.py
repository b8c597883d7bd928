import uuid

import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from crm.baseline import Baseline

# No return visit is given to whoever serves or won the client, now or in the past.
NEVER_OWN = """
CREATE FUNCTION compliance_never_own() RETURNS trigger AS $$
BEGIN
    IF EXISTS (SELECT FROM clients_assignment a
               WHERE a.client_id = NEW.client_id AND a.employee_id = NEW.employee_id) THEN
        RAISE EXCEPTION 'a return visit is never given to a manager of the client'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'callback_never_own';
    END IF;
    RETURN NEW;
END $$ LANGUAGE plpgsql;
CREATE TRIGGER compliance_never_own
    BEFORE INSERT OR UPDATE OF employee_id, client_id ON visits_callback
    FOR EACH ROW WHEN (NEW.kind = 'compliance' AND NEW.employee_id IS NOT NULL)
    EXECUTE FUNCTION compliance_never_own();
"""
OWN = """
DROP TRIGGER compliance_never_own ON visits_callback;
DROP FUNCTION compliance_never_own();
"""


class Migration(Baseline):
    dependencies = [
        ("clients", "0001_initial"),
        ("staff", "0001_initial"),
        ("visits", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ExceptionCase",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "public_id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        unique=True,
                    ),
                ),
                (
                    "visit",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exception_case",
                        to="visits.visit",
                        verbose_name="visit",
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exception_cases",
                        to="clients.client",
                        verbose_name="client",
                    ),
                ),
                (
                    "concerned",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="manager concerned",
                    ),
                ),
                ("findings", models.JSONField(verbose_name="answers to be examined")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("looking", "Being looked into"),
                            ("closed", "Closed"),
                        ],
                        db_default="open",
                        default="open",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                (
                    "opened_at",
                    models.DateTimeField(
                        auto_now_add=True,
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="opened at",
                    ),
                ),
                ("closed_at", models.DateTimeField(null=True, verbose_name="closed at")),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="closed by",
                    ),
                ),
            ],
            options={
                "verbose_name": "exception case",
                "verbose_name_plural": "exception cases",
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["state", "-id"], name="exceptioncase_state")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("closed_at__isnull", False),
                                ("closed_by__isnull", False),
                                ("state", "closed"),
                            ),
                            models.Q(
                                models.Q(("state", "closed"), _negated=True),
                                ("closed_at__isnull", True),
                                ("closed_by__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="exceptioncase_closed",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="compliance.exceptioncase",
                        verbose_name="case",
                    ),
                ),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("opened", "Opened"),
                            ("looking", "Being looked into"),
                            ("note", "Note"),
                            ("closed", "Closed"),
                        ],
                        max_length=8,
                        verbose_name="action",
                    ),
                ),
                ("words", models.TextField(blank=True, default="", verbose_name="words")),
                (
                    "employee",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        auto_now_add=True,
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="at",
                    ),
                ),
            ],
            options={
                "verbose_name": "step of an exception case",
                "verbose_name_plural": "steps of exception cases",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("action__in", ["note", "closed"]), _negated=True),
                            models.Q(("words", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="casestep_has_words",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReturnVisit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "callback",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="return_visit",
                        to="visits.callback",
                        verbose_name="callback",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("new_account", "New account"),
                            ("yearly", "Yearly sample"),
                            ("departure", "Manager left"),
                            ("assets", "Key client: large assets for the first time"),
                            ("flow", "Abnormal account: large sum in or out"),
                            ("complaint", "Complaint"),
                            ("hand", "Planned by compliance"),
                        ],
                        max_length=12,
                        verbose_name="reason",
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="return_visits",
                        to="visits.visit",
                        verbose_name="visit",
                    ),
                ),
                (
                    "visited_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="visited by",
                    ),
                ),
                ("visited_on", models.DateField(null=True, verbose_name="visited on")),
                (
                    "is_returned",
                    models.BooleanField(db_default=False, default=False, verbose_name="returned"),
                ),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="reviewed by",
                    ),
                ),
                ("reviewed_at", models.DateTimeField(null=True, verbose_name="reviewed at")),
            ],
            options={
                "verbose_name": "return visit",
                "verbose_name_plural": "return visits",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("visit__isnull", True),
                                ("visited_by__isnull", True),
                                ("visited_on__isnull", True),
                            ),
                            models.Q(
                                ("visit__isnull", False),
                                ("visited_by__isnull", False),
                                ("visited_on__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="returnvisit_visited",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reviewed_at__isnull", True), ("reviewed_by__isnull", True)),
                            models.Q(
                                ("is_returned", False),
                                ("reviewed_at__isnull", False),
                                ("reviewed_by__isnull", False),
                                ("visited_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="returnvisit_reviewed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reviewed_by__isnull", True),
                            models.Q(("reviewed_by", models.F("visited_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="returnvisit_another_reviews",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReturnVisitor",
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
                        related_name="return_visitor",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="employee",
                    ),
                ),
                (
                    "branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="return_visitors",
                        to="staff.branch",
                        verbose_name="branch",
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="to")),
                (
                    "named_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="named by",
                    ),
                ),
            ],
            options={
                "verbose_name": "return visitor",
                "verbose_name_plural": "return visitors",
                "ordering": ["branch", "employee"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to__isnull", True)),
                        fields=("employee", "branch"),
                        name="returnvisitor_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to__isnull", True),
                            ("valid_to__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="returnvisitor_period",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReturnVisitStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "return_visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="compliance.returnvisit",
                        verbose_name="return visit",
                    ),
                ),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("assigned", "Given to somebody"),
                            ("tried", "Not reached"),
                            ("visited", "Visited"),
                            ("accepted", "Accepted"),
                            ("returned", "Returned"),
                            ("closed", "Closed without a visit"),
                        ],
                        max_length=10,
                        verbose_name="action",
                    ),
                ),
                (
                    "words",
                    models.CharField(
                        blank=True, db_default="", default="", max_length=500, verbose_name="words"
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="visits.visit",
                        verbose_name="visit",
                    ),
                ),
                (
                    "employee",
                    models.ForeignKey(
                        help_text="Empty: the nightly run.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        auto_now_add=True,
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="at",
                    ),
                ),
            ],
            options={
                "verbose_name": "step of a return visit",
                "verbose_name_plural": "steps of return visits",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="YearEnd",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(unique=True, verbose_name="year")),
                (
                    "made_at",
                    models.DateTimeField(
                        auto_now_add=True,
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="made at",
                    ),
                ),
            ],
            options={
                "verbose_name": "year end",
                "verbose_name_plural": "year ends",
                "ordering": ["-year"],
            },
        ),
        migrations.CreateModel(
            name="YearEndClient",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "year_end",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clients",
                        to="compliance.yearend",
                        verbose_name="year end",
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clients.client",
                        verbose_name="client",
                    ),
                ),
                (
                    "branch",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="staff.branch",
                        verbose_name="branch",
                    ),
                ),
                (
                    "left_out",
                    models.CharField(
                        blank=True,
                        choices=[("dormant", "Dormant"), ("suspended", "No open account")],
                        default="",
                        max_length=10,
                        verbose_name="does not count",
                    ),
                ),
            ],
            options={
                "verbose_name": "client at a year's end",
                "verbose_name_plural": "clients at a year's end",
                "ordering": ["id"],
                "indexes": [
                    models.Index(
                        fields=["year_end", "branch", "id"], name="yearendclient_of_branch"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("year_end", "client"), name="yearendclient_once"
                    )
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="yearend",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="2d9b7b11bf927330df827eff32196466fda99823",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_06181",
                    table="compliance_yearend",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="exceptioncase",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n                    IF TG_OP = 'UPDATE' AND OLD.state <> 'closed'\n                       AND to_jsonb(OLD) - '{state,closed_at,closed_by_id}'::text[]\n                         = to_jsonb(NEW) - '{state,closed_at,closed_by_id}'::text[] THEN\n                        RETURN NEW;\n                    END IF;\n                    RAISE EXCEPTION 'an exception case is kept as it was found'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'exceptioncase_kept';\n                ",
                    hash="9eea4a3359f5abc2835f0bbc6f42b2490002d0ab",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_kept_48eb4",
                    table="compliance_exceptioncase",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="casestep",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="861c99c688379262864f764d50624090cc047c30",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_75b7f",
                    table="compliance_casestep",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="returnvisit",
            trigger=pgtrigger.compiler.Trigger(
                name="never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="9b8227883fd82abcd3590cb7ed4aaca395dc1fa0",
                    operation="DELETE",
                    pgid="pgtrigger_never_deleted_82661",
                    table="compliance_returnvisit",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="returnvisit",
            trigger=pgtrigger.compiler.Trigger(
                name="never_own",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF EXISTS (SELECT FROM visits_callback k\n               JOIN clients_assignment a ON a.client_id = k.client_id\n               WHERE k.id = NEW.callback_id\n                 AND a.employee_id IN (NEW.visited_by_id, NEW.reviewed_by_id)) THEN\n        RAISE EXCEPTION 'nobody makes or reviews a return visit to a client of their own'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'returnvisit_never_own';\n    END IF;\n    RETURN NEW;\n",
                    hash="c3884b23241d94923982ffdac2097958f99ac445",
                    operation='INSERT OR UPDATE OF "visited_by_id", "reviewed_by_id"',
                    pgid="pgtrigger_never_own_a4c87",
                    table="compliance_returnvisit",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="returnvisitstep",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="8712a6896af55db22de04f31e30fdd6f3242d69c",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_05a89",
                    table="compliance_returnvisitstep",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="yearendclient",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="bff049b1d11150347d32cc9fe5430b7310d338b2",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_b2c1f",
                    table="compliance_yearendclient",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(NEVER_OWN, OWN),
    ]
