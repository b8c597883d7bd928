"""A card is dropped on a column: what became of it, and what the one who came second is told."""

from __future__ import annotations

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm.trading_days import today
from pipeline.models import Opportunity
from staff.models import Employee


def came_second(row: Opportunity, viewer: Employee, seen: str) -> str:
    """A sentence on what happened to ``row`` since its card was drawn in the stage ``seen``."""
    last = row.moves.select_related("employee").order_by("-id").first()
    told = {"client": row.client.name, "stage": str(row.stage)}
    if last is None or last.to_stage_id != row.stage_id or row.stage.key == seen:
        if row.changed_by is None:
            return (
                _(
                    "%(client)s was changed meanwhile and stays in “%(stage)s”. Look at the card, then"
                    " move it again."
                )
                % told
            )
        told["person"] = row.changed_by.full_name
        return (
            _(
                "%(person)s changed %(client)s meanwhile, who stays in “%(stage)s”. Look at the card,"
                " then move it again."
            )
            % told
        )
    at = timezone.localtime(last.at)
    told["time"] = date_format(
        at, "TIME_FORMAT" if at.date() == today() else "SHORT_DATETIME_FORMAT"
    )
    if last.employee_id == viewer.pk:
        return _("You have moved %(client)s to “%(stage)s” already, at %(time)s.") % told
    if last.employee is None:
        return _("%(client)s was moved to “%(stage)s” at %(time)s.") % told
    told["person"] = last.employee.full_name
    return _("%(person)s moved %(client)s to “%(stage)s” at %(time)s.") % told
