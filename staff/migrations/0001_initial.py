import django.contrib.auth.models
import django.contrib.auth.validators
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.comparison
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from crm.baseline import Baseline


class Migration(Baseline):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        migrations.CreateModel(
            name="Branch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=20, unique=True, verbose_name="code")),
                ("name_zh", models.CharField(max_length=100, verbose_name="name (Chinese)")),
                (
                    "name_en",
                    models.CharField(blank=True, max_length=100, verbose_name="name (English)"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("head_office", "Head office"),
                            ("branch_company", "Branch company"),
                            ("branch", "Branch"),
                            ("team", "Team"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="staff.branch",
                        verbose_name="belongs to",
                    ),
                ),
                ("province", models.CharField(blank=True, max_length=40, verbose_name="province")),
                (
                    "path",
                    models.CharField(db_index=True, default="", editable=False, max_length=200),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "branch",
                "verbose_name_plural": "branches",
                "ordering": ["code"],
                "indexes": [
                    models.Index(
                        fields=["path"], name="branch_subtree", opclasses=["varchar_pattern_ops"]
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("parent__isnull", True)),
                        fields=("kind",),
                        name="branch_one_root",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Employee",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                (
                    "email",
                    models.EmailField(blank=True, max_length=254, verbose_name="email address"),
                ),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                (
                    "date_joined",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="date joined"
                    ),
                ),
                ("full_name", models.CharField(max_length=60, verbose_name="name")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("manager", "Account manager"),
                            ("broker", "Broker"),
                            ("branch_head", "Branch head"),
                            ("regional_head", "Regional head"),
                            ("compliance", "Compliance officer"),
                            ("operations", "Operations"),
                            ("administrator", "Administrator"),
                        ],
                        default="manager",
                        max_length=20,
                        verbose_name="role",
                    ),
                ),
                (
                    "branch",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="employees",
                        to="staff.branch",
                        verbose_name="branch",
                    ),
                ),
                (
                    "employment",
                    models.CharField(
                        choices=[("employed", "Employed"), ("agency", "Agency contract")],
                        default="employed",
                        max_length=10,
                        verbose_name="employment",
                    ),
                ),
                (
                    "certificate_number",
                    models.CharField(
                        blank=True, max_length=30, verbose_name="practising certificate"
                    ),
                ),
                (
                    "certificate_expires_on",
                    models.DateField(blank=True, null=True, verbose_name="certificate expires on"),
                ),
                ("phone", models.CharField(blank=True, max_length=30, verbose_name="phone")),
                (
                    "language",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "As the browser says"),
                            ("zh-hans", "简体中文"),
                            ("en", "English"),
                        ],
                        default="",
                        max_length=10,
                        verbose_name="language",
                    ),
                ),
                (
                    "theme",
                    models.CharField(
                        blank=True,
                        choices=[("", "As the device says"), ("light", "Light"), ("dark", "Dark")],
                        default="",
                        max_length=10,
                        verbose_name="appearance",
                    ),
                ),
                ("left_on", models.DateField(blank=True, null=True, verbose_name="left on")),
                (
                    "must_change_password",
                    models.BooleanField(
                        db_default=False, default=False, verbose_name="must choose a new password"
                    ),
                ),
                (
                    "covers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        db_default=[],
                        default=list,
                        editable=False,
                        size=None,
                    ),
                ),
                ("covers_until", models.DateField(editable=False, null=True)),
                (
                    "makes_return_visits",
                    models.BooleanField(db_default=False, default=False, editable=False),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "employee",
                "verbose_name_plural": "employees",
                "ordering": ["username"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_superuser", True),
                            ("branch__isnull", False),
                            ("role", "administrator"),
                            _connector="OR",
                        ),
                        name="employee_has_branch",
                        violation_error_message="Choose the branch the employee works in.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("role", "broker"), _negated=True),
                            ("employment", "agency"),
                            _connector="OR",
                        ),
                        name="employee_broker_by_agency",
                        violation_error_message="A broker works under an agency contract.",
                    ),
                ],
            },
            managers=[
                ("objects", django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name="Absence",
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
                        related_name="absences",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="employee",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="first day")),
                ("ends_on", models.DateField(verbose_name="last day")),
                (
                    "substitute",
                    models.ForeignKey(
                        blank=True,
                        help_text="Sees and serves the clients on these days.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="substitutions",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="substitute",
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                (
                    "entered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="entered by",
                    ),
                ),
                ("entered_at", models.DateTimeField(auto_now_add=True, verbose_name="entered at")),
                (
                    "cancelled_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="cancelled at"),
                ),
            ],
            options={
                "verbose_name": "absence",
                "verbose_name_plural": "absences",
                "ordering": ["-starts_on", "-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("cancelled_at__isnull", True)),
                        fields=["employee", "ends_on"],
                        name="absence_of_employee",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                        name="absence_period",
                        violation_error_message="The last day lies before the first.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("substitute__isnull", True),
                            models.Q(("substitute", models.F("employee")), _negated=True),
                            _connector="OR",
                        ),
                        name="absence_substitute_is_another",
                        violation_error_message="The substitute must be somebody else.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AbsenceEvent",
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
                        to="staff.absence",
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
                ("starts_on", models.DateField(verbose_name="first day")),
                ("ends_on", models.DateField(verbose_name="last day")),
                (
                    "substitute",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="Sees and serves the clients on these days.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="substitute",
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                (
                    "entered_by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="entered by",
                    ),
                ),
                ("entered_at", models.DateTimeField(auto_now_add=True, verbose_name="entered at")),
                (
                    "cancelled_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="cancelled at"),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="EmployeeEvent",
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
                        to=settings.AUTH_USER_MODEL,
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
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                ("full_name", models.CharField(max_length=60, verbose_name="name")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("manager", "Account manager"),
                            ("broker", "Broker"),
                            ("branch_head", "Branch head"),
                            ("regional_head", "Regional head"),
                            ("compliance", "Compliance officer"),
                            ("operations", "Operations"),
                            ("administrator", "Administrator"),
                        ],
                        default="manager",
                        max_length=20,
                        verbose_name="role",
                    ),
                ),
                (
                    "branch",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="staff.branch",
                        verbose_name="branch",
                    ),
                ),
                (
                    "employment",
                    models.CharField(
                        choices=[("employed", "Employed"), ("agency", "Agency contract")],
                        default="employed",
                        max_length=10,
                        verbose_name="employment",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "certificate_number",
                    models.CharField(
                        blank=True, max_length=30, verbose_name="practising certificate"
                    ),
                ),
                (
                    "certificate_expires_on",
                    models.DateField(blank=True, null=True, verbose_name="certificate expires on"),
                ),
                ("left_on", models.DateField(blank=True, null=True, verbose_name="left on")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Notification",
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
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notifications",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="employee",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("digest", "Callbacks due"),
                            ("over_capacity", "Over capacity"),
                            ("holidays", "Holidays missing"),
                            ("system", "System"),
                            ("job", "Work finished"),
                            ("hand_over", "Hand-over"),
                            ("escalation", "Long overdue"),
                            ("outage", "Machinery silent"),
                            ("return_visits", "Compliance return visits"),
                            ("exception_case", "Exception case"),
                            ("public_form", "Public form"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("key", models.CharField(max_length=80, unique=True, verbose_name="key")),
                ("params", models.JSONField(default=dict, verbose_name="figures")),
                ("url", models.CharField(blank=True, max_length=200, verbose_name="link")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("read_at", models.DateTimeField(blank=True, null=True, verbose_name="read at")),
            ],
            options={
                "verbose_name": "notification",
                "verbose_name_plural": "notifications",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("read_at__isnull", True)),
                        fields=["employee"],
                        name="notification_unread",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Outage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("part", models.CharField(max_length=40, verbose_name="part")),
                ("silent_since", models.DateTimeField(verbose_name="silent since")),
                ("noticed_at", models.DateTimeField(verbose_name="noticed at")),
                ("mailing_until", models.DateTimeField(editable=False, null=True)),
                (
                    "mailed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="mailed at"),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
            ],
            options={
                "verbose_name": "outage",
                "verbose_name_plural": "outages",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("part",),
                        name="outage_one_open",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Policy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=60, verbose_name="key")),
                (
                    "value",
                    models.DecimalField(decimal_places=2, max_digits=16, verbose_name="value"),
                ),
                ("unit", models.CharField(max_length=20, verbose_name="unit")),
                (
                    "branch",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: the whole firm.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="policies",
                        to="staff.branch",
                        verbose_name="branch",
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="to")),
                ("citation", models.CharField(max_length=300, verbose_name="source of the rule")),
                (
                    "status",
                    models.CharField(
                        choices=[("verified", "Verified"), ("unverified", "Unverified")],
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
            ],
            options={
                "verbose_name": "policy",
                "verbose_name_plural": "policies",
                "ordering": ["key", "branch", "-valid_from"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("key"),
                        django.db.models.functions.comparison.Coalesce("branch_id", 0),
                        condition=models.Q(("valid_to__isnull", True)),
                        name="policy_one_open",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PolicyEvent",
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
                        to="staff.policy",
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
                ("key", models.CharField(max_length=60, verbose_name="key")),
                (
                    "value",
                    models.DecimalField(decimal_places=2, max_digits=16, verbose_name="value"),
                ),
                ("unit", models.CharField(max_length=20, verbose_name="unit")),
                (
                    "branch",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="Empty: the whole firm.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="staff.branch",
                        verbose_name="branch",
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="to")),
                ("citation", models.CharField(max_length=300, verbose_name="source of the rule")),
                (
                    "status",
                    models.CharField(
                        choices=[("verified", "Verified"), ("unverified", "Unverified")],
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Posting",
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
                        related_name="postings",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="employee",
                    ),
                ),
                (
                    "branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="postings",
                        to="staff.branch",
                        verbose_name="branch",
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="to")),
            ],
            options={
                "verbose_name": "posting",
                "verbose_name_plural": "postings",
                "ordering": ["employee", "valid_from"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to__isnull", True)),
                        fields=("employee",),
                        name="posting_one_open",
                    )
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="absence",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "staff_absenceevent" ("cancelled_at", "employee_id", "ends_on", "entered_at", "entered_by_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "starts_on", "substitute_id") VALUES (OLD."cancelled_at", OLD."employee_id", OLD."ends_on", OLD."entered_at", OLD."entered_by_id", OLD."id", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."reason", OLD."starts_on", OLD."substitute_id"); RETURN NULL;',
                    hash="7755ca4d40b5ee0477896d54ed41ad886a05c419",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_a1f95",
                    table="staff_absence",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="employee",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."branch_id" IS DISTINCT FROM (NEW."branch_id") OR OLD."certificate_expires_on" IS DISTINCT FROM (NEW."certificate_expires_on") OR OLD."certificate_number" IS DISTINCT FROM (NEW."certificate_number") OR OLD."employment" IS DISTINCT FROM (NEW."employment") OR OLD."full_name" IS DISTINCT FROM (NEW."full_name") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."is_staff" IS DISTINCT FROM (NEW."is_staff") OR OLD."is_superuser" IS DISTINCT FROM (NEW."is_superuser") OR OLD."left_on" IS DISTINCT FROM (NEW."left_on") OR OLD."role" IS DISTINCT FROM (NEW."role") OR OLD."username" IS DISTINCT FROM (NEW."username"))',
                    func='INSERT INTO "staff_employeeevent" ("branch_id", "certificate_expires_on", "certificate_number", "employment", "full_name", "is_active", "is_staff", "is_superuser", "left_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "username") VALUES (OLD."branch_id", OLD."certificate_expires_on", OLD."certificate_number", OLD."employment", OLD."full_name", OLD."is_active", OLD."is_staff", OLD."is_superuser", OLD."left_on", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."role", OLD."username"); RETURN NULL;',
                    hash="fe75f50e5d3994388a8326fa01e57b83c18a5c62",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_ddeaa",
                    table="staff_employee",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="policy",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "staff_policyevent" ("branch_id", "citation", "id", "key", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "status", "unit", "valid_from", "valid_to", "value") VALUES (OLD."branch_id", OLD."citation", OLD."id", OLD."key", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."status", OLD."unit", OLD."valid_from", OLD."valid_to", OLD."value"); RETURN NULL;',
                    hash="9007277b0bd2e436e9621ca846956bc176e3b281",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_7567c",
                    table="staff_policy",
                    when="AFTER",
                ),
            ),
        ),
    ]
