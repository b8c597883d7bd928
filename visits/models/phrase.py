"""Banned phrases of the firm or a branch (D-19)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from crm.localized import localized
from staff.models import Branch
from visits.models.phrase_rule import Rule, faults, rule
from visits.models.visit import Visit

# The source of the phrases that ship, as their rows say it.
SHIPPED = gettext_noop("Securities Law arts 134-136; broker rule art. 13")


class BannedPhrase(models.Model):
    """Refused in scripts, marked in visit notes, while in force. A branch adds to the firm's."""

    class Status(models.TextChoices):
        VERIFIED = "verified", _("Verified")
        UNVERIFIED = "unverified", _("Unverified")

    phrase = models.CharField(
        _("phrase"),
        max_length=40,
        help_text=_("Found also with spaces, punctuation or full-width letters in between."),
    )
    pattern = models.CharField(
        _("pattern"),
        max_length=400,
        blank=True,
        default="",
        db_default="",
        help_text=_(
            "A regular expression that is searched for instead of the phrase itself, in small letters"
            " and without spaces and punctuation. Allowed: (a|b), [ab], ?, {0,3}, (?!a), (?<!a)."
        ),
    )
    pinyin = models.CharField(
        _("pinyin"),
        max_length=100,
        blank=True,
        default="",
        db_default="",
        help_text=_(
            "One syllable for each character, such as “bao ben”: found where any of them is spelled so."
        ),
    )
    why_zh = models.CharField(_("why (Chinese)"), max_length=120)
    why_en = models.CharField(_("why (English)"), max_length=120, blank=True)
    harmless_in = ArrayField(
        models.CharField(max_length=40),
        verbose_name=_("harmless in"),
        default=list,
        db_default=[],
        blank=True,
        help_text=_("Longer words that contain it by chance, separated by commas."),
    )
    must_hit = ArrayField(
        models.CharField(max_length=60),
        verbose_name=_("must be found"),
        default=list,
        db_default=[],
        help_text=_("Examples, one a line. The rule is saved only if it finds each of them."),
    )
    must_not_hit = ArrayField(
        models.CharField(max_length=60),
        verbose_name=_("must not be found"),
        default=list,
        db_default=[],
        help_text=_("Examples, one a line. The rule is saved only if it finds none of them."),
    )
    branch = models.ForeignKey(
        Branch,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="banned_phrases",
        verbose_name=_("branch"),
        help_text=_("Empty: the whole firm."),
    )
    citation = models.CharField(_("citation"), max_length=200)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.UNVERIFIED
    )
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to"), null=True, blank=True)

    class Meta:
        ordering = ["phrase", "-valid_from"]
        verbose_name = _("banned phrase")
        verbose_name_plural = _("banned phrases")
        constraints = [
            models.UniqueConstraint(
                "phrase",
                Coalesce("branch_id", 0),
                condition=Q(valid_to__isnull=True),
                name="bannedphrase_one_open",
                violation_error_message=_("This phrase is banned already."),
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="bannedphrase_period",
                violation_error_message=_("The end lies before the start."),
            ),
        ]

    def __str__(self) -> str:
        return self.phrase

    @property
    def rule(self) -> Rule:
        """What finds the phrase in a text in normal form."""
        return rule(self.phrase, self.pattern, self.pinyin, tuple(self.harmless_in))

    def clean(self) -> None:
        """Try the rule on its examples; raises ValidationError with a sentence for each fault."""
        columns = ("phrase", "pattern", "pinyin", "harmless_in", "must_hit", "must_not_hit")
        if found := faults(**{name: getattr(self, name) for name in columns}):
            raise ValidationError(found)

    @property
    def why(self) -> str:
        return localized(self, "why")

    @property
    def source(self) -> str:
        """The citation; one that ships, in the reader's language."""
        return gettext(self.citation) if self.citation == SHIPPED else self.citation


class PhraseFlag(models.Model):
    """A banned phrase found in the notes of a contact, to be reviewed."""

    visit = models.ForeignKey(
        Visit, on_delete=models.PROTECT, related_name="phrase_flags", verbose_name=_("visit")
    )
    phrase = models.ForeignKey(
        BannedPhrase, on_delete=models.PROTECT, related_name="flags", verbose_name=_("phrase")
    )

    class Meta:
        ordering = ["-id"]
        verbose_name = _("flagged phrase")
        verbose_name_plural = _("flagged phrases")
        constraints = [
            models.UniqueConstraint(fields=["visit", "phrase"], name="phraseflag_once"),
        ]

    def __str__(self) -> str:
        return f"{self.phrase} · {self.visit}"
