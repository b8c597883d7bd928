"""The client record: prospect and client in one row for life (docs/design.md)."""

from __future__ import annotations

import uuid
from contextlib import suppress
from datetime import datetime

import pghistory
from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clients.models.segment import Segment
from clients.querysets import ClientQuerySet
from crm.addresses import address
from crm.fields import TokensField
from staff.models import Branch, Employee


class Kind(models.TextChoices):
    PERSON = "person", _("Person")
    ORGANISATION = "organisation", _("Organisation")


class Title(models.TextChoices):
    """Form of address; it stands for the sex as well."""

    MR = "mr", _("Mr")
    MS = "ms", _("Ms")


class Lifecycle(models.TextChoices):
    PROSPECT = "prospect", _("Prospect")
    CLIENT = "client", _("Client")
    CLOSED = "closed", _("Closed")


class Activity(models.TextChoices):
    ACTIVE = "active", _("Active")
    HALF_DORMANT = "half_dormant", _("Half-dormant")
    DORMANT = "dormant", _("Dormant")


class ProspectType(models.TextChoices):
    """Attitude to investing (D-07)."""

    AVOIDANT = "avoidant", _("Avoidant")
    DELEGATING = "delegating", _("Delegating")
    ADVISORY = "advisory", _("Advisory")
    SELF_DIRECTED = "self_directed", _("Self-directed")


class IncomeLevel(models.TextChoices):
    """Yearly household income, CNY (D-03)."""

    LOW = "low", _("Below 100,000")
    MIDDLE = "middle", _("100,000 to 500,000")
    HIGH = "high", _("Above 500,000")


class InvestmentSize(models.TextChoices):
    """Assets with the firm or expected, CNY (D-03)."""

    SMALL = "small", _("Below 100,000 in assets")
    MEDIUM = "medium", _("100,000 to 500,000 in assets")
    LARGE = "large", _("500,000 to 3 million in assets")
    VERY_LARGE = "very_large", _("Above 3 million in assets")


class CommissionTier(models.TextChoices):
    """Commission that a client brings in a year; from which amount on is policy (D-03)."""

    LOW = "low", _("Low commission")
    MEDIUM = "medium", _("Medium commission")
    HIGH = "high", _("High commission")
    TOP = "top", _("Top commission")


class InvestmentStyle(models.TextChoices):
    """Style of investing, seen in turnover (D-03)."""

    CONSERVATIVE = "conservative", _("Conservative")
    BALANCED = "balanced", _("Balanced")
    AGGRESSIVE = "aggressive", _("Aggressive")


class AgeBand(models.TextChoices):
    """Age in whole years today, calculated from the birthday."""

    UNDER_30 = "under_30", _("Under 30")
    UNDER_45 = "under_45", _("30 to 44")
    UNDER_60 = "under_60", _("45 to 59")
    UNDER_70 = "under_70", _("60 to 69")
    OLDER = "older", _("70 or older")


class RiskGrade(models.TextChoices):
    """Result of the risk assessment (Suitability Measures art. 10; five usual grades)."""

    C1 = "C1", _("C1 cautious")
    C2 = "C2", _("C2 conservative")
    C3 = "C3", _("C3 balanced")
    C4 = "C4", _("C4 growth")
    C5 = "C5", _("C5 aggressive")


class Source(models.TextChoices):
    """Source of a prospect (D-08)."""

    FAMILY_FRIENDS = "family_friends", _("Family and friends")
    REFERRAL = "referral", _("Referral")
    DIRECT = "direct", _("Direct contact")
    CHANNEL = "channel", _("Channel")
    LEAFLET = "leaflet", _("Leaflet")
    WALK_IN = "walk_in", _("Walk-in")
    IMPORTED = "imported", _("Imported list")


