"""People and where they work: branches, employees, policies, notifications."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Self

import pghistory
from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Length
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from crm.localized import localized


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

    def subtree_ids(self) -> list[int]:
        """Keys of this branch and of all under it."""
        rows = Branch.objects.filter(path__startswith=self.path)
        return list(rows.order_by("pk").values_list("pk", flat=True))


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
    # Whose clients they look after until that day: a copy of the absences in force, so that the
    # access rule asks nothing more. Written by staff/absences.py.
    covers = ArrayField(models.BigIntegerField(), default=list, db_default=[], editable=False)
    covers_until = models.DateField(null=True, editable=False)

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
        """Whether this post may serve clients (rules.md, prohibited conduct)."""
        return self.is_active and self.role in OWNERS

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

    @cached_property
    def branch_scope(self) -> list[int] | None:
        """Keys of the branches whose clients this employee may see; ``None`` means the firm."""
        if self.is_superuser:
            return None
        if self.role not in {*HEADS, Role.COMPLIANCE} or self.branch is None:
            return []
        return None if self.branch.parent_id is None else self.branch.subtree_ids()


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


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def visible_to(self, employee: Employee) -> Self:
        """One's own, those one stands in for, and those of one's branches."""
        own = Q(employee=employee) | Q(substitute=employee)
        if employee.is_superuser or (employee.is_head and employee.branch_scope is None):
            return self
        if employee.is_head:
            own |= Q(employee__branch__in=employee.branch_scope or [])
        return self.filter(own)

    def editable_by(self, employee: Employee) -> Self:
        """One's own; a head's, those of the branches. Not those one merely stands in for."""
        rows = self.visible_to(employee)
        return rows if employee.is_head or employee.is_superuser else rows.filter(employee=employee)


@pghistory.track(
    pghistory.UpdateEvent(row=pghistory.Old),
    obj_field=pghistory.ObjForeignKey(related_name="events"),
    model_name="AbsenceEvent",
)
class Absence(models.Model):
    """Days on which an employee makes no calls, and who looks after the clients meanwhile."""

    employee = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="absences", verbose_name=_("employee")
    )
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    substitute = models.ForeignKey(
        Employee,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="substitutions",
        verbose_name=_("substitute"),
        help_text=_("Sees and serves the clients on these days."),
    )
    reason = models.CharField(_("reason"), max_length=200)
    entered_by = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="+", verbose_name=_("entered by")
    )
    entered_at = models.DateTimeField(_("entered at"), auto_now_add=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "-id"]
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        indexes = [
            models.Index(
                fields=["employee", "ends_on"],
                condition=Q(cancelled_at__isnull=True),
                name="absence_of_employee",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="absence_period",
                violation_error_message=_("The last day lies before the first."),
            ),
            models.CheckConstraint(
                condition=Q(substitute__isnull=True) | ~Q(substitute=F("employee")),
                name="absence_substitute_is_another",
                violation_error_message=_("The substitute must be somebody else."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employee} · {self.starts_on} – {self.ends_on}"


class PolicyQuerySet(models.QuerySet["Policy"]):
    def in_force(self, key: str, *, on: date, branch: Branch | None = None) -> Policy | None:
        """The policy row of ``key`` in force on ``on``; the nearest branch's row wins."""
        branches = [int(pk) for pk in branch.path.strip("/").split("/")] if branch else []
        rows = self.filter(Q(branch__isnull=True) | Q(branch__in=branches), key=key)
        rows = rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on), valid_from__lte=on)
        return rows.order_by(Coalesce(Length("branch__path"), 0).desc(), "-valid_from").first()


@pghistory.track(
    pghistory.UpdateEvent(row=pghistory.Old),
    obj_field=pghistory.ObjForeignKey(related_name="events"),
    model_name="PolicyEvent",
)
class Policy(models.Model):
    """One number of the rules of the trade: value, scope, time in force, citation (rules.md)."""

    class Status(models.TextChoices):
        VERIFIED = "verified", _("Verified")
        UNVERIFIED = "unverified", _("Unverified")

    key = models.CharField(_("key"), max_length=60)
    value = models.DecimalField(_("value"), max_digits=16, decimal_places=2)
    unit = models.CharField(_("unit"), max_length=20)
    branch = models.ForeignKey(
        Branch,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="policies",
        verbose_name=_("branch"),
        help_text=_("Empty: the whole firm."),
    )
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to"), null=True, blank=True)
    citation = models.CharField(_("source of the rule"), max_length=300)
    status = models.CharField(_("status"), max_length=12, choices=Status.choices)

    objects = PolicyQuerySet.as_manager()

    class Meta:
        ordering = ["key", "branch", "-valid_from"]
        verbose_name = _("policy")
        verbose_name_plural = _("policies")
        constraints = [
            models.UniqueConstraint(
                "key",
                Coalesce("branch_id", 0),
                condition=Q(valid_to__isnull=True),
                name="policy_one_open",
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Notification(models.Model):
    """A line in an employee's inbox. Unique per ``key``, so delivery happens exactly once."""

    class Kind(models.TextChoices):
        DIGEST = "digest", _("Callbacks due")
        OVER_CAPACITY = "over_capacity", _("Over capacity")
        HOLIDAYS = "holidays", _("Holidays missing")
        SYSTEM = "system", _("System")
        JOB = "job", _("Work finished")
        HAND_OVER = "hand_over", _("Hand-over")

    employee = models.ForeignKey(
        Employee, on_delete=models.CASCADE, related_name="notifications", verbose_name=_("employee")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    key = models.CharField(_("key"), max_length=80, unique=True)
    # Figures of the sentence ("due": 5, "overdue": 2); worded in the reader's language on show.
    params = models.JSONField(_("figures"), default=dict)
    url = models.CharField(_("link"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        indexes = [
            models.Index(
                fields=["employee"], condition=Q(read_at__isnull=True), name="notification_unread"
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def get_absolute_url(self) -> str:
        return self.url or reverse("staff:notifications")

    @property
    def title(self) -> str:
        """The sentence of this line in the reader's language; figures only, no client's name."""
        wordings = {
            self.Kind.DIGEST: _("%(due)s callbacks due today, %(overdue)s overdue"),
            self.Kind.HOLIDAYS: _(
                "No closed days are recorded for %(year)s yet. Enter them once they are published."
            ),
            self.Kind.OVER_CAPACITY: _("%(count)s callbacks exceed the capacity of the day"),
            self.Kind.SYSTEM: _("%(text)s"),
            self.Kind.JOB: _("%(title)s: finished"),
            self.Kind.HAND_OVER: _("Clients of %(name)s: %(count)s handed over"),
        }
        figures = {
            "due": 0,
            "overdue": 0,
            "count": 0,
            "ahead": 0,
            "text": "",
            "year": "",
            "title": "",
            "name": "",
            "state": "done",
            **self.params,
        }
        wording = wordings[self.Kind(self.kind)]
        if self.kind == self.Kind.JOB and figures.get("failed"):
            wording = _("%(title)s: could not be finished")
        if self.kind == self.Kind.HAND_OVER and figures["state"] != "done":
            wording = _(
                "Clients of %(name)s: the hand-over was refused, taken back or not possible"
            )
        if figures["ahead"]:
            wording = _("%(due)s callbacks due today, %(overdue)s overdue, %(ahead)s coming up")
        return str(wording) % figures
