"""Visits, append-only by trigger: a correction is a new entry (docs/design.md#visits)."""

from __future__ import annotations

import uuid

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from clients.models import Client, ContactPerson, RiskGrade
from crm.addresses import address
from crm.localized import localized
from staff.models import Employee
from visits.models.script import ScriptVersion
from visits.querysets import VisitQuerySet


class Channel(models.TextChoices):
    PHONE = "phone", _("Phone")
    WECHAT = "wechat", _("WeChat")
    IN_PERSON = "in_person", _("In person")
    VIDEO = "video", _("Video call")
    SMS = "sms", _("Text message")
    OTHER = "other", _("Other channel")


class Purpose(models.TextChoices):
    """The purpose of a contact, set beforehand (D-14).

    Nobody is called to be offered something without consent to it (``contacts/before.py``).
    """

    LEARN = "learn", _("Learn about the client")
    BE_KNOWN = "be_known", _("Be known")
    IMAGE = "image", _("Build a professional image")
    ACTION = "action", _("Get action")
    OFFER = "offer", _("Present a product or event")


class DecisionRole(models.TextChoices):
    """The role of the person spoken with (D-11)."""

    DECIDES = "decides", _("Decision maker")
    PROXY = "proxy", _("Proxy decision maker")
    INFLUENCES = "influences", _("Influencer")


class AttractionStyle(models.TextChoices):
    """How interest was raised (D-12)."""

    INTRODUCTION = "introduction", _("Introduction")
    ANALOGY = "analogy", _("Analogy")
    DOUBT = "doubt", _("Resolving a doubt")
    BENEFIT = "benefit", _("Benefit")


class QuestionStyle(models.TextChoices):
    """Kinds of open question (D-13)."""

    ABOUT = "about", _("About")
    COUNTER = "counter", _("Counter-question")
    HYPOTHETICAL = "hypothetical", _("Hypothetical")
    ADVICE = "advice", _("Asking advice")
    SILENCE = "silence", _("Silence")
    ASSERTION = "assertion", _("Assertion")


class NextStep(models.TextChoices):
    """The agreed next step (D-15)."""

    NONE = "none", _("Regular callback")
    CALL_AGAIN = "call_again", _("Call again")
    SEND_MATERIAL = "send_material", _("Send material")
    ASK_REFERRAL = "ask_referral", _("Ask for a referral")
    MEET = "meet", _("Meet")
    OPEN_ACCOUNT = "open_account", _("Open an account")


