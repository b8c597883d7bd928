"""People and where they work: branches, employees, postings."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import pghistory
from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from crm.localized import choice, localized


class Branch(models.Model):
    """A node of the firm's tree: head office, branch company, branch or team."""

    class Kind(models.TextChoices):
        HEAD_OFFICE = "head_office", _("Head office")
        BRANCH_COMPANY = "branch_company", _("Branch company")
        BRANCH = "branch", _("Branch")
        TEAM = "team", _("Team")

    code = models.CharField(_("code"), max_length=20, unique=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=100)
    name_en = models.CharField(_("name (English)"), max_length=100, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    parent = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
        verbose_name=_("belongs to"),
    )
    province = models.CharField(_("province"), max_length=40, blank=True)
    # "/1/4/9/": the subtree of a branch is a prefix search. Written by save().
    path = models.CharField(max_length=200, editable=False, db_index=True, default="")
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["code"]
        verbose_name = _("branch")
        verbose_name_plural = _("branches")
        indexes = [
            models.Index(fields=["path"], name="branch_subtree", opclasses=["varchar_pattern_ops"])
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], condition=Q(parent__isnull=True), name="branch_one_root"
            ),
        ]

    def __str__(self) -> str:
        return localized(self, "name")

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        path = f"{self.parent.path if self.parent else '/'}{self.pk}/"
        if path != self.path:
            self.path = path
            Branch.objects.filter(pk=self.pk).update(path=path)
            for child in self.children.all():
                child.parent = self
                child.save()

    @property
    def ancestor_ids(self) -> list[int]:
        """Keys from the head office down to this branch itself, read from ``path``."""
        return [int(key) for key in self.path.split("/") if key]

    def subtree_ids(self) -> list[int]:
        """Keys of this branch and of all under it."""
        rows = Branch.objects.filter(path__startswith=self.path)
        return list(rows.order_by("pk").values_list("pk", flat=True))


# What a head sees, asked on every page: the branch has a parent, and those below it.
_SCOPE = """
SELECT own.parent_id IS NULL, ARRAY(
    SELECT b.id FROM staff_branch b WHERE b.path LIKE own.path || '%%' ORDER BY b.id)
FROM staff_branch own WHERE own.id = %s
"""


class Role(models.TextChoices):
    """The seven roles of the trade."""

    MANAGER = "manager", _("Account manager")
    BROKER = "broker", _("Broker")
    BRANCH_HEAD = "branch_head", _("Branch head")
    REGIONAL_HEAD = "regional_head", _("Regional head")
    COMPLIANCE = "compliance", _("Compliance officer")
    OPERATIONS = "operations", _("Operations")
    ADMINISTRATOR = "administrator", _("Administrator")


HEADS = frozenset({Role.BRANCH_HEAD, Role.REGIONAL_HEAD})
# Posts in compliance, operations and administration never own clients (Securities Law
# arts 134-136; broker rule): the database refuses it too (clients/ and staff/ triggers).
OWNERS = frozenset({Role.MANAGER, Role.BROKER, *HEADS})


class Employment(models.TextChoices):
    EMPLOYED = "employed", _("Employed")
    AGENCY = "agency", _("Agency contract")


