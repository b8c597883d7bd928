import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.functions
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import crm.fields
from crm.baseline import Baseline

# The tables of staff/ know nothing of clients, so the wall is put up from this side.
WALL = """
CREATE FUNCTION clients_employee_keeps_post() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM clients_assignment
               WHERE employee_id = NEW.id AND kind = 'serves' AND valid_to IS NULL)
       AND (NEW.branch_id IS DISTINCT FROM OLD.branch_id
            OR NOT NEW.is_active
            OR NEW.role NOT IN ('manager', 'broker', 'branch_head', 'regional_head')) THEN
        RAISE EXCEPTION 'this employee still serves clients'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'employee_keeps_post';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER employee_keeps_post BEFORE UPDATE OF role, branch_id, is_active ON staff_employee
    FOR EACH ROW EXECUTE FUNCTION clients_employee_keeps_post();
"""
NO_WALL = """
DROP TRIGGER employee_keeps_post ON staff_employee;
DROP FUNCTION clients_employee_keeps_post();
"""


class Migration(Baseline):
    dependencies = [
        ("crm", "0001_initial"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("staff", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Segment",
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
                    "description_zh",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="description (Chinese)"
                    ),
                ),
                (
                    "description_en",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="description (English)"
                    ),
                ),
                (
                    "tier",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "A key"),
                            (2, "B important"),
                            (3, "C standard"),
                            (4, "D basic"),
                        ],
                        default=3,
                        verbose_name="tier",
                    ),
                ),
                (
                    "colour",
                    models.CharField(
                        choices=[
                            ("blue", "Blue"),
                            ("azure", "Azure"),
                            ("teal", "Teal"),
                            ("green", "Green"),
                            ("orange", "Orange"),
                            ("purple", "Purple"),
                            ("pink", "Pink"),
                            ("secondary", "Grey"),
                        ],
                        default="blue",
                        max_length=10,
                        verbose_name="colour",
                    ),
                ),
                (
                    "branch",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: the whole firm. A branch's segment wins over the firm's.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="segments",
                        to="staff.branch",
                        verbose_name="branch",
                    ),
                ),
                (
                    "is_default",
                    models.BooleanField(
                        default=False,
                        help_text="Takes the clients that no rule matches.",
                        verbose_name="default",
                    ),
                ),
            ],
            options={
                "verbose_name": "segment",
                "verbose_name_plural": "segments",
                "ordering": ["tier", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("key"),
                        django.db.models.functions.comparison.Coalesce("branch_id", 0),
                        name="segment_key",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)),
                        fields=("is_default",),
                        name="segment_one_default",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_default", False), ("branch__isnull", True), _connector="OR"
                        ),
                        name="segment_default_of_firm",
                        violation_error_message="The default segment belongs to the whole firm.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Client",
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
                ("name", models.CharField(max_length=100, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[("person", "Person"), ("organisation", "Organisation")],
                        default="person",
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "title",
                    models.CharField(
                        blank=True,
                        choices=[("mr", "Mr"), ("ms", "Ms")],
                        default="",
                        max_length=4,
                        verbose_name="form of address",
                    ),
                ),
                (
                    "lifecycle",
                    models.CharField(
                        choices=[
                            ("prospect", "Prospect"),
                            ("client", "Client"),
                            ("closed", "Closed"),
                        ],
                        default="prospect",
                        max_length=10,
                        verbose_name="lifecycle",
                    ),
                ),
                (
                    "activity",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("active", "Active"),
                            ("half_dormant", "Half-dormant"),
                            ("dormant", "Dormant"),
                        ],
                        default="",
                        max_length=14,
                        verbose_name="activity",
                    ),
                ),
                (
                    "activity_on",
                    models.DateField(blank=True, null=True, verbose_name="activity as of"),
                ),
                (
                    "prospect_type",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("avoidant", "Avoidant"),
                            ("delegating", "Delegating"),
                            ("advisory", "Advisory"),
                            ("self_directed", "Self-directed"),
                        ],
                        default="",
                        max_length=16,
                        verbose_name="prospect type",
                    ),
                ),
                (
                    "income_level",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("low", "Below 100,000"),
                            ("middle", "100,000 to 500,000"),
                            ("high", "Above 500,000"),
                        ],
                        default="",
                        max_length=8,
                        verbose_name="income level",
                    ),
                ),
                (
                    "investment_size",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("small", "Below 100,000 in assets"),
                            ("medium", "100,000 to 500,000 in assets"),
                            ("large", "500,000 to 3 million in assets"),
                            ("very_large", "Above 3 million in assets"),
                        ],
                        default="",
                        max_length=12,
                        verbose_name="investment size",
                    ),
                ),
                (
                    "investment_style",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("conservative", "Conservative"),
                            ("balanced", "Balanced"),
                            ("aggressive", "Aggressive"),
                        ],
                        default="",
                        max_length=14,
                        verbose_name="investment style",
                    ),
                ),
                (
                    "commission_tier",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("low", "Low commission"),
                            ("medium", "Medium commission"),
                            ("high", "High commission"),
                            ("top", "Top commission"),
                        ],
                        db_default="",
                        default="",
                        max_length=8,
                        verbose_name="commission tier",
                    ),
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
                        verbose_name="risk grade",
                    ),
                ),
                (
                    "risk_expires_on",
                    models.DateField(blank=True, null=True, verbose_name="risk grade expires on"),
                ),
                (
                    "branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clients",
                        to="staff.branch",
                        verbose_name="branch",
                    ),
                ),
                (
                    "manager",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clients",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="manager",
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clients",
                        to="clients.segment",
                        verbose_name="segment",
                    ),
                ),
                ("segment_since", models.DateField(verbose_name="in the segment since")),
                (
                    "segment_pinned",
                    models.BooleanField(default=False, verbose_name="segment pinned"),
                ),
                (
                    "segment_reason",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="reason for pinning"
                    ),
                ),
                (
                    "segment_pinned_until",
                    models.DateField(blank=True, null=True, verbose_name="pinned until"),
                ),
                (
                    "source",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("family_friends", "Family and friends"),
                            ("referral", "Referral"),
                            ("direct", "Direct contact"),
                            ("channel", "Channel"),
                            ("leaflet", "Leaflet"),
                            ("walk_in", "Walk-in"),
                            ("imported", "Imported list"),
                        ],
                        default="",
                        max_length=16,
                        verbose_name="source",
                    ),
                ),
                (
                    "referred_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="referred",
                        to="clients.client",
                        verbose_name="referred by",
                    ),
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
                        blank=True, default="", max_length=60, verbose_name="key there"
                    ),
                ),
                ("birthday", models.DateField(blank=True, null=True, verbose_name="birthday")),
                (
                    "lunar_birthday",
                    models.PositiveSmallIntegerField(
                        blank=True, editable=False, null=True, verbose_name="lunar birthday"
                    ),
                ),
                ("opened_on", models.DateField(blank=True, null=True, verbose_name="opening date")),
                ("recorded_on", models.DateField(verbose_name="recorded on")),
                (
                    "last_contact_on",
                    models.DateField(blank=True, null=True, verbose_name="last contact"),
                ),
                ("notes", models.TextField(blank=True, default="", verbose_name="notes")),
                (
                    "calls_refused",
                    models.BooleanField(
                        db_default=False, default=False, verbose_name="wants no calls"
                    ),
                ),
                ("call_from", models.TimeField(blank=True, null=True, verbose_name="calls from")),
                ("call_until", models.TimeField(blank=True, null=True, verbose_name="calls until")),
                (
                    "contact_note",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        max_length=200,
                        verbose_name="how to reach",
                    ),
                ),
                (
                    "name_pinyin",
                    models.CharField(db_collation="C", default="", editable=False, max_length=200),
                ),
                ("search", crm.fields.TokensField(default="", editable=False)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged_clients",
                        to="clients.client",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True, db_default=django.db.models.functions.datetime.Now()
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True, db_default=django.db.models.functions.datetime.Now()
                    ),
                ),
            ],
            options={
                "verbose_name": "client",
                "verbose_name_plural": "clients",
                "ordering": ["name_pinyin", "pk"],
                "indexes": [
                    models.Index(fields=["manager", "name_pinyin", "id"], name="client_of_manager"),
                    models.Index(fields=["branch", "name_pinyin", "id"], name="client_of_branch"),
                    models.Index(fields=["name_pinyin", "id"], name="client_by_name"),
                    models.Index(
                        condition=models.Q(("birthday__isnull", False)),
                        fields=["name_pinyin", "birthday"],
                        name="client_twins",
                    ),
                    models.Index(
                        condition=models.Q(("merged_into__isnull", True)),
                        fields=["branch", "manager", "segment"],
                        include=("lifecycle",),
                        name="client_counting",
                    ),
                    models.Index(
                        condition=models.Q(("referred_by__isnull", False)),
                        fields=["referred_by"],
                        name="client_referred_by",
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        fastupdate=False, fields=["search"], name="client_search"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lifecycle", "client"), _negated=True),
                            ("opened_on__isnull", False),
                            _connector="OR",
                        ),
                        name="client_has_opening_date",
                        violation_error_message="A client needs an opening date.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("segment_pinned", False),
                            models.Q(("segment_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="client_pinned_for_a_reason",
                        violation_error_message="Say why the segment is pinned.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("call_from__isnull", True), ("call_until__isnull", True)),
                            ("call_until__gt", models.F("call_from")),
                            _connector="OR",
                        ),
                        name="client_call_hours",
                        violation_error_message="Give both hours, the later one second.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("referred_by__isnull", True),
                            models.Q(("referred_by", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        name="client_not_referred_by_self",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("source_system", ""), _negated=True),
                        fields=("source_system", "source_key"),
                        name="client_source",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Assignment",
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
                        related_name="assignments",
                        to="clients.client",
                        verbose_name="client",
                    ),
                ),
                (
                    "employee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="employee",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("serves", "Serves"), ("developed", "Developed")],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="to")),
                (
                    "reason",
                    models.CharField(blank=True, default="", max_length=200, verbose_name="reason"),
                ),
            ],
            options={
                "verbose_name": "assignment",
                "verbose_name_plural": "assignments",
                "ordering": ["client", "-valid_from", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "serves"), ("valid_to__isnull", True)),
                        fields=("client",),
                        name="assignment_one_serves",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to__isnull", True),
                            ("valid_to__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="assignment_period",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AssignmentEvent",
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
                        to="clients.assignment",
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
                    "client",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="clients.client",
                        verbose_name="client",
                    ),
                ),
                (
                    "employee",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="employee",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("serves", "Serves"), ("developed", "Developed")],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="to")),
                (
                    "reason",
                    models.CharField(blank=True, default="", max_length=200, verbose_name="reason"),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=30, verbose_name="name")),
                (
                    "branch",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: the whole firm.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tags",
                        to="staff.branch",
                        verbose_name="branch",
                    ),
                ),
            ],
            options={
                "verbose_name": "tag",
                "verbose_name_plural": "tags",
                "ordering": ["name", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("name"),
                        django.db.models.functions.comparison.Coalesce("branch_id", 0),
                        name="tag_name",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BulkChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("tag", "Add a tag"),
                            ("untag", "Take a tag away"),
                            ("pin", "Put into a segment"),
                        ],
                        max_length=8,
                        verbose_name="action",
                    ),
                ),
                (
                    "tag",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clients.tag",
                        verbose_name="tag",
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clients.segment",
                        verbose_name="segment",
                    ),
                ),
                ("until", models.DateField(blank=True, null=True, verbose_name="pinned until")),
                (
                    "reason",
                    models.CharField(blank=True, default="", max_length=200, verbose_name="reason"),
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
                ("asked_at", models.DateTimeField(auto_now_add=True, verbose_name="asked at")),
                (
                    "undone_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="taken back at"),
                ),
            ],
            options={
                "verbose_name": "change of many clients",
                "verbose_name_plural": "changes of many clients",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("action", "pin"), ("segment__isnull", False), ("tag__isnull", True)
                            ),
                            models.Q(
                                models.Q(("action", "pin"), _negated=True),
                                ("segment__isnull", True),
                                ("tag__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="bulkchange_object",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BulkChangeItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "change",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="clients.bulkchange",
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clients.client",
                    ),
                ),
                ("before", models.JSONField(default=dict, verbose_name="before")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Asked for"),
                            ("done", "Changed"),
                            ("same", "Was so already"),
                            ("refused", "Not possible"),
                            ("undone", "Taken back"),
                        ],
                        default="asked",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
            ],
            options={
                "verbose_name": "client of a change",
                "verbose_name_plural": "clients of a change",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("change", "client"), name="bulkchangeitem_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ClientEvent",
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
                        to="clients.client",
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
                    "public_id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                    ),
                ),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[("person", "Person"), ("organisation", "Organisation")],
                        default="person",
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "title",
                    models.CharField(
                        blank=True,
                        choices=[("mr", "Mr"), ("ms", "Ms")],
                        default="",
                        max_length=4,
                        verbose_name="form of address",
                    ),
                ),
                (
                    "lifecycle",
                    models.CharField(
                        choices=[
                            ("prospect", "Prospect"),
                            ("client", "Client"),
                            ("closed", "Closed"),
                        ],
                        default="prospect",
                        max_length=10,
                        verbose_name="lifecycle",
                    ),
                ),
                (
                    "activity",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("active", "Active"),
                            ("half_dormant", "Half-dormant"),
                            ("dormant", "Dormant"),
                        ],
                        default="",
                        max_length=14,
                        verbose_name="activity",
                    ),
                ),
                (
                    "activity_on",
                    models.DateField(blank=True, null=True, verbose_name="activity as of"),
                ),
                (
                    "prospect_type",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("avoidant", "Avoidant"),
                            ("delegating", "Delegating"),
                            ("advisory", "Advisory"),
                            ("self_directed", "Self-directed"),
                        ],
                        default="",
                        max_length=16,
                        verbose_name="prospect type",
                    ),
                ),
                (
                    "income_level",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("low", "Below 100,000"),
                            ("middle", "100,000 to 500,000"),
                            ("high", "Above 500,000"),
                        ],
                        default="",
                        max_length=8,
                        verbose_name="income level",
                    ),
                ),
                (
                    "investment_size",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("small", "Below 100,000 in assets"),
                            ("medium", "100,000 to 500,000 in assets"),
                            ("large", "500,000 to 3 million in assets"),
                            ("very_large", "Above 3 million in assets"),
                        ],
                        default="",
                        max_length=12,
                        verbose_name="investment size",
                    ),
                ),
                (
                    "investment_style",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("conservative", "Conservative"),
                            ("balanced", "Balanced"),
                            ("aggressive", "Aggressive"),
                        ],
                        default="",
                        max_length=14,
                        verbose_name="investment style",
                    ),
                ),
                (
                    "commission_tier",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("low", "Low commission"),
                            ("medium", "Medium commission"),
                            ("high", "High commission"),
                            ("top", "Top commission"),
                        ],
                        db_default="",
                        default="",
                        max_length=8,
                        verbose_name="commission tier",
                    ),
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
                        verbose_name="risk grade",
                    ),
                ),
                (
                    "risk_expires_on",
                    models.DateField(blank=True, null=True, verbose_name="risk grade expires on"),
                ),
                (
                    "branch",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="staff.branch",
                        verbose_name="branch",
                    ),
                ),
                (
                    "manager",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="manager",
                    ),
                ),
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
                ("segment_since", models.DateField(verbose_name="in the segment since")),
                (
                    "segment_pinned",
                    models.BooleanField(default=False, verbose_name="segment pinned"),
                ),
                (
                    "segment_reason",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="reason for pinning"
                    ),
                ),
                (
                    "segment_pinned_until",
                    models.DateField(blank=True, null=True, verbose_name="pinned until"),
                ),
                (
                    "source",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("family_friends", "Family and friends"),
                            ("referral", "Referral"),
                            ("direct", "Direct contact"),
                            ("channel", "Channel"),
                            ("leaflet", "Leaflet"),
                            ("walk_in", "Walk-in"),
                            ("imported", "Imported list"),
                        ],
                        default="",
                        max_length=16,
                        verbose_name="source",
                    ),
                ),
                (
                    "referred_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="clients.client",
                        verbose_name="referred by",
                    ),
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
                        blank=True, default="", max_length=60, verbose_name="key there"
                    ),
                ),
                ("birthday", models.DateField(blank=True, null=True, verbose_name="birthday")),
                (
                    "lunar_birthday",
                    models.PositiveSmallIntegerField(
                        blank=True, editable=False, null=True, verbose_name="lunar birthday"
                    ),
                ),
                ("opened_on", models.DateField(blank=True, null=True, verbose_name="opening date")),
                ("recorded_on", models.DateField(verbose_name="recorded on")),
                ("notes", models.TextField(blank=True, default="", verbose_name="notes")),
                (
                    "calls_refused",
                    models.BooleanField(
                        db_default=False, default=False, verbose_name="wants no calls"
                    ),
                ),
                ("call_from", models.TimeField(blank=True, null=True, verbose_name="calls from")),
                ("call_until", models.TimeField(blank=True, null=True, verbose_name="calls until")),
                (
                    "contact_note",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        max_length=200,
                        verbose_name="how to reach",
                    ),
                ),
                (
                    "name_pinyin",
                    models.CharField(db_collation="C", default="", editable=False, max_length=200),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="clients.client",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True, db_default=django.db.models.functions.datetime.Now()
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ClientExport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
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
                    "branch",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="staff.branch",
                        verbose_name="branch",
                    ),
                ),
                (
                    "query",
                    models.CharField(blank=True, default="", max_length=2000, verbose_name="query"),
                ),
                (
                    "format",
                    models.CharField(
                        choices=[("csv", "CSV"), ("xlsx", "Excel workbook")],
                        max_length=4,
                        verbose_name="format",
                    ),
                ),
                (
                    "in_clear",
                    models.BooleanField(default=False, verbose_name="numbers in the clear"),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                ("row_count", models.PositiveIntegerField(verbose_name="rows")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waits for approval"),
                            ("refused", "Refused"),
                            ("started", "Started"),
                        ],
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
                (
                    "job",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="crm.job",
                        verbose_name="job",
                    ),
                ),
                ("asked_at", models.DateTimeField(auto_now_add=True, verbose_name="asked at")),
            ],
            options={
                "verbose_name": "export of clients",
                "verbose_name_plural": "exports of clients",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["employee", "-id"], name="clientexport_of_employee"),
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["id"],
                        name="clientexport_waiting",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by__isnull", True),
                            models.Q(("decided_by", models.F("employee")), _negated=True),
                            _connector="OR",
                        ),
                        name="clientexport_decided_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="clientexport_for_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClientImport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=120, verbose_name="file")),
                ("file", models.CharField(blank=True, default="", editable=False, max_length=200)),
                ("detected", models.JSONField(default=dict, verbose_name="detected")),
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
                    "branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="staff.branch",
                        verbose_name="branch",
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("both", "Create and update"),
                            ("create", "Create only"),
                            ("update", "Update only"),
                        ],
                        default="both",
                        max_length=8,
                        verbose_name="mode",
                    ),
                ),
                (
                    "match",
                    models.CharField(
                        choices=[
                            ("source", "Key of the source system"),
                            ("identity", "Identity number"),
                            ("phone", "Phone"),
                        ],
                        default="source",
                        max_length=8,
                        verbose_name="recognised by",
                    ),
                ),
                ("mapping", models.JSONField(default=dict, verbose_name="mapping")),
                (
                    "job",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="crm.job",
                        verbose_name="job",
                    ),
                ),
                (
                    "undo_job",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="crm.job",
                        verbose_name="taken back by",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
            ],
            options={
                "verbose_name": "import of clients",
                "verbose_name_plural": "imports of clients",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["employee", "-id"], name="clientimport_of_employee")
                ],
            },
        ),
        migrations.CreateModel(
            name="ClientMerge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "survivor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merges",
                        to="clients.client",
                        verbose_name="survivor",
                    ),
                ),
                (
                    "merged",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clients.client",
                        verbose_name="merged client",
                    ),
                ),
                ("before", models.JSONField(default=dict)),
                ("moved", models.JSONField(default=dict)),
                ("version", models.PositiveIntegerField()),
                (
                    "employee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="employee",
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="at")),
                (
                    "undone_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="undone at"),
                ),
            ],
            options={
                "verbose_name": "merge of clients",
                "verbose_name_plural": "merges of clients",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("survivor", models.F("merged")), _negated=True),
                        name="clientmerge_of_two",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("undone_at__isnull", True)),
                        fields=("merged",),
                        name="clientmerge_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClientTag",
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
                        related_name="tags",
                        to="clients.client",
                        verbose_name="client",
                    ),
                ),
                (
                    "tag",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clients",
                        to="clients.tag",
                        verbose_name="tag",
                    ),
                ),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="added by",
                    ),
                ),
                ("added_at", models.DateTimeField(auto_now_add=True, verbose_name="added at")),
            ],
            options={
                "verbose_name": "tag of a client",
                "verbose_name_plural": "tags of clients",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(fields=("client", "tag"), name="clienttag_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Consent",
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
                        related_name="consents",
                        to="clients.client",
                        verbose_name="client",
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("service", "Service and return visits"),
                            ("marketing", "Products and events"),
                            ("research", "Research and market news"),
                        ],
                        max_length=12,
                        verbose_name="purpose",
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("phone", "Telephone"),
                            ("sms", "Text message"),
                            ("wechat", "WeChat"),
                            ("email", "E-mail"),
                        ],
                        max_length=8,
                        verbose_name="channel",
                    ),
                ),
                ("given_on", models.DateField(verbose_name="given on")),
                ("proof", models.CharField(max_length=200, verbose_name="proof")),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                (
                    "withdrawn_on",
                    models.DateField(blank=True, null=True, verbose_name="withdrawn on"),
                ),
                (
                    "withdrawn_how",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="how it was withdrawn"
                    ),
                ),
            ],
            options={
                "verbose_name": "consent",
                "verbose_name_plural": "consents",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_on__isnull", True)),
                        fields=("client", "purpose", "channel"),
                        name="consent_one_in_force",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("withdrawn_on__isnull", True),
                            ("withdrawn_on__gte", models.F("given_on")),
                            _connector="OR",
                        ),
                        name="consent_period",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ConsentEvent",
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
                        to="clients.consent",
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
                    "client",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="clients.client",
                        verbose_name="client",
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("service", "Service and return visits"),
                            ("marketing", "Products and events"),
                            ("research", "Research and market news"),
                        ],
                        max_length=12,
                        verbose_name="purpose",
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("phone", "Telephone"),
                            ("sms", "Text message"),
                            ("wechat", "WeChat"),
                            ("email", "E-mail"),
                        ],
                        max_length=8,
                        verbose_name="channel",
                    ),
                ),
                ("given_on", models.DateField(verbose_name="given on")),
                ("proof", models.CharField(max_length=200, verbose_name="proof")),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                (
                    "withdrawn_on",
                    models.DateField(blank=True, null=True, verbose_name="withdrawn on"),
                ),
                (
                    "withdrawn_how",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="how it was withdrawn"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ContactPerson",
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
                        related_name="contacts",
                        to="clients.client",
                        verbose_name="client",
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("decides", "Decision maker"),
                            ("proxy", "Proxy"),
                            ("influences", "Influencer"),
                        ],
                        max_length=12,
                        verbose_name="decision role",
                    ),
                ),
                (
                    "position",
                    models.CharField(
                        blank=True, default="", max_length=60, verbose_name="position or relation"
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="to")),
            ],
            options={
                "verbose_name": "contact person",
                "verbose_name_plural": "contact persons",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="ContactPhone",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ciphertext", models.BinaryField()),
                ("key_id", models.CharField(editable=False, max_length=20)),
                ("number_index", models.BinaryField()),
                ("last4_index", models.BinaryField()),
                ("index_version", models.PositiveSmallIntegerField(editable=False)),
                ("valid_from", models.DateField(verbose_name="from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="to")),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="phones",
                        to="clients.contactperson",
                        verbose_name="contact person",
                    ),
                ),
            ],
            options={
                "verbose_name": "phone of a contact person",
                "verbose_name_plural": "phones of contact persons",
                "ordering": ["id"],
                "indexes": [models.Index(fields=["number_index"], name="contactphone_number")],
            },
        ),
        migrations.CreateModel(
            name="DerivedProfile",
            fields=[
                (
                    "client",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="derived",
                        serialize=False,
                        to="clients.client",
                        verbose_name="client",
                    ),
                ),
                ("as_of", models.DateField(verbose_name="as of")),
                (
                    "assets",
                    models.DecimalField(decimal_places=2, max_digits=18, verbose_name="assets"),
                ),
                (
                    "turnover_rate",
                    models.DecimalField(
                        decimal_places=2, max_digits=12, null=True, verbose_name="turnover rate"
                    ),
                ),
                (
                    "idle_months",
                    models.PositiveSmallIntegerField(verbose_name="months without a trade"),
                ),
                (
                    "investment_size",
                    models.CharField(
                        choices=[
                            ("small", "Below 100,000 in assets"),
                            ("medium", "100,000 to 500,000 in assets"),
                            ("large", "500,000 to 3 million in assets"),
                            ("very_large", "Above 3 million in assets"),
                        ],
                        max_length=12,
                        verbose_name="investment size",
                    ),
                ),
                (
                    "investment_style",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("conservative", "Conservative"),
                            ("balanced", "Balanced"),
                            ("aggressive", "Aggressive"),
                        ],
                        max_length=14,
                        verbose_name="investment style",
                    ),
                ),
                (
                    "commission",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=18,
                        null=True,
                        verbose_name="commission of a year",
                    ),
                ),
                (
                    "commission_tier",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("low", "Low commission"),
                            ("medium", "Medium commission"),
                            ("high", "High commission"),
                            ("top", "Top commission"),
                        ],
                        db_default="",
                        default="",
                        max_length=8,
                        verbose_name="commission tier",
                    ),
                ),
                (
                    "activity",
                    models.CharField(
                        choices=[
                            ("active", "Active"),
                            ("half_dormant", "Half-dormant"),
                            ("dormant", "Dormant"),
                        ],
                        max_length=14,
                        verbose_name="activity",
                    ),
                ),
                (
                    "replaced_size",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("small", "Below 100,000 in assets"),
                            ("medium", "100,000 to 500,000 in assets"),
                            ("large", "500,000 to 3 million in assets"),
                            ("very_large", "Above 3 million in assets"),
                        ],
                        default="",
                        max_length=12,
                        verbose_name="size before",
                    ),
                ),
                (
                    "replaced_style",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("conservative", "Conservative"),
                            ("balanced", "Balanced"),
                            ("aggressive", "Aggressive"),
                        ],
                        default="",
                        max_length=14,
                        verbose_name="style before",
                    ),
                ),
                ("replaced_on", models.DateField(null=True, verbose_name="replaced on")),
            ],
            options={
                "verbose_name": "derived profile",
                "verbose_name_plural": "derived profiles",
                "ordering": ["client"],
            },
        ),
        migrations.CreateModel(
            name="Document",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="clients.client",
                        verbose_name="client",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("identity", "Identity paper"),
                            ("agreement", "Agreement"),
                            ("risk_notice", "Risk notice"),
                            ("business", "Business form"),
                            ("other", "Other"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "title",
                    models.CharField(blank=True, default="", max_length=80, verbose_name="title"),
                ),
                ("name", models.CharField(max_length=120, verbose_name="file name")),
                ("content_type", models.CharField(max_length=40, verbose_name="type")),
                ("size", models.PositiveIntegerField(verbose_name="bytes")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("file", models.CharField(editable=False, max_length=200)),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="uploaded by",
                    ),
                ),
                (
                    "uploaded_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="uploaded at"),
                ),
                (
                    "voided_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="voided at"),
                ),
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
                (
                    "void_reason",
                    models.CharField(blank=True, default="", max_length=200, verbose_name="reason"),
                ),
            ],
            options={
                "verbose_name": "document",
                "verbose_name_plural": "documents",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("voided_at__isnull", True)),
                        fields=("client", "sha256"),
                        name="document_once_per_client",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("voided_at__isnull", True), ("void_reason__gt", ""), _connector="OR"
                        ),
                        name="document_voided_for_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FigureImport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "at",
                    models.DateTimeField(
                        auto_now_add=True,
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="at",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        help_text="Empty: the command line.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="figure_imports",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "branch",
                    models.ForeignKey(
                        help_text="Whose accounts it was about. Empty: the whole firm.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="figure_imports",
                        to="staff.branch",
                        verbose_name="branch",
                    ),
                ),
                ("file_name", models.CharField(max_length=200, verbose_name="file")),
                ("mapping", models.CharField(max_length=60, verbose_name="mapping")),
                ("source", models.CharField(max_length=60, verbose_name="source")),
                ("dry_run", models.BooleanField(default=False, verbose_name="dry run")),
                ("job", models.UUIDField(editable=False, null=True)),
                ("rows", models.PositiveIntegerField(default=0, verbose_name="rows read")),
                ("created", models.PositiveIntegerField(default=0, verbose_name="new")),
                ("updated", models.PositiveIntegerField(default=0, verbose_name="changed")),
                ("unchanged", models.PositiveIntegerField(default=0, verbose_name="unchanged")),
                ("refused", models.PositiveIntegerField(default=0, verbose_name="refused")),
                ("unknown", models.PositiveIntegerField(default=0, verbose_name="unknown to us")),
                ("repeated", models.PositiveIntegerField(default=0, verbose_name="repeated")),
                ("older", models.PositiveIntegerField(default=0, verbose_name="older than ours")),
                (
                    "missing",
                    models.PositiveIntegerField(default=0, verbose_name="missing in the file"),
                ),
                (
                    "totals_off",
                    models.PositiveIntegerField(default=0, verbose_name="totals that differ"),
                ),
                (
                    "months",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.DateField(),
                        default=list,
                        size=None,
                        verbose_name="months",
                    ),
                ),
            ],
            options={
                "verbose_name": "import of figures",
                "verbose_name_plural": "imports of figures",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="FundAccount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ciphertext", models.BinaryField()),
                ("key_id", models.CharField(editable=False, max_length=20)),
                ("number_index", models.BinaryField()),
                ("last4_index", models.BinaryField()),
                ("index_version", models.PositiveSmallIntegerField(editable=False)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accounts",
                        to="clients.client",
                        verbose_name="client",
                    ),
                ),
                (
                    "markets",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("sse", "Shanghai (SSE)"),
                                ("szse", "Shenzhen (SZSE)"),
                                ("bse", "Beijing (BSE)"),
                                ("neeq", "NEEQ"),
                            ],
                            max_length=8,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="markets",
                    ),
                ),
                (
                    "permissions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("star", "STAR Market"),
                                ("chinext", "ChiNext"),
                                ("hk_connect", "Hong Kong Connect"),
                                ("margin", "Margin trading"),
                                ("options", "Stock options"),
                                ("convertible", "Convertible bonds"),
                            ],
                            max_length=12,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="trading permissions",
                    ),
                ),
                ("opened_on", models.DateField(verbose_name="opening date")),
                (
                    "commission_rate",
                    models.DecimalField(
                        blank=True,
                        decimal_places=7,
                        max_digits=8,
                        null=True,
                        verbose_name="commission rate",
                    ),
                ),
                ("closed_on", models.DateField(blank=True, null=True, verbose_name="closed on")),
                (
                    "source",
                    models.CharField(blank=True, default="", max_length=60, verbose_name="source"),
                ),
            ],
            options={
                "verbose_name": "fund account",
                "verbose_name_plural": "fund accounts",
                "ordering": ["client", "opened_on", "id"],
                "indexes": [models.Index(fields=["last4_index"], name="account_last4")],
                "constraints": [
                    models.UniqueConstraint(fields=("number_index",), name="account_number"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("markets__contained_by", ["sse", "szse", "bse", "neeq"])
                        ),
                        name="account_markets",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "permissions__contained_by",
                                [
                                    "star",
                                    "chinext",
                                    "hk_connect",
                                    "margin",
                                    "options",
                                    "convertible",
                                ],
                            )
                        ),
                        name="account_permissions",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed_on__isnull", True),
                            ("closed_on__gte", models.F("opened_on")),
                            _connector="OR",
                        ),
                        name="account_closed_later",
                        violation_error_message="An account closes after it was opened.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("commission_rate__isnull", True),
                            models.Q(
                                ("commission_rate__gte", 0), ("commission_rate__lte", "0.003")
                            ),
                            _connector="OR",
                        ),
                        name="account_commission_rate",
                        violation_error_message="Commission is at most 30 per ten thousand by rule.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FigureDifference",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="differences",
                        to="clients.figureimport",
                        verbose_name="import",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("refused", "Row refused"),
                            ("unknown", "Account unknown to us"),
                            ("repeated", "Account and month twice in the file"),
                            ("older", "Older than what we have"),
                            ("missing", "Account of ours missing in the file"),
                            ("total", "Total differs"),
                            ("changed", "Value changed"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("line", models.PositiveIntegerField(null=True, verbose_name="line")),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clients.fundaccount",
                        verbose_name="fund account",
                    ),
                ),
                (
                    "accounts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        db_default=[],
                        default=list,
                        size=None,
                        verbose_name="missing accounts",
                    ),
                ),
                (
                    "last4",
                    models.CharField(
                        blank=True, default="", max_length=4, verbose_name="last four"
                    ),
                ),
                ("month", models.DateField(null=True, verbose_name="month")),
                (
                    "field",
                    models.CharField(blank=True, default="", max_length=80, verbose_name="value"),
                ),
                (
                    "before",
                    models.CharField(blank=True, default="", max_length=40, verbose_name="ours"),
                ),
                (
                    "after",
                    models.CharField(blank=True, default="", max_length=40, verbose_name="file"),
                ),
                (
                    "reason",
                    models.CharField(blank=True, default="", max_length=300, verbose_name="reason"),
                ),
            ],
            options={
                "verbose_name": "difference",
                "verbose_name_plural": "differences",
                "ordering": ["id"],
                "indexes": [
                    models.Index(fields=["report", "kind", "id"], name="difference_of_report")
                ],
            },
        ),
        migrations.CreateModel(
            name="FundAccountEvent",
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
                        to="clients.fundaccount",
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
                    "client",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="clients.client",
                        verbose_name="client",
                    ),
                ),
                (
                    "markets",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("sse", "Shanghai (SSE)"),
                                ("szse", "Shenzhen (SZSE)"),
                                ("bse", "Beijing (BSE)"),
                                ("neeq", "NEEQ"),
                            ],
                            max_length=8,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="markets",
                    ),
                ),
                (
                    "permissions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("star", "STAR Market"),
                                ("chinext", "ChiNext"),
                                ("hk_connect", "Hong Kong Connect"),
                                ("margin", "Margin trading"),
                                ("options", "Stock options"),
                                ("convertible", "Convertible bonds"),
                            ],
                            max_length=12,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="trading permissions",
                    ),
                ),
                ("opened_on", models.DateField(verbose_name="opening date")),
                (
                    "commission_rate",
                    models.DecimalField(
                        blank=True,
                        decimal_places=7,
                        max_digits=8,
                        null=True,
                        verbose_name="commission rate",
                    ),
                ),
                ("closed_on", models.DateField(blank=True, null=True, verbose_name="closed on")),
                (
                    "source",
                    models.CharField(blank=True, default="", max_length=60, verbose_name="source"),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="HandOver",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "origin",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="handed over by",
                    ),
                ),
                (
                    "rule",
                    models.CharField(
                        choices=[
                            ("even", "Evenly by number"),
                            ("tier", "Evenly within each tier"),
                            ("branch", "By the branch of the client, then evenly"),
                        ],
                        default="even",
                        max_length=8,
                        verbose_name="shared",
                    ),
                ),
                ("effective_on", models.DateField(verbose_name="in effect from")),
                (
                    "whole_book",
                    models.BooleanField(
                        db_default=False, default=False, verbose_name="the whole book"
                    ),
                ),
                (
                    "departing",
                    models.BooleanField(default=False, verbose_name="the manager leaves"),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                (
                    "note",
                    models.TextField(blank=True, default="", verbose_name="note for the successor"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Waits for approval"),
                            ("approved", "Approved"),
                            ("done", "Done"),
                            ("refused", "Refused"),
                            ("cancelled", "Cancelled"),
                            ("failed", "Not possible"),
                        ],
                        default="asked",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
                ("asked_at", models.DateTimeField(auto_now_add=True, verbose_name="asked at")),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "decided_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="decided at"),
                ),
                (
                    "answer",
                    models.CharField(blank=True, default="", max_length=300, verbose_name="answer"),
                ),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="done at")),
                (
                    "attempts",
                    models.PositiveSmallIntegerField(
                        db_default=0, default=0, verbose_name="attempts"
                    ),
                ),
            ],
            options={
                "verbose_name": "hand-over",
                "verbose_name_plural": "hand-overs",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "approved")),
                        fields=["effective_on"],
                        name="handover_due",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="HandOverItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "hand_over",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="clients.handover",
                        verbose_name="hand-over",
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
                    "receiver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="taken over by",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("done", "Done"),
                            ("skipped", "No longer with the manager"),
                        ],
                        default="waiting",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
            ],
            options={
                "verbose_name": "client of a hand-over",
                "verbose_name_plural": "clients of a hand-over",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("hand_over", "client"), name="handoveritem_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Household",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "head",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clients.client",
                        verbose_name="head of household",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
            ],
            options={
                "verbose_name": "household",
                "verbose_name_plural": "households",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Identity",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ciphertext", models.BinaryField()),
                ("key_id", models.CharField(editable=False, max_length=20)),
                ("number_index", models.BinaryField()),
                ("last4_index", models.BinaryField()),
                ("index_version", models.PositiveSmallIntegerField(editable=False)),
                ("valid_from", models.DateField(verbose_name="from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="to")),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="identities",
                        to="clients.client",
                        verbose_name="client",
                    ),
                ),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("id_card", "Resident identity card"),
                            ("passport", "Passport"),
                            ("hk_macau", "Hong Kong and Macau permit"),
                            ("taiwan", "Taiwan permit"),
                            ("credit_code", "Unified social credit code"),
                        ],
                        max_length=12,
                        verbose_name="type",
                    ),
                ),
                ("expires_on", models.DateField(blank=True, null=True, verbose_name="expires on")),
            ],
            options={
                "verbose_name": "identity paper",
                "verbose_name_plural": "identity papers",
                "ordering": ["client", "id"],
                "indexes": [models.Index(fields=["number_index"], name="identity_number")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to__isnull", True)),
                        fields=("client", "type"),
                        name="identity_one_per_type",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportedClient",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clients",
                        to="clients.clientimport",
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clients.client",
                    ),
                ),
                ("created", models.BooleanField(verbose_name="created")),
                ("version", models.PositiveIntegerField(verbose_name="version")),
                ("phones", models.JSONField(default=list)),
                ("papers", models.JSONField(default=list)),
                (
                    "accounts",
                    models.JSONField(
                        db_default=models.Value([], output_field=models.JSONField()), default=list
                    ),
                ),
                ("ended", models.JSONField(default=list)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("loaded", "Loaded"),
                            ("undone", "Taken back"),
                            ("kept", "Changed since, kept"),
                        ],
                        default="loaded",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
            ],
            options={
                "verbose_name": "client of an import",
                "verbose_name_plural": "clients of an import",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("batch", "client"), name="importedclient_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="clients.household",
                        verbose_name="household",
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="clients.client",
                        verbose_name="client",
                    ),
                ),
                (
                    "relation",
                    models.CharField(
                        choices=[
                            ("head", "Head"),
                            ("spouse", "Spouse"),
                            ("child", "Child"),
                            ("parent", "Parent"),
                            ("sibling", "Brother or sister"),
                            ("other", "Other relative"),
                        ],
                        max_length=8,
                        verbose_name="relation",
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="to")),
            ],
            options={
                "verbose_name": "member of a household",
                "verbose_name_plural": "members of households",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to__isnull", True)),
                        fields=("client",),
                        name="membership_one_open",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("relation", "head"), ("valid_to__isnull", True)),
                        fields=("household",),
                        name="membership_one_head",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to__isnull", True),
                            ("valid_to__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="membership_period",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MonthlyFigure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="figures",
                        to="clients.fundaccount",
                        verbose_name="fund account",
                    ),
                ),
                ("month", models.DateField(help_text="Its first day.", verbose_name="month")),
                (
                    "assets",
                    models.DecimalField(decimal_places=2, max_digits=18, verbose_name="assets"),
                ),
                (
                    "net_inflow",
                    models.DecimalField(
                        decimal_places=2, max_digits=18, null=True, verbose_name="net inflow"
                    ),
                ),
                (
                    "turnover",
                    models.DecimalField(decimal_places=2, max_digits=18, verbose_name="turnover"),
                ),
                ("trades", models.PositiveIntegerField(null=True, verbose_name="trades")),
                (
                    "commission",
                    models.DecimalField(
                        decimal_places=2, max_digits=18, null=True, verbose_name="commission"
                    ),
                ),
                ("source", models.CharField(max_length=60, verbose_name="source")),
                ("as_of", models.DateField(verbose_name="as of")),
            ],
            options={
                "verbose_name": "monthly figure",
                "verbose_name_plural": "monthly figures",
                "ordering": ["account", "-month"],
                "constraints": [
                    models.UniqueConstraint(fields=("account", "month"), name="figure_month"),
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)), name="figure_first_of_month"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("turnover__gte", 0)), name="figure_turnover"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NotDuplicate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clients.client",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clients.client",
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                (
                    "employee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="employee",
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="at")),
            ],
            options={
                "verbose_name": "pair that is no duplicate",
                "verbose_name_plural": "pairs that are no duplicates",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(fields=("first", "second"), name="notduplicate_once"),
                    models.CheckConstraint(
                        condition=models.Q(("first__lt", models.F("second"))),
                        name="notduplicate_ordered",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Phone",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ciphertext", models.BinaryField()),
                ("key_id", models.CharField(editable=False, max_length=20)),
                ("number_index", models.BinaryField()),
                ("last4_index", models.BinaryField()),
                ("index_version", models.PositiveSmallIntegerField(editable=False)),
                ("valid_from", models.DateField(verbose_name="from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="to")),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="phones",
                        to="clients.client",
                        verbose_name="client",
                    ),
                ),
                ("is_primary", models.BooleanField(default=True, verbose_name="first choice")),
            ],
            options={
                "verbose_name": "phone",
                "verbose_name_plural": "phones",
                "ordering": ["client", "-is_primary", "id"],
                "indexes": [
                    models.Index(fields=["number_index"], name="phone_number"),
                    models.Index(fields=["last4_index"], name="phone_last4"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to__isnull", True)),
                        fields=("client", "number_index"),
                        name="phone_once_per_client",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_primary", True), ("valid_to__isnull", True)),
                        fields=("client",),
                        name="phone_one_primary",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RiskAssessment",
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
                        related_name="risk_assessments",
                        to="clients.client",
                        verbose_name="client",
                    ),
                ),
                (
                    "grade",
                    models.CharField(
                        choices=[
                            ("C1", "C1 cautious"),
                            ("C2", "C2 conservative"),
                            ("C3", "C3 balanced"),
                            ("C4", "C4 growth"),
                            ("C5", "C5 aggressive"),
                        ],
                        max_length=2,
                        verbose_name="grade",
                    ),
                ),
                ("assessed_on", models.DateField(verbose_name="assessed on")),
                ("expires_on", models.DateField(verbose_name="expires on")),
                (
                    "source",
                    models.CharField(blank=True, default="", max_length=60, verbose_name="source"),
                ),
            ],
            options={
                "verbose_name": "risk assessment",
                "verbose_name_plural": "risk assessments",
                "ordering": ["client", "-assessed_on", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("expires_on__gt", models.F("assessed_on"))),
                        name="risk_expires_later",
                        violation_error_message="The assessment expires after the day it was made.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SegmentRule",
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
                        related_name="rules",
                        to="clients.segment",
                        verbose_name="segment",
                    ),
                ),
                (
                    "priority",
                    models.PositiveSmallIntegerField(
                        default=100,
                        help_text="The lowest number that matches wins.",
                        verbose_name="priority",
                    ),
                ),
                (
                    "income_levels",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=8),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="income levels",
                    ),
                ),
                (
                    "investment_sizes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="investment sizes",
                    ),
                ),
                (
                    "investment_styles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=14),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="investment styles",
                    ),
                ),
                (
                    "risk_grades",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="risk grades",
                    ),
                ),
                (
                    "lifecycles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=10),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="lifecycles",
                    ),
                ),
                (
                    "kinds",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12),
                        blank=True,
                        db_default=[],
                        default=list,
                        size=None,
                        verbose_name="kinds",
                    ),
                ),
                (
                    "ages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=10),
                        blank=True,
                        db_default=[],
                        default=list,
                        size=None,
                        verbose_name="ages",
                    ),
                ),
                (
                    "prospect_types",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=16),
                        blank=True,
                        db_default=[],
                        default=list,
                        size=None,
                        verbose_name="prospect types",
                    ),
                ),
                (
                    "activities",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=14),
                        blank=True,
                        db_default=[],
                        default=list,
                        size=None,
                        verbose_name="activities",
                    ),
                ),
                (
                    "commission_tiers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=8),
                        blank=True,
                        db_default=[],
                        default=list,
                        size=None,
                        verbose_name="commission tiers",
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="to")),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
            ],
            options={
                "verbose_name": "segment rule",
                "verbose_name_plural": "segment rules",
                "ordering": ["segment", "-valid_from"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to__isnull", True)),
                        fields=("segment",),
                        name="segmentrule_one_open",
                        violation_error_message="Close the rule in force before adding another.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to__isnull", True),
                            ("valid_to__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="segmentrule_period",
                        violation_error_message="The end lies before the start.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SegmentChange",
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
                        related_name="segment_changes",
                        to="clients.client",
                        verbose_name="client",
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clients.segment",
                        verbose_name="segment",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clients.segmentrule",
                        verbose_name="by rule",
                    ),
                ),
                ("pinned", models.BooleanField(default=False, verbose_name="pinned")),
                (
                    "reason",
                    models.CharField(blank=True, default="", max_length=200, verbose_name="reason"),
                ),
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
                "verbose_name": "segment change",
                "verbose_name_plural": "segment changes",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="SegmentEvent",
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
                        to="clients.segment",
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
                ("key", models.SlugField(db_index=False, max_length=40, verbose_name="key")),
                ("name_zh", models.CharField(max_length=60, verbose_name="name (Chinese)")),
                (
                    "name_en",
                    models.CharField(blank=True, max_length=60, verbose_name="name (English)"),
                ),
                (
                    "description_zh",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="description (Chinese)"
                    ),
                ),
                (
                    "description_en",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="description (English)"
                    ),
                ),
                (
                    "tier",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "A key"),
                            (2, "B important"),
                            (3, "C standard"),
                            (4, "D basic"),
                        ],
                        default=3,
                        verbose_name="tier",
                    ),
                ),
                (
                    "colour",
                    models.CharField(
                        choices=[
                            ("blue", "Blue"),
                            ("azure", "Azure"),
                            ("teal", "Teal"),
                            ("green", "Green"),
                            ("orange", "Orange"),
                            ("purple", "Purple"),
                            ("pink", "Pink"),
                            ("secondary", "Grey"),
                        ],
                        default="blue",
                        max_length=10,
                        verbose_name="colour",
                    ),
                ),
                (
                    "branch",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="Empty: the whole firm. A branch's segment wins over the firm's.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="staff.branch",
                        verbose_name="branch",
                    ),
                ),
                (
                    "is_default",
                    models.BooleanField(
                        default=False,
                        help_text="Takes the clients that no rule matches.",
                        verbose_name="default",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SegmentRuleEvent",
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
                        to="clients.segmentrule",
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
                    "priority",
                    models.PositiveSmallIntegerField(
                        default=100,
                        help_text="The lowest number that matches wins.",
                        verbose_name="priority",
                    ),
                ),
                (
                    "income_levels",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=8),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="income levels",
                    ),
                ),
                (
                    "investment_sizes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="investment sizes",
                    ),
                ),
                (
                    "investment_styles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=14),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="investment styles",
                    ),
                ),
                (
                    "risk_grades",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="risk grades",
                    ),
                ),
                (
                    "lifecycles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=10),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="lifecycles",
                    ),
                ),
                (
                    "kinds",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12),
                        blank=True,
                        db_default=[],
                        default=list,
                        size=None,
                        verbose_name="kinds",
                    ),
                ),
                (
                    "ages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=10),
                        blank=True,
                        db_default=[],
                        default=list,
                        size=None,
                        verbose_name="ages",
                    ),
                ),
                (
                    "prospect_types",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=16),
                        blank=True,
                        db_default=[],
                        default=list,
                        size=None,
                        verbose_name="prospect types",
                    ),
                ),
                (
                    "activities",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=14),
                        blank=True,
                        db_default=[],
                        default=list,
                        size=None,
                        verbose_name="activities",
                    ),
                ),
                (
                    "commission_tiers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=8),
                        blank=True,
                        db_default=[],
                        default=list,
                        size=None,
                        verbose_name="commission tiers",
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="to")),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="assignment",
            trigger=pgtrigger.compiler.Trigger(
                name="owner_posts_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF NOT EXISTS (SELECT 1 FROM staff_employee\n                   WHERE id = NEW.employee_id AND role IN ('branch_head', 'broker', 'manager', 'regional_head')) THEN\n        RAISE EXCEPTION 'this post may not own clients'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'assignment_owner_posts_only';\n    END IF;\n    RETURN NEW;\n",
                    hash="25bfad7293355d4f2d4137ad97ea390fe37ec1e1",
                    operation='INSERT OR UPDATE OF "employee_id"',
                    pgid="pgtrigger_owner_posts_only_082ab",
                    table="clients_assignment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="assignment",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "clients_assignmentevent" ("client_id", "employee_id", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "valid_from", "valid_to") VALUES (OLD."client_id", OLD."employee_id", OLD."id", OLD."kind", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."reason", OLD."valid_from", OLD."valid_to"); RETURN NULL;',
                    hash="5d885e5dd3d6e69d9fadfadf8e38efd9500f5578",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_8a359",
                    table="clients_assignment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="consent",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "clients_consentevent" ("channel", "client_id", "given_on", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "proof", "purpose", "recorded_by_id", "withdrawn_how", "withdrawn_on") VALUES (OLD."channel", OLD."client_id", OLD."given_on", OLD."id", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."proof", OLD."purpose", OLD."recorded_by_id", OLD."withdrawn_how", OLD."withdrawn_on"); RETURN NULL;',
                    hash="9210caa0c6b6b2ec069b056aa1df278a664d35c5",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_9f63f",
                    table="clients_consent",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="document",
            trigger=pgtrigger.compiler.Trigger(
                name="keep",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="5ce909f75f17a0c86e1b17169c26162b3aef7e26",
                    operation="DELETE",
                    pgid="pgtrigger_keep_316d2",
                    table="clients_document",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="document",
            trigger=pgtrigger.compiler.Trigger(
                name="content",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='RAISE EXCEPTION \'pgtrigger: Cannot update of "client_id", "kind", "title", "name", "content_type", "size", "sha256", "file", "uploaded_by_id", "uploaded_at" rows from % table\', TG_TABLE_NAME;',
                    hash="6fc3283faed2ce1b26e7e7edc27a54e5e342488f",
                    operation='UPDATE OF "client_id", "kind", "title", "name", "content_type", "size", "sha256", "file", "uploaded_by_id", "uploaded_at"',
                    pgid="pgtrigger_content_618ba",
                    table="clients_document",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="figureimport",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="1ea90568b42dc385bc037425237977e228c2a1be",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_c7de9",
                    table="clients_figureimport",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="fundaccount",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."client_id" IS DISTINCT FROM (NEW."client_id") OR OLD."closed_on" IS DISTINCT FROM (NEW."closed_on") OR OLD."commission_rate" IS DISTINCT FROM (NEW."commission_rate") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."markets" IS DISTINCT FROM (NEW."markets") OR OLD."opened_on" IS DISTINCT FROM (NEW."opened_on") OR OLD."permissions" IS DISTINCT FROM (NEW."permissions") OR OLD."source" IS DISTINCT FROM (NEW."source"))',
                    func='INSERT INTO "clients_fundaccountevent" ("client_id", "closed_on", "commission_rate", "id", "markets", "opened_on", "permissions", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source") VALUES (OLD."client_id", OLD."closed_on", OLD."commission_rate", OLD."id", OLD."markets", OLD."opened_on", OLD."permissions", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."source"); RETURN NULL;',
                    hash="7fb1ea797be83625f0b295d6a15b4b25657ff748",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_c0de8",
                    table="clients_fundaccount",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="figuredifference",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="81829632698e196dd1d7ee26e91a2296acb632c5",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_3826d",
                    table="clients_figuredifference",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="riskassessment",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="f2b29bee72c100b45badcdfdd2014c74ccd1b71f",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_be04a",
                    table="clients_riskassessment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="segment",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "clients_segmentevent" ("branch_id", "colour", "description_en", "description_zh", "id", "is_default", "key", "name_en", "name_zh", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "tier") VALUES (OLD."branch_id", OLD."colour", OLD."description_en", OLD."description_zh", OLD."id", OLD."is_default", OLD."key", OLD."name_en", OLD."name_zh", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."tier"); RETURN NULL;',
                    hash="a3ea46db723ae5e6f63004d0677af0b489e503e7",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_9c13e",
                    table="clients_segment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="client",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."activity" IS DISTINCT FROM (NEW."activity") OR OLD."activity_on" IS DISTINCT FROM (NEW."activity_on") OR OLD."birthday" IS DISTINCT FROM (NEW."birthday") OR OLD."branch_id" IS DISTINCT FROM (NEW."branch_id") OR OLD."call_from" IS DISTINCT FROM (NEW."call_from") OR OLD."call_until" IS DISTINCT FROM (NEW."call_until") OR OLD."calls_refused" IS DISTINCT FROM (NEW."calls_refused") OR OLD."commission_tier" IS DISTINCT FROM (NEW."commission_tier") OR OLD."contact_note" IS DISTINCT FROM (NEW."contact_note") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."income_level" IS DISTINCT FROM (NEW."income_level") OR OLD."investment_size" IS DISTINCT FROM (NEW."investment_size") OR OLD."investment_style" IS DISTINCT FROM (NEW."investment_style") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."lifecycle" IS DISTINCT FROM (NEW."lifecycle") OR OLD."lunar_birthday" IS DISTINCT FROM (NEW."lunar_birthday") OR OLD."manager_id" IS DISTINCT FROM (NEW."manager_id") OR OLD."merged_into_id" IS DISTINCT FROM (NEW."merged_into_id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."name_pinyin" IS DISTINCT FROM (NEW."name_pinyin") OR OLD."notes" IS DISTINCT FROM (NEW."notes") OR OLD."opened_on" IS DISTINCT FROM (NEW."opened_on") OR OLD."prospect_type" IS DISTINCT FROM (NEW."prospect_type") OR OLD."public_id" IS DISTINCT FROM (NEW."public_id") OR OLD."recorded_on" IS DISTINCT FROM (NEW."recorded_on") OR OLD."referred_by_id" IS DISTINCT FROM (NEW."referred_by_id") OR OLD."risk_expires_on" IS DISTINCT FROM (NEW."risk_expires_on") OR OLD."risk_grade" IS DISTINCT FROM (NEW."risk_grade") OR OLD."segment_id" IS DISTINCT FROM (NEW."segment_id") OR OLD."segment_pinned" IS DISTINCT FROM (NEW."segment_pinned") OR OLD."segment_pinned_until" IS DISTINCT FROM (NEW."segment_pinned_until") OR OLD."segment_reason" IS DISTINCT FROM (NEW."segment_reason") OR OLD."segment_since" IS DISTINCT FROM (NEW."segment_since") OR OLD."source" IS DISTINCT FROM (NEW."source") OR OLD."source_key" IS DISTINCT FROM (NEW."source_key") OR OLD."source_system" IS DISTINCT FROM (NEW."source_system") OR OLD."title" IS DISTINCT FROM (NEW."title"))',
                    func='INSERT INTO "clients_clientevent" ("activity", "activity_on", "birthday", "branch_id", "call_from", "call_until", "calls_refused", "commission_tier", "contact_note", "created_at", "id", "income_level", "investment_size", "investment_style", "kind", "lifecycle", "lunar_birthday", "manager_id", "merged_into_id", "name", "name_pinyin", "notes", "opened_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prospect_type", "public_id", "recorded_on", "referred_by_id", "risk_expires_on", "risk_grade", "segment_id", "segment_pinned", "segment_pinned_until", "segment_reason", "segment_since", "source", "source_key", "source_system", "title") VALUES (OLD."activity", OLD."activity_on", OLD."birthday", OLD."branch_id", OLD."call_from", OLD."call_until", OLD."calls_refused", OLD."commission_tier", OLD."contact_note", OLD."created_at", OLD."id", OLD."income_level", OLD."investment_size", OLD."investment_style", OLD."kind", OLD."lifecycle", OLD."lunar_birthday", OLD."manager_id", OLD."merged_into_id", OLD."name", OLD."name_pinyin", OLD."notes", OLD."opened_on", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."prospect_type", OLD."public_id", OLD."recorded_on", OLD."referred_by_id", OLD."risk_expires_on", OLD."risk_grade", OLD."segment_id", OLD."segment_pinned", OLD."segment_pinned_until", OLD."segment_reason", OLD."segment_since", OLD."source", OLD."source_key", OLD."source_system", OLD."title"); RETURN NULL;',
                    hash="0504ba721b5c91d1e67e04bb13557cc548373d2d",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_757e7",
                    table="clients_client",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="segmentrule",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "clients_segmentruleevent" ("activities", "ages", "by_id", "commission_tiers", "id", "income_levels", "investment_sizes", "investment_styles", "kinds", "lifecycles", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "priority", "prospect_types", "risk_grades", "segment_id", "valid_from", "valid_to") VALUES (OLD."activities", OLD."ages", OLD."by_id", OLD."commission_tiers", OLD."id", OLD."income_levels", OLD."investment_sizes", OLD."investment_styles", OLD."kinds", OLD."lifecycles", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."priority", OLD."prospect_types", OLD."risk_grades", OLD."segment_id", OLD."valid_from", OLD."valid_to"); RETURN NULL;',
                    hash="468acbf3312e5e4b59bafab2a29eb90e1fa673c3",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_c8a11",
                    table="clients_segmentrule",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="segmentchange",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="7cdfb8b5fc70aba1db812c532fc77ac42a0f0a84",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_6ad44",
                    table="clients_segmentchange",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(WALL, NO_WALL),
    ]
