import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.functions
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from crm.baseline import Baseline

# An opportunity stands in a stage of its own kind, and its state is that stage's; so neither kind
# of a stage changes, nor does a stage go, while opportunities stand in it.
OF_ITS_KIND = """
ALTER TABLE pipeline_stage ADD CONSTRAINT stage_with_kinds UNIQUE (id, opportunity_kind, kind);
ALTER TABLE pipeline_opportunity ADD CONSTRAINT opportunity_in_stage_of_its_kind
    FOREIGN KEY (stage_id, kind, state) REFERENCES pipeline_stage (id, opportunity_kind, kind);
"""
OF_ANY_KIND = """
ALTER TABLE pipeline_opportunity DROP CONSTRAINT opportunity_in_stage_of_its_kind;
ALTER TABLE pipeline_stage DROP CONSTRAINT stage_with_kinds;
"""

# Branch, manager and type of prospect of a client stand in its opportunities too, so that the board
# reads them without a join. Clients are changed in many places, by the application and by the
# administrator: the copies follow wherever that is.
FOLLOW = """
CREATE FUNCTION pipeline_follow_client() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE pipeline_opportunity SET branch_id = NEW.branch_id, manager_id = NEW.manager_id,
        prospect_type = NEW.prospect_type
    WHERE client_id = NEW.id;
    UPDATE pipeline_rankingscore s SET branch_id = NEW.branch_id
    FROM pipeline_opportunity o
    WHERE o.client_id = NEW.id AND s.opportunity_id = o.id
      AND s.branch_id IS DISTINCT FROM NEW.branch_id;
    RETURN NULL;
END $$;
CREATE TRIGGER pipeline_follow_client AFTER UPDATE ON clients_client
    FOR EACH ROW WHEN (OLD.branch_id IS DISTINCT FROM NEW.branch_id
                       OR OLD.manager_id IS DISTINCT FROM NEW.manager_id
                       OR OLD.prospect_type IS DISTINCT FROM NEW.prospect_type)
    EXECUTE FUNCTION pipeline_follow_client();
"""
ALONE = """
DROP TRIGGER pipeline_follow_client ON clients_client;
DROP FUNCTION pipeline_follow_client();
"""


