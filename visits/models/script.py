"""Talk scripts: ordered prompts in versions, so that a visit always shows the wording used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clients.models import Segment
from crm.localized import choice, localized
from staff.models import Branch


class Script(models.Model):
    """A talk script by name; its prompts live in versions.

    The regular script of a segment is named by its plan. The others are found by purpose: one for
    the client's segment before one for all segments, then the nearest branch's before the firm's.
    """

    class Purpose(models.TextChoices):
        """The occasion that a script is for."""

        REGULAR = "regular", _("Regular")
        NEW_ACCOUNT = "new_account", _("New account")
        EXPIRY = "expiry", _("Paper or risk test expiring")
        BIRTHDAY = "birthday", _("Birthday")
        DORMANT = "dormant", _("Dormant account")
        FLOW = "flow", _("Large inflow or outflow")
        OCCASION = "occasion", _("Transfer, purchase or event")
        COMPLAINT = "complaint", _("Complaint closed")
        COMPLIANCE = "compliance", _("Compliance return visit")

    key = models.SlugField(_("key"), max_length=40)
    name_zh = models.CharField(_("name (Chinese)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=60, blank=True)
    branch = models.ForeignKey(
        Branch,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="scripts",
        verbose_name=_("branch"),
        help_text=_("Empty: the whole firm."),
    )
    purpose = models.CharField(
        _("used for"),
        max_length=12,
        choices=Purpose.choices,
        default=Purpose.REGULAR,
        db_default=Purpose.REGULAR,
    )
    segment = models.ForeignKey(
        Segment,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="scripts",
        verbose_name=_("segment"),
        help_text=_("Empty: all segments. A regular script is chosen by the plan instead."),
    )

    class Meta:
        ordering = ["key"]
        verbose_name = _("script")
        verbose_name_plural = _("scripts")
        constraints = [
            models.UniqueConstraint("key", Coalesce("branch_id", 0), name="script_key"),
        ]

    def __str__(self) -> str:
        return localized(self, "name")

    @property
    def current(self) -> ScriptVersion | None:
        """The version in force; ``None`` before the first is published."""
        return self.versions.filter(valid_to__isnull=True).first()


class ScriptVersion(models.Model):
    """One wording of a script. Frozen once a visit has used it."""

    script = models.ForeignKey(
        Script, on_delete=models.PROTECT, related_name="versions", verbose_name=_("script")
    )
    number = models.PositiveSmallIntegerField(_("version"))
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to"), null=True, blank=True)
    # Columns of its steps in order, where a statement has read them with the version.
    step_rows: list[dict[str, Any]] | None = None

    class Meta:
        ordering = ["script", "-number"]
        verbose_name = _("script version")
        verbose_name_plural = _("script versions")
        constraints = [
            models.UniqueConstraint(fields=["script", "number"], name="scriptversion_number"),
            models.UniqueConstraint(
                fields=["script"],
                condition=Q(valid_to__isnull=True),
                name="scriptversion_one_open",
                violation_error_message=_("Close the version in force before adding another."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.script} v{self.number}"

    def in_order(self) -> list[ScriptStep]:
        """Its steps; without a query where the version was read with them (``step_rows``)."""
        if self.step_rows is None:
            return list(self.steps.all())
        names = [column.attname for column in ScriptStep._meta.concrete_fields]
        return [
            ScriptStep.from_db(self._state.db, names, [row[name] for name in names])
            for row in self.step_rows
        ]


class ScriptStep(models.Model):
    """One prompt of a script, with the kind of answer it expects."""

    class Answer(models.TextChoices):
        NONE = "none", _("No answer")
        TEXT = "text", _("Text")
        CHOICE = "choice", _("Choice")
        SCALE = "scale", _("Scale from 1 to 5")
        AMOUNT = "amount", _("Amount in CNY")

    class Kind(models.TextChoices):
        """The function of the step in the conversation (D-12, D-13)."""

        GREETING = "greeting", _("Greeting")
        IDENTIFY = "identify", _("Opening: identify")
        GREET = "greet", _("Opening: greet")
        COMPLIMENT = "compliment", _("Opening: compliment")
        ATTRACT = "attract", _("Opening: attract")
        INTRODUCE = "introduce", _("Opening: introduce oneself")
        INVITE = "invite", _("Opening: invite")
        QUESTION = "question", _("Question")
        INFORM = "inform", pgettext_lazy("script", "Information")
        CLOSING = "closing", _("Closing")

    class Style(models.TextChoices):
        """Kinds of open question; the values of ``QuestionStyle`` (D-13)."""

        ABOUT = "about", _("About")
        COUNTER = "counter", _("Counter-question")
        HYPOTHETICAL = "hypothetical", _("Hypothetical")
        ADVICE = "advice", _("Asking advice")
        SILENCE = "silence", _("Silence")
        ASSERTION = "assertion", _("Assertion")

    version = models.ForeignKey(
        ScriptVersion, on_delete=models.PROTECT, related_name="steps", verbose_name=_("version")
    )
    position = models.PositiveSmallIntegerField(_("position"))
    kind = models.CharField(
        _("kind"),
        max_length=10,
        choices=Kind.choices,
        default=Kind.QUESTION,
        db_default=Kind.QUESTION,
    )
    style = models.CharField(
        _("kind of question"),
        max_length=14,
        choices=Style.choices,
        blank=True,
        default="",
        db_default="",
    )
    title_zh = models.CharField(_("title (Chinese)"), max_length=40)
    title_en = models.CharField(_("title (English)"), max_length=40, blank=True)
    prompt_zh = models.TextField(_("prompt (Chinese)"))
    prompt_en = models.TextField(_("prompt (English)"), blank=True)
    answer = models.CharField(
        pgettext_lazy("script", "answer"), max_length=8, choices=Answer.choices, default=Answer.TEXT
    )
    options_zh = ArrayField(
        models.CharField(max_length=40),
        verbose_name=_("options (Chinese)"),
        default=list,
        blank=True,
    )
    options_en = ArrayField(
        models.CharField(max_length=40),
        verbose_name=_("options (English)"),
        default=list,
        blank=True,
    )
    # A branch of the talk: asked only where an earlier step was answered by one of these.
    if_step = models.PositiveSmallIntegerField(
        _("only after step"), null=True, blank=True, help_text=_("Number of an earlier step.")
    )
    if_values = ArrayField(
        models.CharField(max_length=40),
        verbose_name=_("if answered"),
        default=list,
        db_default=[],
        blank=True,
    )
    # Answers that open an exception case (compliance).
    flags = ArrayField(
        models.CharField(max_length=40),
        verbose_name=_("answers to be examined"),
        default=list,
        db_default=[],
        blank=True,
    )

    class Meta:
        ordering = ["version", "position"]
        verbose_name = _("script step")
        verbose_name_plural = _("script steps")
        constraints = [
            models.UniqueConstraint(
                fields=["version", "position"],
                name="scriptstep_position",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                condition=Q(if_step__isnull=True) | Q(if_step__gte=1, if_step__lt=F("position")),
                name="scriptstep_after_an_earlier",
                violation_error_message=_("A step depends on an earlier one only."),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="frozen_once_used",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF EXISTS (SELECT 1 FROM visits_visit WHERE script_version_id =
                               COALESCE(NEW.version_id, OLD.version_id)) THEN
                        RAISE EXCEPTION 'a script that was used does not change'
                            USING ERRCODE = 'check_violation',
                                  CONSTRAINT = 'scriptstep_frozen';
                    END IF;
                    RETURN COALESCE(NEW, OLD);
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return localized(self, "title")

    @property
    def prompt(self) -> str:
        return localized(self, "prompt")

    # Texts for placeholders (visits/salutation.py); set by the code that renders the step.
    words: Mapping[str, str] = {}

    @property
    def said(self) -> str:
        """The prompt with its placeholders filled in."""
        text = self.prompt
        for name, word in self.words.items():
            text = text.replace("{" + name + "}", word)
        return text

    @property
    def what(self) -> str:
        """Labels of the function and of the kind of question."""
        return " · ".join(
            filter(None, [choice(self.Kind, self.kind), choice(self.Style, self.style)])
        )

    @property
    def if_text(self) -> str:
        """The answers that this step waits for, as the reader's page keeps them: one a line."""
        return "\n".join(self.if_values)

    @property
    def choices(self) -> list[tuple[str, str]]:
        """The answers to choose from: options, or the numbers of the scale."""
        if self.answer == self.Answer.SCALE:
            return [(number, number) for number in "12345"]
        return self.options

    @property
    def options(self) -> list[tuple[str, str]]:
        """Pairs of stored value (Chinese) and shown text."""
        shown = localized(self, "options") or self.options_zh
        return list(zip(self.options_zh, shown, strict=False))
