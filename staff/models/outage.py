"""What administrators are told when a part of the machinery falls silent."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Outage(models.Model):
    """A part of the machinery that fell silent: one row, one alarm. Open until it is seen again."""

    part = models.CharField(_("part"), max_length=40)
    silent_since = models.DateTimeField(_("silent since"))
    noticed_at = models.DateTimeField(_("noticed at"))
    # Claimed for mailing; mailed once this is confirmed.
    mailing_until = models.DateTimeField(null=True, editable=False)
    mailed_at = models.DateTimeField(_("mailed at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("outage")
        verbose_name_plural = _("outages")
        constraints = [
            models.UniqueConstraint(
                fields=["part"], condition=Q(ended_at__isnull=True), name="outage_one_open"
            ),
        ]

    def __str__(self) -> str:
        return self.part