class Outcome(models.Model):
    """Result of a contact; a table, so that each firm can define its own."""

    # The key of the outcome that says that another person answered.
    WRONG_NUMBER = "wrong_number"

    key = models.SlugField(_("key"), max_length=40, unique=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=40)
    name_en = models.CharField(_("name (English)"), max_length=40, blank=True)
    reached = models.BooleanField(
        _("reached the client"),
        help_text=_("A contact that reached the client restarts the cadence."),
    )
    next_step = models.CharField(
        _("proposed next step"), max_length=14, choices=NextStep.choices, default=NextStep.NONE
    )
    next_step_days = models.PositiveSmallIntegerField(
        _("proposed after"), null=True, blank=True, help_text=_("Trading days.")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("outcome")
        verbose_name_plural = _("outcomes")

    def __str__(self) -> str:
        return localized(self, "name")


class Visit(models.Model):
    """One contact with a client. Only voiding changes it; a correction names the old entry."""

    # Banned phrases found while the entry was saved; None where it was read from the database.
    marked_phrases: list[str] | None = None

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, db_default=RandomUUID())
    # Made with the form: the same form posted twice is one visit.
    token = models.UUIDField(unique=True, default=uuid.uuid4, db_default=RandomUUID())
    client = models.ForeignKey(
        Client, on_delete=models.PROTECT, related_name="visits", verbose_name=_("client")
    )
    employee = models.ForeignKey(
        Employee,
        null=True,
        on_delete=models.PROTECT,
        related_name="visits",
        verbose_name=_("employee"),
        help_text=_("Empty where an imported history names nobody."),
    )
    callback = models.ForeignKey(
        "visits.Callback",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="visits",
        verbose_name=_("callback"),
    )
    occurred_at = models.DateTimeField(_("time"))
    # The business date of ``occurred_at``; kept, because a zone may change and a record may not.
    occurred_on = models.DateField(_("date"))
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    purpose = models.CharField(
        _("purpose"), max_length=10, choices=Purpose.choices, blank=True, default=""
    )
    spoke_with = models.CharField(
        _("spoke with"), max_length=10, choices=DecisionRole.choices, blank=True, default=""
    )
    contact_person = models.ForeignKey(
        ContactPerson,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="visits",
        db_index=False,  # few visits have one: the partial index below
        verbose_name=_("contact person"),
        help_text=_("Empty: the client. The role is the person's at that time."),
    )
    outcome = models.ForeignKey(
        Outcome, on_delete=models.PROTECT, related_name="visits", verbose_name=_("outcome")
    )
    # Copy of the outcome's flag at that time: a renamed outcome does not rewrite the past.
    reached = models.BooleanField(_("reached the client"))
    duration_seconds = models.PositiveIntegerField(_("duration (seconds)"), null=True, blank=True)
    script_version = models.ForeignKey(
        ScriptVersion,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="visits",
        verbose_name=_("script version"),
    )
    # [{"step": key, "prompt": text shown, "answer": text}], in the order of the script.
    answers = models.JSONField(_("answers"), default=list, blank=True)
    attraction_style = models.CharField(
        _("attraction style"),
        max_length=14,
        choices=AttractionStyle.choices,
        blank=True,
        default="",
    )
    question_styles = ArrayField(
        models.CharField(max_length=14, choices=QuestionStyle.choices),
        verbose_name=_("question styles"),
        default=list,
        blank=True,
    )
    satisfaction_service = models.PositiveSmallIntegerField(
        _("satisfaction with service"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
    )
    satisfaction_information = models.PositiveSmallIntegerField(
        _("satisfaction with information"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
    )
    suggestions = models.TextField(_("suggestions"), blank=True, default="")
    notes = models.TextField(_("notes"), blank=True, default="")
    next_step = models.CharField(
        _("next step"), max_length=14, choices=NextStep.choices, default=NextStep.NONE
    )
    next_step_on = models.DateField(_("next step on"), null=True, blank=True)
    risk_grade = models.CharField(
        _("risk grade at that time"),
        max_length=2,
        choices=RiskGrade.choices,
        blank=True,
        default="",
    )
    confidential = models.BooleanField(_("confidential"), default=False)
    corrects = models.OneToOneField(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="corrected_by",
        verbose_name=_("corrects"),
    )
    void = models.BooleanField(_("void"), default=False)
    void_reason = models.CharField(_("reason for voiding"), max_length=200, blank=True, default="")
    voided_at = models.DateTimeField(_("voided at"), null=True, blank=True)
    source_system = models.CharField(_("imported from"), max_length=40, blank=True, default="")
    source_key = models.CharField(_("key there"), max_length=80, blank=True, default="")
    created_at = models.DateTimeField(_("recorded at"), auto_now_add=True, db_default=Now())

    objects = VisitQuerySet.as_manager()

    class Meta:
        ordering = ["-occurred_at", "-id"]
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        indexes = [
            models.Index(fields=["client", "-occurred_at", "-id"], name="visit_timeline"),
            models.Index(fields=["employee", "-occurred_at", "-id"], name="visit_of_employee"),
            # What the board counts and averages, so that it need not read the entries.
            models.Index(
                fields=["occurred_on"],
                include=[
                    "client",
                    "employee",
                    "confidential",
                    "void",
                    "satisfaction_service",
                    "satisfaction_information",
                ],
                name="visit_by_day",
            ),
            models.Index(fields=["-occurred_at", "-id"], name="visit_newest"),
            models.Index(
                fields=["-occurred_at", "-id"],
                condition=~Q(suggestions="") & Q(void=False),
                name="visit_with_suggestion",
            ),
            models.Index(
                fields=["contact_person"],
                condition=Q(contact_person__isnull=False),
                name="visit_of_person",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["source_system", "source_key"],
                condition=~Q(source_system="") & Q(void=False),
                name="visit_source",
            ),
            models.CheckConstraint(
                condition=Q(satisfaction_service__isnull=True)
                | Q(satisfaction_service__range=(1, 5)),
                name="visit_satisfaction_service",
            ),
            models.CheckConstraint(
                condition=Q(satisfaction_information__isnull=True)
                | Q(satisfaction_information__range=(1, 5)),
                name="visit_satisfaction_information",
            ),
            models.CheckConstraint(
                condition=Q(void=False) | (~Q(void_reason="") & Q(voided_at__isnull=False)),
                name="visit_void_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(corrects__isnull=True) | ~Q(corrects=F("id")),
                name="visit_corrects_another",
            ),
            models.CheckConstraint(
                condition=Q(contact_person__isnull=True) | ~Q(spoke_with=""),
                name="visit_person_has_a_role",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="append_only",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF TG_OP = 'UPDATE'
                       AND NOT OLD.void
                       AND to_jsonb(OLD) - '{void,void_reason,voided_at}'::text[]
                         = to_jsonb(NEW) - '{void,void_reason,voided_at}'::text[] THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'visits are append-only'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'visit_append_only';
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client} · {self.occurred_on}"

    def get_absolute_url(self) -> str:
        return address("visits:visit", self.public_id)
