"""Fund accounts and their monthly figures, as the back office reports them (D-17, D-20)."""

from __future__ import annotations

import re
import uuid

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from clients.cleaning import digits
from clients.models.client import (
    Activity,
    Client,
    CommissionTier,
    InvestmentSize,
    InvestmentStyle,
)
from clients.models.numbers import Encrypted
from clients.querysets import (
    DerivedProfileQuerySet,
    FigureImportQuerySet,
    FundAccountQuerySet,
    MonthlyFigureQuerySet,
)
from crm.addresses import address
from staff.models import Branch, Employee


class Market(models.TextChoices):
    """Where an account may trade."""

    SSE = "sse", _("Shanghai (SSE)")
    SZSE = "szse", _("Shenzhen (SZSE)")
    BSE = "bse", _("Beijing (BSE)")
    NEEQ = "neeq", _("NEEQ")


class TradingPermission(models.TextChoices):
    """Permissions that require a separate test of knowledge, assets or experience."""

    STAR = "star", _("STAR Market")
    CHINEXT = "chinext", _("ChiNext")
    HK_CONNECT = "hk_connect", _("Hong Kong Connect")
    MARGIN = "margin", _("Margin trading")
    OPTIONS = "options", _("Stock options")
    CONVERTIBLE = "convertible", _("Convertible bonds")


_NUMBER = re.compile(r"[A-Z0-9]{6,20}").fullmatch
_SECRET = ["ciphertext", "key_id", "number_index", "last4_index", "index_version"]


@pghistory.track(
    pghistory.UpdateEvent(row=pghistory.Old),
    exclude=_SECRET,
    obj_field=pghistory.ObjForeignKey(related_name="events"),
    model_name="FundAccountEvent",
)
class FundAccount(Encrypted):
    """A fund account of a client. Its number is unique in the firm and never changes."""

    BLIND_KIND = "account"

    # An account has an opening and a closing date instead.
    valid_from = None  # type: ignore[assignment]
    valid_to = None

    client = models.ForeignKey(
        Client, on_delete=models.PROTECT, related_name="accounts", verbose_name=_("client")
    )
    markets = ArrayField(
        models.CharField(max_length=8, choices=Market.choices),
        verbose_name=_("markets"),
        default=list,
        blank=True,
    )
    permissions = ArrayField(
        models.CharField(max_length=12, choices=TradingPermission.choices),
        verbose_name=_("trading permissions"),
        default=list,
        blank=True,
    )
    opened_on = models.DateField(_("opening date"))
    # A share of the turnover: 0.00025 is 2.5 per ten thousand.
    commission_rate = models.DecimalField(
        _("commission rate"), max_digits=8, decimal_places=7, null=True, blank=True
    )
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=60, blank=True, default="")

    objects = FundAccountQuerySet.as_manager()

    class Meta:
        ordering = ["client", "opened_on", "id"]
        verbose_name = _("fund account")
        verbose_name_plural = _("fund accounts")
        indexes = [models.Index(fields=["last4_index"], name="account_last4")]
        constraints = [
            models.UniqueConstraint(fields=["number_index"], name="account_number"),
            models.CheckConstraint(
                condition=Q(markets__contained_by=Market.values), name="account_markets"
            ),
            models.CheckConstraint(
                condition=Q(permissions__contained_by=TradingPermission.values),
                name="account_permissions",
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on")),
                name="account_closed_later",
                violation_error_message=_("An account closes after it was opened."),
            ),
            models.CheckConstraint(
                condition=Q(commission_rate__isnull=True)
                | Q(commission_rate__gte=0, commission_rate__lte="0.003"),
                name="account_commission_rate",
                violation_error_message=_("Commission is at most 30 per ten thousand by rule."),
            ),
        ]

    def __str__(self) -> str:
        return self.masked

    @property
    def masked(self) -> str:
        return mask_account(self.number)

    @staticmethod
    def normal(text: str) -> str:
        """Normal form of an account number. Raises ValidationError with a sentence."""
        if _NUMBER(text):
            return text
        number = digits(text).upper()
        if not _NUMBER(number):
            raise ValidationError(_("An account number has 6 to 20 letters and digits."))
        return number


