"""Talk scripts: ordered prompts in versions, so that a record always shows what was asked."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from crm.localized import localized
from staff.models import Branch


class Script(models.Model):
    """A talk script by name; its prompts live in versions."""

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


class ScriptStep(models.Model):
    """One prompt of a script, with the kind of answer it expects."""

    class Answer(models.TextChoices):
        NONE = "none", _("No answer")
        TEXT = "text", _("Text")
        CHOICE = "choice", _("Choice")

    version = models.ForeignKey(
        ScriptVersion, on_delete=models.PROTECT, related_name="steps", verbose_name=_("version")
    )
    position = models.PositiveSmallIntegerField(_("position"))
    title_zh = models.CharField(_("title (Chinese)"), max_length=40)
    title_en = models.CharField(_("title (English)"), max_length=40, blank=True)
    prompt_zh = models.TextField(_("prompt (Chinese)"))
    prompt_en = models.TextField(_("prompt (English)"), blank=True)
    answer = models.CharField(
        _("answer"), max_length=8, choices=Answer.choices, default=Answer.TEXT
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

    @property
    def options(self) -> list[tuple[str, str]]:
        """Pairs of stored value (Chinese) and shown text."""
        shown = localized(self, "options") or self.options_zh
        return list(zip(self.options_zh, shown, strict=False))
