import datetime
import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.functions
import django.core.validators
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import visits.models.plan
from crm.baseline import Baseline


class Migration(Baseline):
    dependencies = [
        ("clients", "0001_initial"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("staff", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="BannedPhrase",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "phrase",
                    models.CharField(
                        help_text="Found also with spaces, punctuation or full-width letters in between.",
                        max_length=40,
                        verbose_name="phrase",
                    ),
                ),
                ("why_zh", models.CharField(max_length=120, verbose_name="why (Chinese)")),
                (
                    "why_en",
                    models.CharField(blank=True, max_length=120, verbose_name="why (English)"),
                ),
                (
                    "harmless_in",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        db_default=[],
                        default=list,
                        help_text="Longer words that contain it by chance, separated by commas.",
                        size=None,
                        verbose_name="harmless in",
                    ),
                ),
                (
                    "branch",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: the whole firm.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="banned_phrases",
                        to="staff.branch",
                        verbose_name="branch",
                    ),
                ),
                ("citation", models.CharField(max_length=200, verbose_name="citation")),
                (
                    "status",
                    models.CharField(
                        choices=[("verified", "Verified"), ("unverified", "Unverified")],
                        default="unverified",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="to")),
            ],
            options={
                "verbose_name": "banned phrase",
                "verbose_name_plural": "banned phrases",
                "ordering": ["phrase", "-valid_from"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("phrase"),
                        django.db.models.functions.comparison.Coalesce("branch_id", 0),
                        condition=models.Q(("valid_to__isnull", True)),
                        name="bannedphrase_one_open",
                        violation_error_message="This phrase is banned already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to__isnull", True),
                            ("valid_to__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="bannedphrase_period",
                        violation_error_message="The end lies before the start.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "employee",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="calendar_feed",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="employee",
                    ),
                ),
                (
                    "token_hash",
                    models.CharField(editable=False, max_length=64, null=True, unique=True),
                ),
                ("made_at", models.DateTimeField(verbose_name="made at")),
                (
                    "read_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="last read at"),
                ),
            ],
            options={
                "verbose_name": "calendar address",
                "verbose_name_plural": "calendar addresses",
                "ordering": ["employee"],
            },
        ),
        migrations.CreateModel(
            name="Script",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.SlugField(max_length=40, verbose_name="key")),
                ("name_zh", models.CharField(max_length=60, verbose_name="name (Chinese)")),
                (
                    "name_en",
                    models.CharField(blank=True, max_length=60, verbose_name="name (English)"),
                ),
                (
                    "branch",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: the whole firm.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="scripts",
                        to="staff.branch",
                        verbose_name="branch",
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("regular", "Regular"),
                            ("new_account", "New account"),
                            ("expiry", "Paper or risk test expiring"),
                            ("birthday", "Birthday"),
                            ("dormant", "Dormant account"),
                            ("flow", "Large inflow or outflow"),
                            ("occasion", "Transfer, purchase or event"),
                            ("complaint", "Complaint closed"),
                            ("compliance", "Compliance return visit"),
                        ],
                        db_default="regular",
                        default="regular",
                        max_length=12,
                        verbose_name="used for",
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: all segments. A regular script is chosen by the plan instead.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="scripts",
                        to="clients.segment",
                        verbose_name="segment",
                    ),
                ),
            ],
            options={
                "verbose_name": "script",
                "verbose_name_plural": "scripts",
                "ordering": ["key"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("key"),
                        django.db.models.functions.comparison.Coalesce("branch_id", 0),
                        name="script_key",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CallbackPlan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plans",
                        to="clients.segment",
                        verbose_name="segment",
                    ),
                ),
                (
                    "every",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Empty: no regular callbacks.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(1000),
                        ],
                        verbose_name="every",
                    ),
                ),
                (
                    "unit",
                    models.CharField(
                        choices=[("day", "days"), ("month", "months")],
                        default="month",
                        max_length=5,
                        verbose_name="unit",
                    ),
                ),
                (
                    "window_days",
                    models.PositiveSmallIntegerField(
                        default=10,
                        help_text="Days after the due date within which the callback may be placed.",
                        verbose_name="window",
                    ),
                ),
                (
                    "shift",
                    models.CharField(
                        choices=[
                            ("after", "the next trading day"),
                            ("before", "the trading day before"),
                        ],
                        db_default="after",
                        default="after",
                        max_length=6,
                        verbose_name="a closed day moves to",
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("phone", "Phone"),
                            ("wechat", "WeChat"),
                            ("in_person", "In person"),
                            ("video", "Video call"),
                            ("sms", "Text message"),
                            ("other", "Other channel"),
                        ],
                        default="phone",
                        max_length=10,
                        verbose_name="channel",
                    ),
                ),
                (
                    "script",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plans",
                        to="visits.script",
                        verbose_name="script",
                    ),
                ),
                (
                    "remind_at",
                    models.TimeField(default=datetime.time(8, 30), verbose_name="remind at"),
                ),
                (
                    "remind_leads",
                    django.contrib.postgres.fields.ArrayField(
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
                (
                    "daily_capacity",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Callbacks of this segment per manager and trading day; empty: no own limit.",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="daily share",
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="to")),
            ],
            options={
                "verbose_name": "callback plan",
                "verbose_name_plural": "callback plans",
                "ordering": ["segment", "-valid_from"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to__isnull", True)),
                        fields=("segment",),
                        name="callbackplan_one_open",
                        violation_error_message="Close the plan in force before adding another.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to__isnull", True),
                            ("valid_to__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="callbackplan_period",
                        violation_error_message="The end lies before the start.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("every__isnull", True), ("every__gte", 1), _connector="OR"
                        ),
                        name="callbackplan_every",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Callback",
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
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="callbacks",
                        to="clients.client",
                        verbose_name="client",
                    ),
                ),
                (
                    "employee",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="callbacks",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="employee",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("cadence", "Regular"),
                            ("new_account", "New account"),
                            ("expiry", "Paper or risk test expiring"),
                            ("birthday", "Birthday"),
                            ("dormant", "Dormant account"),
                            ("flow", "Large inflow or outflow"),
                            ("custody", "Custody transferred to us"),
                            ("purchase", "Product bought"),
                            ("complaint", "Complaint closed"),
                            ("event", "Event attended"),
                            ("promise", "Promised in a visit"),
                            ("appointment", "Appointment"),
                            ("compliance", "Compliance return visit"),
                            ("manual", "By hand"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("occurrence", models.CharField(max_length=60, verbose_name="occurrence")),
                (
                    "plan",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="callbacks",
                        to="visits.callbackplan",
                        verbose_name="plan",
                    ),
                ),
                ("anchor_on", models.DateField(verbose_name="counted from")),
                ("ideal_on", models.DateField(verbose_name="calendar date")),
                ("earliest_on", models.DateField(verbose_name="earliest")),
                ("due_on", models.DateField(verbose_name="due")),
                ("window_end", models.DateField(verbose_name="end of window")),
                (
                    "hard_limit_on",
                    models.DateField(blank=True, null=True, verbose_name="hard limit"),
                ),
                (
                    "status",
                    models.CharField(
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
                (
                    "cancelled_because",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("not_due", "No longer due"),
                            ("contacted", "Contacted meanwhile"),
                            ("refused", "Client wants no calls"),
                            ("person", "By a person"),
                        ],
                        default="",
                        max_length=10,
                        verbose_name="cancelled because",
                    ),
                ),
                (
                    "reason",
                    models.CharField(blank=True, default="", max_length=200, verbose_name="reason"),
                ),
                ("is_placed", models.BooleanField(default=False, verbose_name="placed by hand")),
                (
                    "is_reassigned",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        editable=False,
                        verbose_name="given to somebody",
                    ),
                ),
                ("is_backlog", models.BooleanField(default=False, verbose_name="backlog")),
                ("over_capacity", models.BooleanField(default=False, verbose_name="over capacity")),
                ("confidential", models.BooleanField(default=False, verbose_name="confidential")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="joined",
                        to="visits.callback",
                    ),
                ),
                (
                    "also",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("cadence", "Regular"),
                                ("new_account", "New account"),
                                ("expiry", "Paper or risk test expiring"),
                                ("birthday", "Birthday"),
                                ("dormant", "Dormant account"),
                                ("flow", "Large inflow or outflow"),
                                ("custody", "Custody transferred to us"),
                                ("purchase", "Product bought"),
                                ("complaint", "Complaint closed"),
                                ("event", "Event attended"),
                                ("promise", "Promised in a visit"),
                                ("appointment", "Appointment"),
                                ("compliance", "Compliance return visit"),
                                ("manual", "By hand"),
                            ],
                            max_length=12,
                        ),
                        blank=True,
                        db_default=[],
                        default=list,
                        editable=False,
                        size=None,
                        verbose_name="also for",
                    ),
                ),
                ("starts_at", models.DateTimeField(blank=True, null=True, verbose_name="begins")),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="minutes"),
                ),
                (
                    "place",
                    models.CharField(
                        blank=True, db_default="", default="", max_length=200, verbose_name="place"
                    ),
                ),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="done at")),
                ("done_on", models.DateField(blank=True, null=True, verbose_name="done on")),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True,
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="created at",
                    ),
                ),
            ],
            options={
                "verbose_name": "callback",
                "verbose_name_plural": "callbacks",
                "ordering": ["due_on", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("status", "open")),
                        fields=["employee", "due_on", "id"],
                        name="callback_of_employee",
                    ),
                    models.Index(
                        condition=models.Q(("status", "open")),
                        fields=["due_on", "id"],
                        name="callback_by_due",
                    ),
                    models.Index(
                        condition=models.Q(("status", "done")),
                        fields=["employee", "done_on"],
                        name="callback_done",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("client", "kind", "occurrence"), name="callback_occurrence"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "cadence"), ("status", "open")),
                        fields=("client",),
                        name="callback_one_open_cadence",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("cancelled_because__gt", ""), ("status", "cancelled")),
                            models.Q(
                                models.Q(("status", "cancelled"), _negated=True),
                                ("cancelled_because", ""),
                            ),
                            _connector="OR",
                        ),
                        name="callback_cancelled_for_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("done_at__isnull", False),
                                ("done_on__isnull", False),
                                ("status", "done"),
                            ),
                            models.Q(
                                models.Q(("status", "done"), _negated=True),
                                ("done_at__isnull", True),
                                ("done_on__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="callback_done_at",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("merged_into__isnull", False), ("status", "merged")),
                            models.Q(("merged_into__isnull", True), ("status", "open")),
                            ("status__in", ["done", "cancelled"]),
                            _connector="OR",
                        ),
                        name="callback_merged_into",
                    ),
                    models.CheckConstraint(
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
                ],
            },
        ),
        migrations.CreateModel(
            name="CallbackChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "callback",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="visits.callback",
                        verbose_name="callback",
                    ),
                ),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("snoozed", "Snoozed"),
                            ("cancelled", "Cancelled"),
                            ("created", "Created"),
                            ("moved", "Moved"),
                            ("reassigned", "Given to somebody"),
                        ],
                        max_length=10,
                        verbose_name="action",
                    ),
                ),
                ("old_due_on", models.DateField(null=True, verbose_name="due before")),
                ("new_due_on", models.DateField(null=True, verbose_name="due after")),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                (
                    "employee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="at")),
            ],
            options={
                "verbose_name": "callback change",
                "verbose_name_plural": "callback changes",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="CallbackEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="visits.callback",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("due_on", models.DateField(verbose_name="due")),
                (
                    "employee",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="employee",
                    ),
                ),
                (
                    "status",
                    models.CharField(
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
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CallbackPlanEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="visits.callbackplan",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                (
                    "segment",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="clients.segment",
                        verbose_name="segment",
                    ),
                ),
                (
                    "every",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Empty: no regular callbacks.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(1000),
                        ],
                        verbose_name="every",
                    ),
                ),
                (
                    "unit",
                    models.CharField(
                        choices=[("day", "days"), ("month", "months")],
                        default="month",
                        max_length=5,
                        verbose_name="unit",
                    ),
                ),
                (
                    "window_days",
                    models.PositiveSmallIntegerField(
                        default=10,
                        help_text="Days after the due date within which the callback may be placed.",
                        verbose_name="window",
                    ),
                ),
                (
                    "shift",
                    models.CharField(
                        choices=[
                            ("after", "the next trading day"),
                            ("before", "the trading day before"),
                        ],
                        db_default="after",
                        default="after",
                        max_length=6,
                        verbose_name="a closed day moves to",
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("phone", "Phone"),
                            ("wechat", "WeChat"),
                            ("in_person", "In person"),
                            ("video", "Video call"),
                            ("sms", "Text message"),
                            ("other", "Other channel"),
                        ],
                        default="phone",
                        max_length=10,
                        verbose_name="channel",
                    ),
                ),
                (
                    "script",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="visits.script",
                        verbose_name="script",
                    ),
                ),
                (
                    "remind_at",
                    models.TimeField(default=datetime.time(8, 30), verbose_name="remind at"),
                ),
                (
                    "remind_leads",
                    django.contrib.postgres.fields.ArrayField(
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
                (
                    "daily_capacity",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Callbacks of this segment per manager and trading day; empty: no own limit.",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="daily share",
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="to")),
            ],
            options={
                "abstract": False,
            },
        ),
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
                    "employee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="endpoints",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="employee",
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
                "indexes": [
                    models.Index(
                        condition=models.Q(("enabled", True), ("removed_at__isnull", True)),
                        fields=["employee"],
                        name="endpoint_in_use",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Digest",
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
                        related_name="digests",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="employee",
                    ),
                ),
                ("day", models.DateField(verbose_name="date")),
                ("slot", models.TimeField(verbose_name="slot")),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("in_app", "In the app"),
                            ("email", "E-mail"),
                            ("endpoint", "Own address"),
                        ],
                        max_length=10,
                        verbose_name="channel",
                    ),
                ),
                (
                    "endpoint",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="digests",
                        to="visits.endpoint",
                        verbose_name="address",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("leased", "Being sent"),
                            ("sent", "Sent"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                (
                    "sealed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="sealed at"),
                ),
                (
                    "leased_until",
                    models.DateTimeField(blank=True, null=True, verbose_name="leased until"),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                (
                    "attempts_allowed",
                    models.PositiveSmallIntegerField(
                        db_default=5, default=5, verbose_name="attempts allowed"
                    ),
                ),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="sent at")),
                (
                    "error",
                    models.CharField(blank=True, default="", max_length=300, verbose_name="error"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
            ],
            options={
                "verbose_name": "digest",
                "verbose_name_plural": "digests",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("status__in", ["waiting", "leased"])),
                        fields=["day", "slot"],
                        name="digest_pending",
                    ),
                    models.Index(fields=["employee", "-id"], name="digest_of_employee"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("employee", "day", "slot", "channel", "endpoint"),
                        name="digest_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Occasion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="occasions",
                        to="clients.client",
                        verbose_name="client",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("custody", "Custody transferred to us"),
                            ("purchase", "Product bought"),
                            ("complaint", "Complaint closed"),
                            ("event", "Event attended"),
                        ],
                        max_length=12,
                        verbose_name="what happened",
                    ),
                ),
                ("happened_on", models.DateField(verbose_name="happened on")),
                (
                    "note",
                    models.CharField(blank=True, default="", max_length=200, verbose_name="note"),
                ),
                ("source_key", models.CharField(editable=False, max_length=80, unique=True)),
                (
                    "noted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="noted by",
                    ),
                ),
                (
                    "noted_at",
                    models.DateTimeField(
                        auto_now_add=True,
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="noted at",
                    ),
                ),
                ("void", models.BooleanField(default=False, verbose_name="void")),
                (
                    "voided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="voided by",
                    ),
                ),
            ],
            options={
                "verbose_name": "occasion",
                "verbose_name_plural": "occasions",
                "ordering": ["-happened_on", "-id"],
                "indexes": [
                    models.Index(
                        models.F("client"),
                        models.OrderBy(models.F("happened_on"), descending=True),
                        condition=models.Q(("void", False)),
                        name="occasion_of_client",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Outcome",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.SlugField(max_length=40, unique=True, verbose_name="key")),
                ("name_zh", models.CharField(max_length=40, verbose_name="name (Chinese)")),
                (
                    "name_en",
                    models.CharField(blank=True, max_length=40, verbose_name="name (English)"),
                ),
                (
                    "reached",
                    models.BooleanField(
                        help_text="A contact that reached the client restarts the cadence.",
                        verbose_name="reached the client",
                    ),
                ),
                (
                    "next_step",
                    models.CharField(
                        choices=[
                            ("none", "Regular callback"),
                            ("call_again", "Call again"),
                            ("send_material", "Send material"),
                            ("ask_referral", "Ask for a referral"),
                            ("meet", "Meet"),
                            ("open_account", "Open an account"),
                        ],
                        default="none",
                        max_length=14,
                        verbose_name="proposed next step",
                    ),
                ),
                (
                    "next_step_days",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Trading days.",
                        null=True,
                        verbose_name="proposed after",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "outcome",
                "verbose_name_plural": "outcomes",
                "ordering": ["position", "id"],
            },
        ),
        migrations.CreateModel(
            name="ScriptVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "script",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="visits.script",
                        verbose_name="script",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="version")),
                ("valid_from", models.DateField(verbose_name="from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="to")),
            ],
            options={
                "verbose_name": "script version",
                "verbose_name_plural": "script versions",
                "ordering": ["script", "-number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("script", "number"), name="scriptversion_number"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to__isnull", True)),
                        fields=("script",),
                        name="scriptversion_one_open",
                        violation_error_message="Close the version in force before adding another.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Visit",
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
                    "token",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        unique=True,
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="clients.client",
                        verbose_name="client",
                    ),
                ),
                (
                    "employee",
                    models.ForeignKey(
                        help_text="Empty where an imported history names nobody.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="employee",
                    ),
                ),
                (
                    "callback",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="visits.callback",
                        verbose_name="callback",
                    ),
                ),
                ("occurred_at", models.DateTimeField(verbose_name="time")),
                ("occurred_on", models.DateField(verbose_name="date")),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("phone", "Phone"),
                            ("wechat", "WeChat"),
                            ("in_person", "In person"),
                            ("video", "Video call"),
                            ("sms", "Text message"),
                            ("other", "Other channel"),
                        ],
                        max_length=10,
                        verbose_name="channel",
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("learn", "Learn about the client"),
                            ("be_known", "Be known"),
                            ("image", "Build a professional image"),
                            ("action", "Get action"),
                        ],
                        default="",
                        max_length=10,
                        verbose_name="purpose",
                    ),
                ),
                (
                    "spoke_with",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("decides", "Decision maker"),
                            ("proxy", "Proxy decision maker"),
                            ("influences", "Influencer"),
                        ],
                        default="",
                        max_length=10,
                        verbose_name="spoke with",
                    ),
                ),
                (
                    "outcome",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="visits.outcome",
                        verbose_name="outcome",
                    ),
                ),
                ("reached", models.BooleanField(verbose_name="reached the client")),
                (
                    "duration_seconds",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="duration (seconds)"
                    ),
                ),
                (
                    "script_version",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="visits.scriptversion",
                        verbose_name="script version",
                    ),
                ),
                ("answers", models.JSONField(blank=True, default=list, verbose_name="answers")),
                (
                    "attraction_style",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("introduction", "Introduction"),
                            ("analogy", "Analogy"),
                            ("doubt", "Resolving a doubt"),
                            ("benefit", "Benefit"),
                        ],
                        default="",
                        max_length=14,
                        verbose_name="attraction style",
                    ),
                ),
                (
                    "question_styles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("about", "About"),
                                ("counter", "Counter-question"),
                                ("hypothetical", "Hypothetical"),
                                ("advice", "Asking advice"),
                                ("silence", "Silence"),
                                ("assertion", "Assertion"),
                            ],
                            max_length=14,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="question styles",
                    ),
                ),
                (
                    "satisfaction_service",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ],
                        verbose_name="satisfaction with service",
                    ),
                ),
                (
                    "satisfaction_information",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ],
                        verbose_name="satisfaction with information",
                    ),
                ),
                (
                    "suggestions",
                    models.TextField(blank=True, default="", verbose_name="suggestions"),
                ),
                ("notes", models.TextField(blank=True, default="", verbose_name="notes")),
                (
                    "next_step",
                    models.CharField(
                        choices=[
                            ("none", "Regular callback"),
                            ("call_again", "Call again"),
                            ("send_material", "Send material"),
                            ("ask_referral", "Ask for a referral"),
                            ("meet", "Meet"),
                            ("open_account", "Open an account"),
                        ],
                        default="none",
                        max_length=14,
                        verbose_name="next step",
                    ),
                ),
                (
                    "next_step_on",
                    models.DateField(blank=True, null=True, verbose_name="next step on"),
                ),
                (
                    "risk_grade",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("C1", "C1 cautious"),
                            ("C2", "C2 conservative"),
                            ("C3", "C3 balanced"),
                            ("C4", "C4 growth"),
                            ("C5", "C5 aggressive"),
                        ],
                        default="",
                        max_length=2,
                        verbose_name="risk grade at that time",
                    ),
                ),
                ("confidential", models.BooleanField(default=False, verbose_name="confidential")),
                (
                    "corrects",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrected_by",
                        to="visits.visit",
                        verbose_name="corrects",
                    ),
                ),
                ("void", models.BooleanField(default=False, verbose_name="void")),
                (
                    "void_reason",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="reason for voiding"
                    ),
                ),
                (
                    "voided_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="voided at"),
                ),
                (
                    "source_system",
                    models.CharField(
                        blank=True, default="", max_length=40, verbose_name="imported from"
                    ),
                ),
                (
                    "source_key",
                    models.CharField(
                        blank=True, default="", max_length=80, verbose_name="key there"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True,
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="recorded at",
                    ),
                ),
            ],
            options={
                "verbose_name": "visit",
                "verbose_name_plural": "visits",
                "ordering": ["-occurred_at", "-id"],
                "indexes": [
                    models.Index(fields=["client", "-occurred_at", "-id"], name="visit_timeline"),
                    models.Index(
                        fields=["employee", "-occurred_at", "-id"], name="visit_of_employee"
                    ),
                    models.Index(
                        fields=["occurred_on"],
                        include=(
                            "client",
                            "employee",
                            "confidential",
                            "void",
                            "satisfaction_service",
                            "satisfaction_information",
                        ),
                        name="visit_by_day",
                    ),
                    models.Index(fields=["-occurred_at", "-id"], name="visit_newest"),
                    models.Index(
                        condition=models.Q(
                            models.Q(("suggestions", ""), _negated=True), ("void", False)
                        ),
                        fields=["-occurred_at", "-id"],
                        name="visit_with_suggestion",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            models.Q(("source_system", ""), _negated=True), ("void", False)
                        ),
                        fields=("source_system", "source_key"),
                        name="visit_source",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("satisfaction_service__isnull", True),
                            ("satisfaction_service__range", (1, 5)),
                            _connector="OR",
                        ),
                        name="visit_satisfaction_service",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("satisfaction_information__isnull", True),
                            ("satisfaction_information__range", (1, 5)),
                            _connector="OR",
                        ),
                        name="visit_satisfaction_information",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("void", False),
                            models.Q(
                                models.Q(("void_reason", ""), _negated=True),
                                ("voided_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="visit_void_for_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("corrects__isnull", True),
                            models.Q(("corrects", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        name="visit_corrects_another",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PhraseFlag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="phrase_flags",
                        to="visits.visit",
                        verbose_name="visit",
                    ),
                ),
                (
                    "phrase",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="flags",
                        to="visits.bannedphrase",
                        verbose_name="phrase",
                    ),
                ),
            ],
            options={
                "verbose_name": "flagged phrase",
                "verbose_name_plural": "flagged phrases",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(fields=("visit", "phrase"), name="phraseflag_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="PlanningRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="planning_runs",
                        to="clients.segment",
                        verbose_name="segment",
                    ),
                ),
                ("day", models.DateField(verbose_name="date")),
                ("started_at", models.DateTimeField(auto_now_add=True, verbose_name="started at")),
                (
                    "finished_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="finished at"),
                ),
                ("sent_at", models.DateTimeField(verbose_name="sent at")),
                ("created", models.PositiveIntegerField(default=0, verbose_name="created")),
                ("kept", models.PositiveIntegerField(default=0, verbose_name="kept")),
                ("moved", models.PositiveIntegerField(default=0, verbose_name="moved")),
                ("cancelled", models.PositiveIntegerField(default=0, verbose_name="cancelled")),
            ],
            options={
                "verbose_name": "planning run",
                "verbose_name_plural": "planning runs",
                "ordering": ["-day", "segment"],
                "constraints": [
                    models.UniqueConstraint(fields=("segment", "day"), name="planningrun_once")
                ],
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
                (
                    "employee",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="quiet_hours",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="employee",
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
        migrations.CreateModel(
            name="Reminder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "callback",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reminders",
                        to="visits.callback",
                        verbose_name="callback",
                    ),
                ),
                (
                    "employee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reminders",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="employee",
                    ),
                ),
                ("due_on", models.DateField(verbose_name="due")),
                ("lead_days", models.PositiveSmallIntegerField(verbose_name="trading days ahead")),
                (
                    "escalated",
                    models.BooleanField(
                        db_default=False, default=False, verbose_name="long overdue"
                    ),
                ),
                (
                    "endpoint",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="visits.endpoint",
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("in_app", "In the app"),
                            ("email", "E-mail"),
                            ("endpoint", "Own address"),
                        ],
                        max_length=10,
                        verbose_name="channel",
                    ),
                ),
                (
                    "digest",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reminders",
                        to="visits.digest",
                        verbose_name="digest",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("leased", "Being sent"),
                            ("sent", "Sent"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                (
                    "reason",
                    models.CharField(blank=True, default="", max_length=200, verbose_name="reason"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
            ],
            options={
                "verbose_name": "reminder",
                "verbose_name_plural": "reminders",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "cancelled"), _negated=True),
                        fields=(
                            "callback",
                            "employee",
                            "due_on",
                            "lead_days",
                            "channel",
                            "endpoint",
                            "escalated",
                        ),
                        name="reminder_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReminderRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reminder_runs",
                        to="clients.segment",
                        verbose_name="segment",
                    ),
                ),
                ("day", models.DateField(verbose_name="date")),
                ("slot", models.TimeField(verbose_name="slot")),
                ("started_at", models.DateTimeField(auto_now_add=True, verbose_name="started at")),
                (
                    "finished_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="finished at"),
                ),
                ("sent_at", models.DateTimeField(verbose_name="sent at")),
            ],
            options={
                "verbose_name": "reminder run",
                "verbose_name_plural": "reminder runs",
                "ordering": ["-day", "segment"],
                "constraints": [
                    models.UniqueConstraint(fields=("segment", "day"), name="reminderrun_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ScriptStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="visits.scriptversion",
                        verbose_name="version",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("greeting", "Greeting"),
                            ("identify", "Opening: identify"),
                            ("greet", "Opening: greet"),
                            ("compliment", "Opening: compliment"),
                            ("attract", "Opening: attract"),
                            ("introduce", "Opening: introduce oneself"),
                            ("invite", "Opening: invite"),
                            ("question", "Question"),
                            ("inform", "Information"),
                            ("closing", "Closing"),
                        ],
                        db_default="question",
                        default="question",
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                (
                    "style",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("about", "About"),
                            ("counter", "Counter-question"),
                            ("hypothetical", "Hypothetical"),
                            ("advice", "Asking advice"),
                            ("silence", "Silence"),
                            ("assertion", "Assertion"),
                        ],
                        db_default="",
                        default="",
                        max_length=14,
                        verbose_name="kind of question",
                    ),
                ),
                ("title_zh", models.CharField(max_length=40, verbose_name="title (Chinese)")),
                (
                    "title_en",
                    models.CharField(blank=True, max_length=40, verbose_name="title (English)"),
                ),
                ("prompt_zh", models.TextField(verbose_name="prompt (Chinese)")),
                ("prompt_en", models.TextField(blank=True, verbose_name="prompt (English)")),
                (
                    "answer",
                    models.CharField(
                        choices=[
                            ("none", "No answer"),
                            ("text", "Text"),
                            ("choice", "Choice"),
                            ("scale", "Scale from 1 to 5"),
                            ("amount", "Amount in CNY"),
                        ],
                        default="text",
                        max_length=8,
                        verbose_name="answer",
                    ),
                ),
                (
                    "options_zh",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="options (Chinese)",
                    ),
                ),
                (
                    "options_en",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="options (English)",
                    ),
                ),
                (
                    "if_step",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Number of an earlier step.",
                        null=True,
                        verbose_name="only after step",
                    ),
                ),
                (
                    "if_values",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        db_default=[],
                        default=list,
                        size=None,
                        verbose_name="if answered",
                    ),
                ),
                (
                    "flags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        db_default=[],
                        default=list,
                        size=None,
                        verbose_name="answers to be examined",
                    ),
                ),
            ],
            options={
                "verbose_name": "script step",
                "verbose_name_plural": "script steps",
                "ordering": ["version", "position"],
                "constraints": [
                    models.UniqueConstraint(
                        deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                        fields=("version", "position"),
                        name="scriptstep_position",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("if_step__isnull", True),
                            models.Q(("if_step__gte", 1), ("if_step__lt", models.F("position"))),
                            _connector="OR",
                        ),
                        name="scriptstep_after_an_earlier",
                        violation_error_message="A step depends on an earlier one only.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SuggestionReply",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="suggestion_replies",
                        to="visits.visit",
                        verbose_name="visit",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("answered", "Answered"), ("closed", "Closed")],
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("words", models.TextField(verbose_name="words")),
                (
                    "employee",
                    models.ForeignKey(
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
                "verbose_name": "reply to a suggestion",
                "verbose_name_plural": "replies to suggestions",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("visit", "state"), name="suggestionreply_once"),
                    models.CheckConstraint(
                        condition=models.Q(("words", ""), _negated=True),
                        name="suggestionreply_has_words",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Trigger",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("birthday", "Birthday"),
                            ("half_dormant", "Account became half-dormant"),
                            ("dormant", "Account became dormant"),
                            ("flow", "Large inflow or outflow"),
                            ("custody", "Custody transferred to us"),
                            ("purchase", "Product bought"),
                            ("complaint", "Complaint closed"),
                            ("event", "Event attended"),
                        ],
                        max_length=14,
                        unique=True,
                        verbose_name="cause",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "call_days",
                    models.PositiveSmallIntegerField(
                        help_text="Trading days after it happened; a birthday: before it.",
                        validators=[django.core.validators.MaxValueValidator(60)],
                        verbose_name="call after",
                    ),
                ),
                (
                    "window_days",
                    models.PositiveSmallIntegerField(
                        help_text="Days after the due date within which the callback may be placed.",
                        validators=[django.core.validators.MaxValueValidator(90)],
                        verbose_name="window",
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        help_text="CNY in one month; flows only.",
                        max_digits=16,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="from an amount of",
                    ),
                ),
            ],
            options={
                "verbose_name": "trigger of callbacks",
                "verbose_name_plural": "triggers of callbacks",
                "ordering": ["cause"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("amount__isnull", False), ("cause", "flow")),
                            models.Q(
                                models.Q(("cause", "flow"), _negated=True), ("amount__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="trigger_amount_of_flows",
                        violation_error_message="Flows need an amount; nothing else has one.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TriggerEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="visits.trigger",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("birthday", "Birthday"),
                            ("half_dormant", "Account became half-dormant"),
                            ("dormant", "Account became dormant"),
                            ("flow", "Large inflow or outflow"),
                            ("custody", "Custody transferred to us"),
                            ("purchase", "Product bought"),
                            ("complaint", "Complaint closed"),
                            ("event", "Event attended"),
                        ],
                        max_length=14,
                        verbose_name="cause",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "call_days",
                    models.PositiveSmallIntegerField(
                        help_text="Trading days after it happened; a birthday: before it.",
                        validators=[django.core.validators.MaxValueValidator(60)],
                        verbose_name="call after",
                    ),
                ),
                (
                    "window_days",
                    models.PositiveSmallIntegerField(
                        help_text="Days after the due date within which the callback may be placed.",
                        validators=[django.core.validators.MaxValueValidator(90)],
                        verbose_name="window",
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        help_text="CNY in one month; flows only.",
                        max_digits=16,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="from an amount of",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="VisitDraft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
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
                    "callback",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="visits.callback",
                        verbose_name="callback",
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
                ("data", models.JSONField(default=dict, verbose_name="content")),
                ("saved_at", models.DateTimeField(auto_now=True, verbose_name="saved at")),
            ],
            options={
                "verbose_name": "draft of a visit",
                "verbose_name_plural": "drafts of visits",
                "indexes": [models.Index(fields=["saved_at"], name="visitdraft_age")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("employee", "client", "callback"),
                        name="visitdraft_one",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="trigger",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "visits_triggerevent" ("amount", "call_days", "cause", "id", "is_active", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "window_days") VALUES (OLD."amount", OLD."call_days", OLD."cause", OLD."id", OLD."is_active", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."window_days"); RETURN NULL;',
                    hash="00c1138693aa6489f235240f2bc51910dc29cb91",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_13692",
                    table="visits_trigger",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="callbackchange",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="b71012f974a1f1bef8893824c3a1539d0a397d88",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_cdb86",
                    table="visits_callbackchange",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="callback",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."due_on" IS DISTINCT FROM (NEW."due_on") OR OLD."employee_id" IS DISTINCT FROM (NEW."employee_id") OR OLD."status" IS DISTINCT FROM (NEW."status"))',
                    func='INSERT INTO "visits_callbackevent" ("due_on", "employee_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "status") VALUES (OLD."due_on", OLD."employee_id", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."status"); RETURN NULL;',
                    hash="1f5bfe2eae63c48e4415319ef20b079194641fc8",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_a4342",
                    table="visits_callback",
                    when="AFTER",
                ),
            ),
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
        pgtrigger.migrations.AddTrigger(
            model_name="scriptstep",
            trigger=pgtrigger.compiler.Trigger(
                name="frozen_once_used",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n                    IF EXISTS (SELECT 1 FROM visits_visit WHERE script_version_id =\n                               COALESCE(NEW.version_id, OLD.version_id)) THEN\n                        RAISE EXCEPTION 'a script that was used does not change'\n                            USING ERRCODE = 'check_violation',\n                                  CONSTRAINT = 'scriptstep_frozen';\n                    END IF;\n                    RETURN COALESCE(NEW, OLD);\n                ",
                    hash="632acbbf3a1c52e9b636d61a9cffa59cb7e58863",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_frozen_once_used_531a9",
                    table="visits_scriptstep",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="visit",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n                    IF TG_OP = 'UPDATE'\n                       AND NOT OLD.void\n                       AND to_jsonb(OLD) - '{void,void_reason,voided_at}'::text[]\n                         = to_jsonb(NEW) - '{void,void_reason,voided_at}'::text[] THEN\n                        RETURN NEW;\n                    END IF;\n                    RAISE EXCEPTION 'visits are append-only'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'visit_append_only';\n                ",
                    hash="74be51c9e36bd6e4c2a7c44de814d65c8da91d55",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_2988b",
                    table="visits_visit",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="suggestionreply",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="f285dcf71d1da2739fecc70af0e60469f5180cdd",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_155c6",
                    table="visits_suggestionreply",
                    when="BEFORE",
                ),
            ),
        ),
    ]
