"""Campaigns and events: invitations, attendance, costs (D-08, D-27)."""

from __future__ import annotations

import uuid
from datetime import date

from django.contrib.postgres.functions import RandomUUID
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from crm.addresses import address
from pipeline.models.channel import Channel
from pipeline.period import YEARS
from pipeline.querysets import CampaignQuerySet, InvitationQuerySet
from staff.models import Branch, Employee


class Campaign(models.Model):
    """An event or a drive of a branch; without a branch it is the whole firm's."""

    class Kind(models.TextChoices):
        EVENT = "event", _("Event")
        LEAFLETS = "leaflets", _("Leaflets")
        ONLINE = "online", _("Online")
        OTHER = "other", _("Other")

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        HELD = "held", _("Held")
        CANCELLED = "cancelled", _("Cancelled")

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, db_default=RandomUUID())
    branch = models.ForeignKey(
        Branch,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="campaigns",
        verbose_name=_("branch"),
    )
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.EVENT)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.PLANNED
    )
    channel = models.ForeignKey(
        Channel,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="campaigns",
        verbose_name=_("channel"),
    )
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    place = models.CharField(_("place"), max_length=120, blank=True, default="")
    capacity = models.PositiveIntegerField(_("places"), null=True, blank=True)
    cost = models.DecimalField(
        _("cost (CNY)"),
        max_digits=12,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(0)],
    )
    cancelled_because = models.CharField(
        _("why it was cancelled"), max_length=200, blank=True, default="", db_default=""
    )
    created_by = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="+", verbose_name=_("created by")
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True, db_default=Now())

    objects = CampaignQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at", "-id"]
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="campaign_ends_after_it_starts",
                violation_error_message=_("The end lies before the start."),
            ),
            models.CheckConstraint(condition=Q(cost__gte=0), name="campaign_cost_not_negative"),
            models.CheckConstraint(
                condition=~Q(state="cancelled") | ~Q(cancelled_because=""),
                name="campaign_cancelled_for_a_reason",
                violation_error_message=_("Say why it is cancelled."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return address("pipeline:campaign", self.public_id)

    def clean(self) -> None:
        """Refuse a slip in the year: the year 1 cannot even be read back from the database."""
        days = {"starts_at": self.starts_at, "ends_at": self.ends_at}
        slips = {
            name: _("Check the year.") for name, at in days.items() if at and at.year not in YEARS
        }
        if slips:
            raise ValidationError(slips)

    @property
    def starts_on(self) -> date:
        """The business date of its beginning."""
        return timezone.localdate(self.starts_at)

    @property
    def needs_list(self) -> bool:
        """Whether clients are invited: all kinds but leaflets."""
        return self.kind != self.Kind.LEAFLETS


class Invitation(models.Model):
    """Invitation of a client to a campaign; kept if they decline or do not attend."""

    class Reply(models.TextChoices):
        NONE = "", _("No reply")
        YES = "yes", _("Comes")
        NO = "no", _("Does not come")
        WAITING = "waiting", _("On the waiting list")

    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, related_name="invitations", verbose_name=_("campaign")
    )
    client = models.ForeignKey(
        Client, on_delete=models.PROTECT, related_name="invitations", verbose_name=_("client")
    )
    invited_by = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="+", verbose_name=_("invited by")
    )
    invited_on = models.DateField(_("invited on"))
    reply = models.CharField(
        _("reply"), max_length=8, choices=Reply.choices, blank=True, default=Reply.NONE
    )
    replied_on = models.DateField(_("replied on"), null=True, blank=True)
    # Who said first that they come is first on the waiting list.
    replied_at = models.DateTimeField(_("replied at"), null=True, blank=True)
    checked_in_at = models.DateTimeField(_("checked in at"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "client"], name="invitation_once"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} · {self.client}"
