"""Replies to suggestions of clients: separate rows, since visits never change."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from staff.models import Employee
from visits.models.visit import Visit


class SuggestionReply(models.Model):
    """The answer to a suggestion of a visit, or its close. Append-only; each at most once.

    Without a reply a suggestion is open. A corrected entry that says the same keeps its replies.
    """

    class State(models.TextChoices):
        ANSWERED = "answered", _("Answered")
        CLOSED = "closed", pgettext_lazy("suggestion", "Closed")

    visit = models.ForeignKey(
        Visit,
        on_delete=models.PROTECT,
        related_name="suggestion_replies",
        verbose_name=_("visit"),
        db_index=False,  # the unique index begins with it
    )
    state = models.CharField(_("state"), max_length=8, choices=State.choices)
    words = models.TextField(_("words"))
    employee = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"), auto_now_add=True, db_default=Now())

    class Meta:
        ordering = ["id"]
        verbose_name = _("reply to a suggestion")
        verbose_name_plural = _("replies to suggestions")
        constraints = [
            models.UniqueConstraint(fields=["visit", "state"], name="suggestionreply_once"),
            models.CheckConstraint(condition=~Q(words=""), name="suggestionreply_has_words"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.get_state_display()}"