def mask_account(number: str) -> str:
    """``******1234``: the last four alone, whatever the length."""
    return f"******{number[-4:]}"


class MonthlyFigure(models.Model):
    """Figures of one account and month, in CNY. ``None`` means unknown, not zero.

    What a value was before an import changed it stands in that import's report.
    """

    account = models.ForeignKey(
        FundAccount,
        on_delete=models.PROTECT,
        related_name="figures",
        verbose_name=_("fund account"),
        db_index=False,  # the unique index begins with it
    )
    month = models.DateField(_("month"), help_text=_("Its first day."))
    assets = models.DecimalField(_("assets"), max_digits=18, decimal_places=2)
    net_inflow = models.DecimalField(_("net inflow"), max_digits=18, decimal_places=2, null=True)
    turnover = models.DecimalField(_("turnover"), max_digits=18, decimal_places=2, null=True)
    trades = models.PositiveIntegerField(_("trades"), null=True)
    commission = models.DecimalField(_("commission"), max_digits=18, decimal_places=2, null=True)
    source = models.CharField(_("source"), max_length=60)
    as_of = models.DateField(_("as of"))

    objects = MonthlyFigureQuerySet.as_manager()

    class Meta:
        ordering = ["account", "-month"]
        verbose_name = _("monthly figure")
        verbose_name_plural = _("monthly figures")
        constraints = [
            models.UniqueConstraint(fields=["account", "month"], name="figure_month"),
            models.CheckConstraint(condition=Q(month__day=1), name="figure_first_of_month"),
            models.CheckConstraint(condition=Q(turnover__gte=0), name="figure_turnover"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} · {self.month:%Y-%m}"


class DerivedProfile(models.Model):
    """Values derived from figures, and the entered values that they replaced."""

    client = models.OneToOneField(
        Client,
        on_delete=models.PROTECT,
        primary_key=True,
        related_name="derived",
        verbose_name=_("client"),
    )
    as_of = models.DateField(_("as of"))
    assets = models.DecimalField(_("assets"), max_digits=18, decimal_places=2)
    # Of a year, as a multiple of the average assets.
    turnover_rate = models.DecimalField(
        _("turnover rate"), max_digits=12, decimal_places=2, null=True
    )
    idle_months = models.PositiveSmallIntegerField(_("months without a trade"))
    investment_size = models.CharField(
        _("investment size"), max_length=12, choices=InvestmentSize.choices
    )
    investment_style = models.CharField(
        _("investment style"), max_length=14, choices=InvestmentStyle.choices, blank=True
    )
    # Of a year, CNY; unknown where the back office reports none, or too few months.
    commission = models.DecimalField(
        _("commission of a year"), max_digits=18, decimal_places=2, null=True
    )
    commission_tier = models.CharField(
        _("commission tier"),
        max_length=8,
        choices=CommissionTier.choices,
        blank=True,
        default="",
        db_default="",
    )
    activity = models.CharField(_("activity"), max_length=14, choices=Activity.choices)
    replaced_size = models.CharField(
        _("size before"), max_length=12, choices=InvestmentSize.choices, blank=True, default=""
    )
    replaced_style = models.CharField(
        _("style before"), max_length=14, choices=InvestmentStyle.choices, blank=True, default=""
    )
    replaced_on = models.DateField(_("replaced on"), null=True)

    objects = DerivedProfileQuerySet.as_manager()

    class Meta:
        ordering = ["client"]
        verbose_name = _("derived profile")
        verbose_name_plural = _("derived profiles")

    def __str__(self) -> str:
        return f"{self.client_id} · {self.as_of}"


class FigureImport(models.Model):
    """One run over a file of figures, and the head of its reconciliation report. Append-only."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(_("at"), auto_now_add=True, db_default=Now())
    by = models.ForeignKey(
        Employee,
        null=True,
        on_delete=models.PROTECT,
        related_name="figure_imports",
        verbose_name=_("by"),
        help_text=_("Empty: the command line."),
    )
    branch = models.ForeignKey(
        Branch,
        null=True,
        on_delete=models.PROTECT,
        related_name="figure_imports",
        verbose_name=_("branch"),
        help_text=_("Whose accounts it was about. Empty: the whole firm."),
    )
    file_name = models.CharField(_("file"), max_length=200)
    mapping = models.CharField(_("mapping"), max_length=60)
    source = models.CharField(_("source"), max_length=60)
    dry_run = models.BooleanField(_("dry run"), default=False)
    # The job that made it, whose file a dry run is imported from.
    job = models.UUIDField(null=True, editable=False)
    rows = models.PositiveIntegerField(_("rows read"), default=0)
    created = models.PositiveIntegerField(_("new"), default=0)
    updated = models.PositiveIntegerField(_("changed"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    refused = models.PositiveIntegerField(_("refused"), default=0)
    unknown = models.PositiveIntegerField(_("unknown to us"), default=0)
    repeated = models.PositiveIntegerField(_("repeated"), default=0)
    older = models.PositiveIntegerField(_("older than ours"), default=0)
    missing = models.PositiveIntegerField(_("missing in the file"), default=0)
    totals_off = models.PositiveIntegerField(_("totals that differ"), default=0)
    months = ArrayField(models.DateField(), verbose_name=_("months"), default=list)

    objects = FigureImportQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("import of figures")
        verbose_name_plural = _("imports of figures")
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.file_name} · {self.at:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return address("clients:figure_import", self.public_id)

    @property
    def counts(self) -> list[str]:
        """Rows, new, changed and differences, grouped by thousands."""
        found = (self.rows, self.created, self.updated, self.differences_found)
        return [f"{count:,}" for count in found]

    @property
    def differences_found(self) -> int:
        """Number of differences of all kinds."""
        return sum(
            (self.refused, self.unknown, self.repeated, self.older, self.missing, self.totals_off)
        )


class FigureDifference(models.Model):
    """One line of a reconciliation report, or a page of missing accounts.

    Of an account it keeps the key, or the last four digits where it is unknown to us.
    """

    class Kind(models.TextChoices):
        REFUSED = "refused", _("Row refused")
        UNKNOWN = "unknown", _("Account unknown to us")
        REPEATED = "repeated", _("Account and month twice in the file")
        OLDER = "older", _("Older than what we have")
        MISSING = "missing", _("Account of ours missing in the file")
        TOTAL = "total", _("Total differs")
        CHANGED = "changed", _("Value changed")

    report = models.ForeignKey(
        FigureImport,
        on_delete=models.PROTECT,
        related_name="differences",
        verbose_name=_("import"),
        db_index=False,  # the index of the report's pages begins with it
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    line = models.PositiveIntegerField(_("line"), null=True)
    account = models.ForeignKey(
        FundAccount,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("fund account"),
    )
    # Of accounts that are missing, as many as a page shows: a file may leave out most of a large firm.
    accounts = ArrayField(
        models.BigIntegerField(), verbose_name=_("missing accounts"), default=list, db_default=[]
    )
    last4 = models.CharField(_("last four"), max_length=4, blank=True, default="")
    month = models.DateField(_("month"), null=True)
    # Which value or column, or whose total.
    field = models.CharField(_("value"), max_length=80, blank=True, default="")
    before = models.CharField(_("ours"), max_length=40, blank=True, default="")
    after = models.CharField(_("file"), max_length=40, blank=True, default="")
    reason = models.CharField(_("reason"), max_length=300, blank=True, default="")

    class Meta:
        ordering = ["id"]
        verbose_name = _("difference")
        verbose_name_plural = _("differences")
        indexes = [models.Index(fields=["report", "kind", "id"], name="difference_of_report")]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.line or ''}".strip()