@pghistory.track(
    pghistory.UpdateEvent(row=pghistory.Old),
    fields=[
        "username",
        "full_name",
        "role",
        "branch",
        "employment",
        "is_active",
        "is_staff",
        "is_superuser",
        "certificate_number",
        "certificate_expires_on",
        "left_on",
    ],
    obj_field=pghistory.ObjForeignKey(related_name="events"),
    model_name="EmployeeEvent",
)
class Employee(AbstractUser):
    """A member of staff; the user model of the installation."""

    class Language(models.TextChoices):
        BROWSER = "", _("As the browser says")
        ZH = "zh-hans", "简体中文"
        EN = "en", "English"

    class Theme(models.TextChoices):
        SYSTEM = "", _("As the device says")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    full_name = models.CharField(_("name"), max_length=60)
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.MANAGER)
    branch = models.ForeignKey(
        Branch,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="employees",
        verbose_name=_("branch"),
    )
    employment = models.CharField(
        _("employment"), max_length=10, choices=Employment.choices, default=Employment.EMPLOYED
    )
    certificate_number = models.CharField(_("practising certificate"), max_length=30, blank=True)
    certificate_expires_on = models.DateField(_("certificate expires on"), null=True, blank=True)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    language = models.CharField(
        _("language"), max_length=10, choices=Language.choices, blank=True, default=""
    )
    theme = models.CharField(
        _("appearance"), max_length=10, choices=Theme.choices, blank=True, default=""
    )
    left_on = models.DateField(_("left on"), null=True, blank=True)
    # An administrator knows the password: the next thing its owner does is to choose another.
    must_change_password = models.BooleanField(
        _("must choose a new password"), default=False, db_default=False
    )
    # Whose clients they look after until that day: a copy of the absences in force, so that the
    # access rule asks nothing more. Written by staff/absences/services.py.
    covers = ArrayField(models.BigIntegerField(), default=list, db_default=[], editable=False)
    covers_until = models.DateField(null=True, editable=False)
    # Whether they are named for compliance return visits: a copy, so that the frame of every page
    # asks nothing more. Written by compliance/visitors/services.py.
    makes_return_visits = models.BooleanField(default=False, db_default=False, editable=False)

    objects: ClassVar[UserManager[Self]] = UserManager()
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        ordering = ["username"]
        verbose_name = _("employee")
        verbose_name_plural = _("employees")
        constraints = [
            models.CheckConstraint(
                condition=Q(is_superuser=True)
                | Q(branch__isnull=False)
                | Q(role=Role.ADMINISTRATOR),
                name="employee_has_branch",
                violation_error_message=_("Choose the branch the employee works in."),
            ),
            models.CheckConstraint(
                condition=~Q(role=Role.BROKER) | Q(employment=Employment.AGENCY),
                name="employee_broker_by_agency",
                violation_error_message=_("A broker works under an agency contract."),
            ),
        ]

    def __str__(self) -> str:
        return self.full_name or self.username

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.full_name

    @property
    def may_own_clients(self) -> bool:
        """Whether this post may serve clients (docs/rules.md#prohibited-conduct)."""
        return self.is_active and self.role in OWNERS

    @property
    def post(self) -> str:
        """What they are to a client. Nobody calls a broker an account manager."""
        if self.role not in OWNERS and self.makes_return_visits:
            return gettext("return-visit desk")
        if self.role == Role.BROKER:
            return pgettext("to a client", "securities broker")
        label = choice(Role, self.role)
        return label[:1].lower() + label[1:]

    @property
    def certificate(self) -> str:
        """The number of the practising certificate, while it holds; '' otherwise."""
        ends = self.certificate_expires_on
        return "" if ends is not None and ends < timezone.localdate() else self.certificate_number

    @property
    def reads_figures(self) -> bool:
        """Whether the boards are for this post: those who serve clients, and compliance."""
        return self.is_superuser or self.role in {*OWNERS, Role.COMPLIANCE}

    @property
    def is_head(self) -> bool:
        return self.role in HEADS

    @property
    def administers_firm(self) -> bool:
        """Whether what belongs to the whole firm is theirs to edit, given the permission.

        Superusers and staff of the head office; staff of a branch edit their branch's rows.
        """
        branch = self.branch
        return self.is_superuser or (branch is not None and branch.parent_id is None)

    @property
    def stands_in_for(self) -> list[int]:
        """Keys of the absent colleagues whose clients are theirs to look after today."""
        known = self.covers_until is not None and self.covers_until >= timezone.localdate()
        return list(self.covers) if known else []

    @property
    def near(self) -> Q:
        """Condition on rows with a ``branch`` that may be empty, such as segments, scripts, tags.

        Those of the firm, of the branches above one's own, and of one's own and those below it;
        all of them for whoever administers the firm.
        """
        if self.administers_firm or self.branch is None:
            return Q()
        above = self.branch.ancestor_ids
        below = Q(branch__path__startswith=self.branch.path)
        return Q(branch=None) | Q(branch__in=above) | below

    @cached_property
    def branch_scope(self) -> list[int] | None:
        """Keys of the branches whose clients this employee may see; ``None`` means the firm."""
        if self.is_superuser:
            return None
        if self.role not in {*HEADS, Role.COMPLIANCE} or self.branch_id is None:
            return []
        with connection.cursor() as cursor:
            cursor.execute(_SCOPE, [self.branch_id])
            is_firm, below = cursor.fetchone()
        return None if is_firm else list(below)


class Posting(models.Model):
    """Where an employee worked, from when to when; past figures count by it."""

    employee = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="postings", verbose_name=_("employee")
    )
    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="postings", verbose_name=_("branch")
    )
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to"), null=True, blank=True)

    class Meta:
        ordering = ["employee", "valid_from"]
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        constraints = [
            models.UniqueConstraint(
                fields=["employee"], condition=Q(valid_to__isnull=True), name="posting_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employee} · {self.branch}"