@pghistory.track(
    pghistory.UpdateEvent(row=pghistory.Old),
    exclude=["search", "last_contact_on", "updated_at", "version"],
    obj_field=pghistory.ObjForeignKey(related_name="events"),
    model_name="ClientEvent",
)
class Client(models.Model):
    """A natural person or an organisation. ``branch`` is the branch of the manager."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, db_default=RandomUUID())
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.PERSON)
    title = models.CharField(
        _("form of address"), max_length=4, choices=Title.choices, blank=True, default=""
    )
    lifecycle = models.CharField(
        _("lifecycle"), max_length=10, choices=Lifecycle.choices, default=Lifecycle.PROSPECT
    )
    activity = models.CharField(
        _("activity"), max_length=14, choices=Activity.choices, blank=True, default=""
    )
    activity_on = models.DateField(_("activity as of"), null=True, blank=True)
    prospect_type = models.CharField(
        _("prospect type"), max_length=16, choices=ProspectType.choices, blank=True, default=""
    )
    income_level = models.CharField(
        _("income level"), max_length=8, choices=IncomeLevel.choices, blank=True, default=""
    )
    investment_size = models.CharField(
        _("investment size"), max_length=12, choices=InvestmentSize.choices, blank=True, default=""
    )
    investment_style = models.CharField(
        _("investment style"),
        max_length=14,
        choices=InvestmentStyle.choices,
        blank=True,
        default="",
    )
    # What the figures say (clients/figures/derive.py); typed by nobody.
    commission_tier = models.CharField(
        _("commission tier"),
        max_length=8,
        choices=CommissionTier.choices,
        blank=True,
        default="",
        db_default="",
    )
    # Copies of the latest RiskAssessment, for classification; written by the same service.
    risk_grade = models.CharField(
        _("risk grade"), max_length=2, choices=RiskGrade.choices, blank=True, default=""
    )
    risk_expires_on = models.DateField(_("risk grade expires on"), null=True, blank=True)
    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="clients", verbose_name=_("branch")
    )
    # Copy of the open `serves` assignment, for speed; written by the same service.
    manager = models.ForeignKey(
        Employee,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="clients",
        verbose_name=_("manager"),
    )
    segment = models.ForeignKey(
        Segment, on_delete=models.PROTECT, related_name="clients", verbose_name=_("segment")
    )
    # Since when the client is in this segment: what was due before is backlog, not neglect.
    segment_since = models.DateField(_("in the segment since"))
    segment_pinned = models.BooleanField(_("segment pinned"), default=False)
    segment_reason = models.CharField(
        _("reason for pinning"), max_length=200, blank=True, default=""
    )
    # The last day of the pin; empty: until somebody takes it away.
    segment_pinned_until = models.DateField(_("pinned until"), null=True, blank=True)
    source = models.CharField(
        _("source"), max_length=16, choices=Source.choices, blank=True, default=""
    )
    referred_by = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="referred",
        db_index=False,
        verbose_name=_("referred by"),
    )
    # Key of the row in the system it was imported from; a second import updates by it.
    source_system = models.CharField(_("imported from"), max_length=40, blank=True, default="")
    source_key = models.CharField(_("key there"), max_length=60, blank=True, default="")
    birthday = models.DateField(_("birthday"), null=True, blank=True)
    # Where the client celebrates by the lunar calendar: its month * 100 + day (clients/lunar.py).
    lunar_birthday = models.PositiveSmallIntegerField(
        _("lunar birthday"), null=True, blank=True, editable=False
    )
    opened_on = models.DateField(_("opening date"), null=True, blank=True)
    recorded_on = models.DateField(_("recorded on"))
    # Date of the last visit that reached the client and is not confidential.
    last_contact_on = models.DateField(_("last contact"), null=True, blank=True)
    notes = models.TextField(_("notes"), blank=True, default="")
    # What the client wishes (PIPL art. 15, 24): no calls at all, or only within hours of the day.
    calls_refused = models.BooleanField(_("wants no calls"), default=False, db_default=False)
    call_from = models.TimeField(_("calls from"), null=True, blank=True)
    call_until = models.TimeField(_("calls until"), null=True, blank=True)
    contact_note = models.CharField(
        _("how to reach"), max_length=200, blank=True, default="", db_default=""
    )
    # Sorting key. By bytes, so that a prefix is a range of the index on any server.
    name_pinyin = models.CharField(max_length=200, editable=False, default="", db_collation="C")
    search = TokensField(editable=False, default="")
    version = models.PositiveIntegerField(default=1, editable=False)
    merged_into = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="merged_clients",
    )
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    objects = ClientQuerySet.as_manager()

    class Meta:
        ordering = ["name_pinyin", "pk"]
        verbose_name = _("client")
        verbose_name_plural = _("clients")
        indexes = [
            models.Index(fields=["manager", "name_pinyin", "id"], name="client_of_manager"),
            models.Index(fields=["branch", "name_pinyin", "id"], name="client_of_branch"),
            models.Index(fields=["name_pinyin", "id"], name="client_by_name"),
            models.Index(
                fields=["name_pinyin", "birthday"],
                condition=Q(birthday__isnull=False),
                name="client_twins",
            ),
            # What the board counts, so that it need not read the rows.
            models.Index(
                fields=["branch", "manager", "segment"],
                include=["lifecycle"],
                condition=Q(merged_into__isnull=True),
                name="client_counting",
            ),
            models.Index(
                fields=["referred_by"],
                condition=Q(referred_by__isnull=False),
                name="client_referred_by",
            ),
            GinIndex(fields=["search"], name="client_search", fastupdate=False),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(lifecycle="client") | Q(opened_on__isnull=False),
                name="client_has_opening_date",
                violation_error_message=_("A client needs an opening date."),
            ),
            models.CheckConstraint(
                condition=Q(segment_pinned=False) | ~Q(segment_reason=""),
                name="client_pinned_for_a_reason",
                violation_error_message=_("Say why the segment is pinned."),
            ),
            models.CheckConstraint(
                condition=Q(call_from__isnull=True, call_until__isnull=True)
                | Q(call_until__gt=F("call_from")),
                name="client_call_hours",
                violation_error_message=_("Give both hours, the later one second."),
            ),
            models.CheckConstraint(
                condition=Q(referred_by__isnull=True) | ~Q(referred_by=F("id")),
                name="client_not_referred_by_self",
            ),
            models.UniqueConstraint(
                fields=["source_system", "source_key"],
                condition=~Q(source_system=""),
                name="client_source",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return address("clients:detail", self.public_id)

    @property
    def group(self) -> list[int]:
        """Keys of this client and of those merged into it, whose rows are read together."""
        return [self.pk, *self.merged_keys]

    @cached_property
    def merged_keys(self) -> list[int]:
        """Keys of the clients merged into this one; a page that reads them with it sets them."""
        return list(Client.objects.filter(merged_into=self.pk).values_list("pk", flat=True))

    def forget_merged_keys(self) -> None:
        """Have ``merged_keys`` read anew, after a merge or its undoing."""
        with suppress(AttributeError):
            del self.merged_keys

    def refuses_call(self, at: datetime) -> str:
        """Why the client must not be called at that time, as a sentence; '' if allowed."""
        if self.calls_refused:
            return gettext(
                "This client wants no calls. Use another channel, or ask for consent first."
            )
        if self.call_from is None or self.call_until is None:
            return ""
        clock = timezone.localtime(at).time()
        if self.call_from <= clock < self.call_until:
            return ""
        return gettext("This client takes calls from %(start)s to %(end)s only.") % {
            "start": self.call_from.strftime("%H:%M"),
            "end": self.call_until.strftime("%H:%M"),
        }

    @property
    def salutation(self) -> str:
        """Name with the form of address, for example “Mr Zhang Wei”."""
        return addressed(self.name, self.title)


_ADDRESSED = {str(Title.MR): _("Mr %(name)s"), str(Title.MS): _("Ms %(name)s")}


def addressed(name: str, title: str) -> str:
    """A name with the form of address; the bare name where none is recorded."""
    wording = _ADDRESSED.get(title)
    return str(wording) % {"name": name} if wording else name