class Migration(Baseline):
    dependencies = [
        ("clients", "0001_initial"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("staff", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Stage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.SlugField(max_length=20, unique=True, verbose_name="key")),
                (
                    "opportunity_kind",
                    models.CharField(
                        choices=[
                            ("account_opening", "Account opening"),
                            ("custody_transfer", "Transfer of custody in"),
                            ("sale", "Fund or product sale"),
                            ("reactivation", "Reactivation"),
                            ("referral", "Referral"),
                        ],
                        db_default="account_opening",
                        default="account_opening",
                        max_length=20,
                        verbose_name="kind of opportunity",
                    ),
                ),
                ("name_zh", models.CharField(max_length=40, verbose_name="name (Chinese)")),
                (
                    "name_en",
                    models.CharField(blank=True, max_length=40, verbose_name="name (English)"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("open", "In progress"), ("won", "Won"), ("lost", "Lost")],
                        default="open",
                        max_length=5,
                        verbose_name="kind",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                (
                    "gates",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("value", "Value assessment"),
                                ("opportunity", "Opportunity assessment"),
                                ("strategy", "Strategy assessment"),
                            ],
                            max_length=12,
                        ),
                        blank=True,
                        db_default=[],
                        default=list,
                        help_text="Nothing comes to this stage, or past it, without them.",
                        size=None,
                        verbose_name="assessments required",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "stage",
                "verbose_name_plural": "stages",
                "ordering": ["position", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "open"), _negated=True),
                        fields=("opportunity_kind", "kind"),
                        name="stage_one_end_of_each_kind",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Competitor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.SlugField(max_length=30, unique=True, verbose_name="key")),
                ("name_zh", models.CharField(max_length=60, verbose_name="name (Chinese)")),
                (
                    "name_en",
                    models.CharField(blank=True, max_length=60, verbose_name="name (English)"),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "competitor",
                "verbose_name_plural": "competitors",
                "ordering": ["position", "id"],
            },
        ),
        migrations.CreateModel(
            name="LostReason",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.SlugField(max_length=30, unique=True, verbose_name="key")),
                (
                    "opportunity_kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("account_opening", "Account opening"),
                            ("custody_transfer", "Transfer of custody in"),
                            ("sale", "Fund or product sale"),
                            ("reactivation", "Reactivation"),
                            ("referral", "Referral"),
                        ],
                        db_default="",
                        default="",
                        help_text="Empty: every kind.",
                        max_length=20,
                        verbose_name="kind of opportunity",
                    ),
                ),
                ("name_zh", models.CharField(max_length=60, verbose_name="name (Chinese)")),
                (
                    "name_en",
                    models.CharField(blank=True, max_length=60, verbose_name="name (English)"),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "reason for losing",
                "verbose_name_plural": "reasons for losing",
                "ordering": ["position", "id"],
            },
        ),
        migrations.CreateModel(
            name="Opportunity",
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
                        related_name="opportunities",
                        to="clients.client",
                        verbose_name="client",
                    ),
                ),
                (
                    "branch",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="staff.branch",
                        verbose_name="branch",
                    ),
                ),
                (
                    "manager",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="manager",
                    ),
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
                        db_default="",
                        default="",
                        editable=False,
                        max_length=16,
                        verbose_name="prospect type",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("account_opening", "Account opening"),
                            ("custody_transfer", "Transfer of custody in"),
                            ("sale", "Fund or product sale"),
                            ("reactivation", "Reactivation"),
                            ("referral", "Referral"),
                        ],
                        default="account_opening",
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                (
                    "stage",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opportunities",
                        to="pipeline.stage",
                        verbose_name="stage",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "In progress"), ("won", "Won"), ("lost", "Lost")],
                        default="open",
                        editable=False,
                        max_length=5,
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=16,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="expected assets (CNY)",
                    ),
                ),
                (
                    "expected_on",
                    models.DateField(blank=True, null=True, verbose_name="expected on"),
                ),
                (
                    "next_step",
                    models.CharField(
                        blank=True, default="", max_length=120, verbose_name="next step"
                    ),
                ),
                (
                    "next_step_on",
                    models.DateField(blank=True, null=True, verbose_name="next step on"),
                ),
                (
                    "competitor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opportunities",
                        to="pipeline.competitor",
                        verbose_name="competitor",
                    ),
                ),
                (
                    "lost_reason",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opportunities",
                        to="pipeline.lostreason",
                        verbose_name="reason for losing",
                    ),
                ),
                (
                    "lost_note",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="note on the loss"
                    ),
                ),
                ("created_on", models.DateField(verbose_name="created on")),
                ("stage_since", models.DateField(verbose_name="in the stage since")),
                ("closed_on", models.DateField(blank=True, null=True, verbose_name="closed on")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "changed_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="changed by",
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
                "verbose_name": "opportunity",
                "verbose_name_plural": "opportunities",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["stage", "-stage_since", "-id"], name="opportunity_board"),
                    models.Index(
                        fields=["stage", "next_step_on", "-stage_since", "-id"],
                        name="opportunity_urgency",
                    ),
                    models.Index(
                        fields=["branch", "stage", "next_step_on", "-stage_since", "-id"],
                        name="opportunity_of_branch",
                    ),
                    models.Index(
                        fields=["branch", "-stage_since", "-id"], name="opportunity_list_of_branch"
                    ),
                    models.Index(
                        fields=["manager", "stage", "next_step_on", "-stage_since", "-id"],
                        name="opportunity_of_manager",
                    ),
                    models.Index(
                        fields=["manager", "-stage_since", "-id"],
                        name="opportunity_list_of_manager",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("client", "kind"),
                        name="opportunity_one_in_progress",
                        violation_error_message="This client has an opportunity in progress already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lost_reason__isnull", False), ("state", "lost")),
                            models.Q(
                                models.Q(("state", "lost"), _negated=True),
                                ("lost_reason__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="opportunity_lost_for_a_reason",
                        violation_error_message="Choose why it was lost.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount__isnull", True), ("amount__gte", 0), _connector="OR"
                        ),
                        name="opportunity_amount_not_negative",
                        violation_error_message="An amount below nothing cannot be expected.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_on__isnull", True), ("state", "open")),
                            models.Q(
                                models.Q(("state", "open"), _negated=True),
                                ("closed_on__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="opportunity_closed_on",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Assessment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "opportunity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assessments",
                        to="pipeline.opportunity",
                        verbose_name="opportunity",
                    ),
                ),
                (
                    "which",
                    models.CharField(
                        choices=[
                            ("value", "Value assessment"),
                            ("opportunity", "Opportunity assessment"),
                            ("strategy", "Strategy assessment"),
                        ],
                        max_length=12,
                        verbose_name="assessment",
                    ),
                ),
                ("version", models.PositiveSmallIntegerField(default=1, verbose_name="version")),
                ("answers", models.JSONField(verbose_name="answers")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                ("on", models.DateField(verbose_name="date")),
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
                "verbose_name": "assessment",
                "verbose_name_plural": "assessments",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("opportunity", "which", "version"),
                        name="assessment_one_per_version",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("which__in", ["value", "opportunity", "strategy"])),
                        name="assessment_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Channel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "branch",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="channels",
                        to="staff.branch",
                        verbose_name="branch",
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("bank", "Bank outlet"),
                            ("community", "Community"),
                            ("employer", "Employer"),
                            ("online", "Online"),
                            ("other", "Other"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                (
                    "partner",
                    models.CharField(
                        blank=True, default="", max_length=120, verbose_name="contact there"
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "channel",
                "verbose_name_plural": "channels",
                "ordering": ["name", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("branch", "name"),
                        name="channel_once_by_name",
                        nulls_distinct=False,
                        violation_error_message="There is a channel of this name already.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Campaign",
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
                    "branch",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="campaigns",
                        to="staff.branch",
                        verbose_name="branch",
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("event", "Event"),
                            ("leaflets", "Leaflets"),
                            ("online", "Online"),
                            ("other", "Other"),
                        ],
                        default="event",
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("held", "Held"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="planned",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "channel",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="campaigns",
                        to="pipeline.channel",
                        verbose_name="channel",
                    ),
                ),
                ("starts_at", models.DateTimeField(verbose_name="starts at")),
                ("ends_at", models.DateTimeField(verbose_name="ends at")),
                (
                    "place",
                    models.CharField(blank=True, default="", max_length=120, verbose_name="place"),
                ),
                (
                    "capacity",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="places"),
                ),
                (
                    "cost",
                    models.DecimalField(
                        decimal_places=2,
                        default=0,
                        max_digits=12,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="cost (CNY)",
                    ),
                ),
                (
                    "cancelled_because",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        max_length=200,
                        verbose_name="why it was cancelled",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="created by",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
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
                "verbose_name": "campaign",
                "verbose_name_plural": "campaigns",
                "ordering": ["-starts_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                        name="campaign_ends_after_it_starts",
                        violation_error_message="The end lies before the start.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("cost__gte", 0)), name="campaign_cost_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "cancelled"), _negated=True),
                            models.Q(("cancelled_because", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="campaign_cancelled_for_a_reason",
                        violation_error_message="Say why it is cancelled.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CaptureLink",
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
                        related_name="capture_links",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="employee",
                    ),
                ),
                ("token_hash", models.CharField(editable=False, max_length=64, unique=True)),
                ("ciphertext", models.BinaryField()),
                ("key_id", models.CharField(editable=False, max_length=20)),
                (
                    "channel",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="pipeline.channel",
                        verbose_name="channel",
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="pipeline.campaign",
                        verbose_name="campaign",
                    ),
                ),
                ("valid_until", models.DateField(verbose_name="valid until")),
                (
                    "revoked_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="revoked at"),
                ),
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
                "verbose_name": "QR code",
                "verbose_name_plural": "QR codes",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="PrivacyNotice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(unique=True, verbose_name="version")),
                ("text_zh", models.TextField(verbose_name="text (Chinese)")),
                (
                    "text_en",
                    models.TextField(blank=True, default="", verbose_name="text (English)"),
                ),
                ("valid_from", models.DateField(verbose_name="from")),
            ],
            options={
                "verbose_name": "consent text of the public form",
                "verbose_name_plural": "consent texts of the public form",
                "ordering": ["-version"],
            },
        ),
        migrations.CreateModel(
            name="CaptureEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
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
                    "link",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="pipeline.capturelink",
                        verbose_name="QR code",
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
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="pipeline.privacynotice",
                        verbose_name="consent text",
                    ),
                ),
                ("known", models.BooleanField(verbose_name="known already")),
                ("name", models.CharField(max_length=60, verbose_name="name as given")),
                (
                    "wish",
                    models.CharField(blank=True, default="", max_length=500, verbose_name="wish"),
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
                "verbose_name": "public form received",
                "verbose_name_plural": "public forms received",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="ChannelEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "channel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="pipeline.channel",
                        verbose_name="channel",
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
                ("on", models.DateField(verbose_name="date")),
                (
                    "visits",
                    models.PositiveSmallIntegerField(default=0, verbose_name="visits there"),
                ),
                (
                    "leaflets",
                    models.PositiveIntegerField(default=0, verbose_name="leaflets handed out"),
                ),
                (
                    "cost",
                    models.DecimalField(
                        decimal_places=2,
                        default=0,
                        max_digits=12,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="cost (CNY)",
                    ),
                ),
                (
                    "note",
                    models.CharField(blank=True, default="", max_length=200, verbose_name="note"),
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
                "verbose_name": "work in a channel",
                "verbose_name_plural": "work in channels",
                "ordering": ["-on", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("cost__gte", 0)), name="channel_entry_cost_not_negative"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitations",
                        to="pipeline.campaign",
                        verbose_name="campaign",
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitations",
                        to="clients.client",
                        verbose_name="client",
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="invited by",
                    ),
                ),
                ("invited_on", models.DateField(verbose_name="invited on")),
                (
                    "reply",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "No reply"),
                            ("yes", "Comes"),
                            ("no", "Does not come"),
                            ("waiting", "On the waiting list"),
                        ],
                        default="",
                        max_length=8,
                        verbose_name="reply",
                    ),
                ),
                ("replied_on", models.DateField(blank=True, null=True, verbose_name="replied on")),
                (
                    "replied_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="replied at"),
                ),
                (
                    "checked_in_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="checked in at"),
                ),
            ],
            options={
                "verbose_name": "invitation",
                "verbose_name_plural": "invitations",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("campaign", "client"), name="invitation_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Lead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "client",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lead",
                        to="clients.client",
                        verbose_name="client",
                    ),
                ),
                (
                    "channel",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leads",
                        to="pipeline.channel",
                        verbose_name="channel",
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leads",
                        to="pipeline.campaign",
                        verbose_name="campaign",
                    ),
                ),
                (
                    "via",
                    models.CharField(
                        choices=[
                            ("quick", "Taken down by hand"),
                            ("public_form", "Form behind a QR code"),
                            ("check_in", "Came to an event"),
                            ("later", "Entered afterwards"),
                        ],
                        max_length=12,
                        verbose_name="taken down how",
                    ),
                ),
                (
                    "employee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="won by",
                    ),
                ),
                ("on", models.DateField(verbose_name="date")),
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
                "verbose_name": "lead",
                "verbose_name_plural": "leads",
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["on"], name="lead_on")],
            },
        ),
        migrations.CreateModel(
            name="LeadEvent",
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
                        to="pipeline.lead",
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
                    "channel",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="pipeline.channel",
                        verbose_name="channel",
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="pipeline.campaign",
                        verbose_name="campaign",
                    ),
                ),
                (
                    "via",
                    models.CharField(
                        choices=[
                            ("quick", "Taken down by hand"),
                            ("public_form", "Form behind a QR code"),
                            ("check_in", "Came to an event"),
                            ("later", "Entered afterwards"),
                        ],
                        max_length=12,
                        verbose_name="taken down how",
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
                        verbose_name="won by",
                    ),
                ),
                ("on", models.DateField(verbose_name="date")),
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
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="OpportunityEvent",
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
                        to="pipeline.opportunity",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("account_opening", "Account opening"),
                            ("custody_transfer", "Transfer of custody in"),
                            ("sale", "Fund or product sale"),
                            ("reactivation", "Reactivation"),
                            ("referral", "Referral"),
                        ],
                        default="account_opening",
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                (
                    "stage",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="pipeline.stage",
                        verbose_name="stage",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "In progress"), ("won", "Won"), ("lost", "Lost")],
                        default="open",
                        editable=False,
                        max_length=5,
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=16,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="expected assets (CNY)",
                    ),
                ),
                (
                    "expected_on",
                    models.DateField(blank=True, null=True, verbose_name="expected on"),
                ),
                (
                    "next_step",
                    models.CharField(
                        blank=True, default="", max_length=120, verbose_name="next step"
                    ),
                ),
                (
                    "next_step_on",
                    models.DateField(blank=True, null=True, verbose_name="next step on"),
                ),
                (
                    "competitor",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="pipeline.competitor",
                        verbose_name="competitor",
                    ),
                ),
                (
                    "lost_reason",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="pipeline.lostreason",
                        verbose_name="reason for losing",
                    ),
                ),
                (
                    "lost_note",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="note on the loss"
                    ),
                ),
                ("created_on", models.DateField(verbose_name="created on")),
                ("stage_since", models.DateField(verbose_name="in the stage since")),
                ("closed_on", models.DateField(blank=True, null=True, verbose_name="closed on")),
                (
                    "changed_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="changed by",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PurgedStatistic",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField(verbose_name="month")),
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
                    "stage",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="pipeline.stage",
                        verbose_name="stage reached",
                    ),
                ),
                (
                    "lost_reason",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="pipeline.lostreason",
                        verbose_name="reason for losing",
                    ),
                ),
                ("count", models.PositiveIntegerField(verbose_name="number")),
            ],
            options={
                "verbose_name": "statistic of purged prospects",
                "verbose_name_plural": "statistics of purged prospects",
                "ordering": ["-month", "branch", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=(
                            "month",
                            "branch",
                            "source",
                            "prospect_type",
                            "stage",
                            "lost_reason",
                        ),
                        name="purgedstatistic_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PurgeRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on", models.DateField(verbose_name="date")),
                ("purged", models.PositiveIntegerField(verbose_name="purged")),
                ("kept", models.PositiveIntegerField(verbose_name="kept, in doubt")),
                ("rows", models.JSONField(default=dict, verbose_name="rows")),
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
                "verbose_name": "purge of prospects",
                "verbose_name_plural": "purges of prospects",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="RankingModel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(unique=True, verbose_name="version")),
                ("trained_on", models.DateField(verbose_name="trained on")),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("used", "In use: better than the simple rates"),
                            ("not_better", "Not used: no better than the simple rates"),
                            ("too_few", "Not used: too few outcomes"),
                            ("one_class", "Not used: outcomes of one kind only"),
                        ],
                        max_length=10,
                        verbose_name="verdict",
                    ),
                ),
                ("outcomes", models.PositiveIntegerField(verbose_name="closed opportunities")),
                ("won", models.PositiveIntegerField(verbose_name="won")),
                ("rows", models.PositiveIntegerField(default=0, verbose_name="rows learnt from")),
                ("features", models.JSONField(default=list, verbose_name="features")),
                ("excluded", models.JSONField(default=list, verbose_name="excluded grounds")),
                ("card", models.JSONField(default=dict, verbose_name="points")),
                (
                    "metrics",
                    models.JSONField(default=dict, verbose_name="measured on later outcomes"),
                ),
                ("seconds", models.FloatField(default=0, verbose_name="seconds")),
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
                "verbose_name": "learnt model",
                "verbose_name_plural": "learnt models",
                "ordering": ["-version"],
            },
        ),
        migrations.CreateModel(
            name="RankingOverride",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "opportunity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ranking_overrides",
                        to="pipeline.opportunity",
                        verbose_name="opportunity",
                    ),
                ),
                (
                    "direction",
                    models.SmallIntegerField(
                        choices=[(1, "To the top"), (-1, "To the end")], verbose_name="where to"
                    ),
                ),
                ("until", models.DateField(verbose_name="until")),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                (
                    "by",
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
                (
                    "ended_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="ended at"),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="ended by",
                    ),
                ),
            ],
            options={
                "verbose_name": "override of the ranking",
                "verbose_name_plural": "overrides of the ranking",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("opportunity",),
                        name="rankingoverride_one_in_force",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="rankingoverride_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("direction__in", [1, -1])),
                        name="rankingoverride_direction",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RankingRate",
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
                        blank=True,
                        choices=[
                            ("account_opening", "Account opening"),
                            ("custody_transfer", "Transfer of custody in"),
                            ("sale", "Fund or product sale"),
                            ("reactivation", "Reactivation"),
                            ("referral", "Referral"),
                        ],
                        max_length=20,
                        verbose_name="kind of opportunity",
                    ),
                ),
                (
                    "stage",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="pipeline.stage",
                        verbose_name="stage",
                    ),
                ),
                (
                    "prospect_type",
                    models.CharField(
                        choices=[
                            ("avoidant", "Avoidant"),
                            ("delegating", "Delegating"),
                            ("advisory", "Advisory"),
                            ("self_directed", "Self-directed"),
                        ],
                        max_length=16,
                        null=True,
                        verbose_name="prospect type",
                    ),
                ),
                ("closed", models.PositiveIntegerField(verbose_name="closed")),
                ("won", models.PositiveIntegerField(verbose_name="won")),
                ("rate", models.FloatField(verbose_name="rate")),
            ],
            options={
                "verbose_name": "success rate",
                "verbose_name_plural": "success rates",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "stage", "prospect_type"),
                        name="rankingrate_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RankingScore",
            fields=[
                (
                    "opportunity",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="ranking",
                        serialize=False,
                        to="pipeline.opportunity",
                        verbose_name="opportunity",
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
                    "capital",
                    models.DecimalField(
                        decimal_places=2, max_digits=16, verbose_name="potential capital"
                    ),
                ),
                (
                    "capital_from",
                    models.CharField(
                        choices=[
                            ("amount", "expected assets of the opportunity"),
                            ("size", "investment size of the client"),
                            ("usual", "middle of the firm's opportunities of this kind"),
                        ],
                        max_length=6,
                    ),
                ),
                ("probability", models.FloatField(verbose_name="probability")),
                ("rate", models.FloatField(verbose_name="rate")),
                ("rate_closed", models.PositiveIntegerField(verbose_name="closed")),
                ("rate_won", models.PositiveIntegerField(verbose_name="won")),
                (
                    "model",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="pipeline.rankingmodel",
                        verbose_name="model",
                    ),
                ),
                ("facts", models.JSONField(default=dict)),
                ("timing", models.FloatField(verbose_name="timing")),
                (
                    "timing_why",
                    models.CharField(
                        choices=[
                            ("no_calls", "wants no calls"),
                            ("overdue", "next step overdue"),
                            ("today", "next step due today"),
                            ("just_spoken", "spoken to a moment ago"),
                            ("expected", "close to the expected date"),
                            ("soon", "next step within a week"),
                            ("later", "next step later"),
                            ("never", "never reached yet"),
                            ("silent", "long without contact"),
                            ("usual", "no next step agreed"),
                        ],
                        max_length=11,
                    ),
                ),
                ("timing_days", models.IntegerField(default=0)),
                ("score", models.FloatField(verbose_name="score")),
                ("pin", models.SmallIntegerField(default=0)),
                ("contact_on", models.DateField(null=True)),
                ("day", models.DateField(verbose_name="as of")),
                ("scored_at", models.DateTimeField(verbose_name="scored at")),
            ],
            options={
                "verbose_name": "score of the ranking",
                "verbose_name_plural": "scores of the ranking",
                "ordering": ["-pin", "-score", "-opportunity_id"],
                "indexes": [
                    models.Index(fields=["-pin", "-score", "-opportunity"], name="ranking_order"),
                    models.Index(
                        fields=["branch", "-pin", "-score", "-opportunity"],
                        name="ranking_order_of_branch",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RankingWeights",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "branch",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: the whole firm.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ranking_weights",
                        to="staff.branch",
                        verbose_name="branch",
                    ),
                ),
                (
                    "capital",
                    models.DecimalField(
                        decimal_places=2,
                        default=1,
                        max_digits=3,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(3),
                        ],
                        verbose_name="weight of the capital",
                    ),
                ),
                (
                    "probability",
                    models.DecimalField(
                        decimal_places=2,
                        default=1,
                        max_digits=3,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(3),
                        ],
                        verbose_name="weight of the probability",
                    ),
                ),
                (
                    "timing",
                    models.DecimalField(
                        decimal_places=2,
                        default=1,
                        max_digits=3,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(3),
                        ],
                        verbose_name="weight of the timing",
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                (
                    "by",
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
                (
                    "ended_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="ended at"),
                ),
            ],
            options={
                "verbose_name": "weights of the ranking",
                "verbose_name_plural": "weights of the ranking",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.comparison.Coalesce("branch_id", 0),
                        condition=models.Q(("ended_at__isnull", True)),
                        name="rankingweights_one_in_force",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="rankingweights_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("capital__gte", 0),
                            ("probability__gte", 0),
                            ("timing__gte", 0),
                            ("capital__lte", 3),
                            ("probability__lte", 3),
                            ("timing__lte", 3),
                        ),
                        name="rankingweights_within",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RetentionHold",
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
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                (
                    "placed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="placed by",
                    ),
                ),
                ("placed_on", models.DateField(verbose_name="placed on")),
                (
                    "lifted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="lifted by",
                    ),
                ),
                ("lifted_on", models.DateField(blank=True, null=True, verbose_name="lifted on")),
            ],
            options={
                "verbose_name": "hold against purging",
                "verbose_name_plural": "holds against purging",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_on__isnull", True)),
                        fields=("client",),
                        name="hold_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="hold_for_a_reason"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StageMove",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "opportunity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moves",
                        to="pipeline.opportunity",
                        verbose_name="opportunity",
                    ),
                ),
                (
                    "from_stage",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="pipeline.stage",
                        verbose_name="from stage",
                    ),
                ),
                (
                    "to_stage",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="pipeline.stage",
                        verbose_name="to stage",
                    ),
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
                ("moved_on", models.DateField(verbose_name="date")),
                ("version", models.PositiveIntegerField(editable=False, null=True)),
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
                "verbose_name": "stage move",
                "verbose_name_plural": "stage moves",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Thanks",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "referrer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clients.client",
                        verbose_name="thanked client",
                    ),
                ),
                (
                    "referred",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="thanks",
                        to="clients.client",
                        verbose_name="brought client",
                    ),
                ),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("call", "By telephone"),
                            ("message", "By message"),
                            ("visit", "In person"),
                            ("gift", "With a small gift"),
                        ],
                        max_length=8,
                        verbose_name="thanked how",
                    ),
                ),
                ("on", models.DateField(verbose_name="thanked on")),
                (
                    "note",
                    models.CharField(blank=True, default="", max_length=200, verbose_name="note"),
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
                    "at",
                    models.DateTimeField(
                        auto_now_add=True,
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="at",
                    ),
                ),
            ],
            options={
                "verbose_name": "thanks for a referral",
                "verbose_name_plural": "thanks for referrals",
                "ordering": ["-on", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("referrer", models.F("referred")), _negated=True),
                        name="thanks_for_somebody_else",
                    )
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="privacynotice",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="bf48ebe58cde0b5de89d7755a914718a1bf80766",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_8b2fc",
                    table="pipeline_privacynotice",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rankingmodel",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="6653f58341f8f0be4d454c50d03fa55780e71f17",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_54306",
                    table="pipeline_rankingmodel",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="lead",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "pipeline_leadevent" ("at", "campaign_id", "channel_id", "client_id", "employee_id", "id", "on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "via") VALUES (OLD."at", OLD."campaign_id", OLD."channel_id", OLD."client_id", OLD."employee_id", OLD."id", OLD."on", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."via"); RETURN NULL;',
                    hash="c2409f78b6876acdd8db26b68deda6cea584ea5b",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_7021a",
                    table="pipeline_lead",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="assessment",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="2e297d4380dccfc83ca0f82191b401ae7c8c9e64",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_1859d",
                    table="pipeline_assessment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="opportunity",
            trigger=pgtrigger.compiler.Trigger(
                name="copies_client",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nSELECT c.branch_id, c.manager_id, c.prospect_type\nINTO NEW.branch_id, NEW.manager_id, NEW.prospect_type\nFROM clients_client c WHERE c.id = NEW.client_id FOR SHARE;\nRETURN NEW;\n",
                    hash="e899403735ba4cf5ca8837160fc2dcf7f2740a8f",
                    operation='INSERT OR UPDATE OF "client_id"',
                    pgid="pgtrigger_copies_client_63ef1",
                    table="pipeline_opportunity",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="opportunity",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."amount" IS DISTINCT FROM (NEW."amount") OR OLD."changed_by_id" IS DISTINCT FROM (NEW."changed_by_id") OR OLD."client_id" IS DISTINCT FROM (NEW."client_id") OR OLD."closed_on" IS DISTINCT FROM (NEW."closed_on") OR OLD."competitor_id" IS DISTINCT FROM (NEW."competitor_id") OR OLD."created_on" IS DISTINCT FROM (NEW."created_on") OR OLD."expected_on" IS DISTINCT FROM (NEW."expected_on") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."lost_note" IS DISTINCT FROM (NEW."lost_note") OR OLD."lost_reason_id" IS DISTINCT FROM (NEW."lost_reason_id") OR OLD."next_step" IS DISTINCT FROM (NEW."next_step") OR OLD."next_step_on" IS DISTINCT FROM (NEW."next_step_on") OR OLD."public_id" IS DISTINCT FROM (NEW."public_id") OR OLD."stage_id" IS DISTINCT FROM (NEW."stage_id") OR OLD."stage_since" IS DISTINCT FROM (NEW."stage_since") OR OLD."state" IS DISTINCT FROM (NEW."state"))',
                    func='INSERT INTO "pipeline_opportunityevent" ("amount", "changed_by_id", "client_id", "closed_on", "competitor_id", "created_on", "expected_on", "id", "kind", "lost_note", "lost_reason_id", "next_step", "next_step_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "public_id", "stage_id", "stage_since", "state") VALUES (OLD."amount", OLD."changed_by_id", OLD."client_id", OLD."closed_on", OLD."competitor_id", OLD."created_on", OLD."expected_on", OLD."id", OLD."kind", OLD."lost_note", OLD."lost_reason_id", OLD."next_step", OLD."next_step_on", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."public_id", OLD."stage_id", OLD."stage_since", OLD."state"); RETURN NULL;',
                    hash="86d4c182470cfe9e920d2d37b783c071ca1df150",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_79182",
                    table="pipeline_opportunity",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="stagemove",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="c23e26963cdba2b760e979bf10e599620acf73c9",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_0179f",
                    table="pipeline_stagemove",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="thanks",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="8204c80a14b5d2469898240b946e5bae06ec2c26",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_0b9e9",
                    table="pipeline_thanks",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(OF_ITS_KIND, OF_ANY_KIND),
        migrations.RunSQL(FOLLOW, ALONE),
    ]
