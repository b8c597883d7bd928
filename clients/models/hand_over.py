"""Hand-over of clients from one employee to others, with approval (D-28)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.models.client import Client
from crm.addresses import address
from staff.models import HEADS, Employee


class HandOverQuerySet(models.QuerySet["HandOver"]):
    def visible_to(self, employee: Employee) -> HandOverQuerySet:
        """Those that the employee requested, gives or receives; for heads, of their branches."""
        if not employee.is_active:
            return self.none()
        if employee.is_superuser:
            return self
        own = (
            Q(asked_by=employee)
            | Q(origin=employee)
            | Q(pk__in=HandOverItem.objects.filter(receiver=employee).values("hand_over"))
        )
        scope = employee.branch_scope
        if scope is None:
            return self
        return self.filter(own | _of(scope))

    def decidable_by(self, employee: Employee) -> HandOverQuerySet:
        """Those a head may approve or refuse: of employees in their branches."""
        if employee.is_superuser:
            return self
        if employee.role not in HEADS:
            return self.none()
        scope = employee.branch_scope
        return self if scope is None else self.filter(_of(scope))


def _of(scope: list[int]) -> Q:
    """Hand-overs of employees in these branches; of clients without one, asked for in them."""
    return Q(origin__branch__in=scope) | Q(origin=None, asked_by__branch__in=scope)


class HandOver(models.Model):
    """Clients of one employee, or of whom nobody is in charge, that others serve from a day on."""

    class State(models.TextChoices):
        ASKED = "asked", _("Waits for approval")
        APPROVED = "approved", _("Approved")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Refused")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Not possible")

    class Rule(models.TextChoices):
        FAIR = "fair", _("Evenly by clients, assets and open work together")
        EVEN = "even", _("Evenly by number")
        ASSETS = "assets", _("Evenly by assets")
        WORK = "work", _("Evenly by open work")
        TIER = "tier", _("Evenly within each tier")
        BRANCH = "branch", _("By the branch of the client, then evenly")

    # Empty: nobody is in charge of these clients.
    origin = models.ForeignKey(
        Employee,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("handed over by"),
    )
    rule = models.CharField(_("shared"), max_length=8, choices=Rule.choices, default=Rule.FAIR)
    # Members of a household go to one receiver.
    together = models.BooleanField(_("households together"), default=True, db_default=True)
    effective_on = models.DateField(_("in effect from"))
    # Who joins the book before the day goes too.
    whole_book = models.BooleanField(_("the whole book"), default=False, db_default=False)
    departing = models.BooleanField(_("the manager leaves"), default=False)
    reason = models.CharField(_("reason"), max_length=200)
    note = models.TextField(_("note for the successor"), blank=True, default="")
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.ASKED)
    asked_by = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked at"), auto_now_add=True)
    decided_by = models.ForeignKey(
        Employee,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=300, blank=True, default="")
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)
    # How often doing it failed for no reason that a sentence could name.
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, db_default=0)

    objects = HandOverQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("hand-over")
        verbose_name_plural = _("hand-overs")
        indexes = [
            models.Index(
                fields=["effective_on"], condition=Q(state="approved"), name="handover_due"
            )
        ]

    def __str__(self) -> str:
        return f"{self.giver} · {self.effective_on}"

    def get_absolute_url(self) -> str:
        return address("clients:hand_over", self.pk)

    @property
    def giver(self) -> str:
        """Whose clients they were."""
        return str(self.origin or _("Nobody in charge"))


class HandOverItem(models.Model):
    """One client of a hand-over."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        SKIPPED = "skipped", _("No longer with the manager")

    hand_over = models.ForeignKey(
        HandOver, on_delete=models.PROTECT, related_name="items", verbose_name=_("hand-over")
    )
    client = models.ForeignKey(
        Client, on_delete=models.PROTECT, related_name="+", verbose_name=_("client")
    )
    receiver = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="+", verbose_name=_("taken over by")
    )
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)

    class Meta:
        ordering = ["id"]
        verbose_name = _("client of a hand-over")
        verbose_name_plural = _("clients of a hand-over")
        constraints = [
            models.UniqueConstraint(fields=["hand_over", "client"], name="handoveritem_once")
        ]

    def __str__(self) -> str:
        return f"{self.client} → {self.receiver}"
