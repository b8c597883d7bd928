"""Administration of the ground: the calendar, heartbeats, and the history of every table."""

from collections.abc import Callable
from typing import Any

import pghistory
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm import periodic, trading_days
from crm.admin_base import TECHNICAL, FirmAdmin, ReadOnlyAdmin, Rows, names
from crm.admin_history import words
from crm.models import Heartbeat, Holiday, TickRun


@admin.register(Holiday)
class HolidayAdmin(FirmAdmin):
    """Days that differ from their weekday."""

    task = "rules"
    place = 60
    about = _("Closed days and make-up working days, by which callbacks are dated.")
    list_display = ("day", "spoken_name", "is_workday", "is_trading_day")
    list_filter = ("is_workday", "is_trading_day")
    search_fields = ("name",)
    date_hierarchy = "day"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Says which of this year and the next are provisional."""
        year = trading_days.today().year
        years = trading_days.provisional_years([year, year + 1])
        if years and request.method == "GET":
            text = _("Provisional, computed until their closed days are entered here: %(years)s.")
            listed = ", ".join(map(str, years))
            self.message_user(request, text % {"years": listed}, messages.WARNING)
        return super().changelist_view(request, extra_context)

    @admin.display(description=_("name"), ordering="name")
    def spoken_name(self, row: Holiday) -> str:
        return row.spoken_name

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """The day is the key: another day is another row."""
        return ["day"] if obj else []


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    """When each part of the machinery was last alive."""

    task = "runs"
    place = 90
    about = _("When each part of the machinery was last alive.")
    list_display = ("name", "beat_at")
    ordering = ("name",)


@admin.register(TickRun)
class TickRunAdmin(ReadOnlyAdmin):
    """Tasks that beat starts each minute."""

    task = "runs"
    place = 85
    about = _("What is started each minute: when it last ran, and what went wrong.")
    list_display = ("what", "ran_at", "failed_at", "error")
    fields = list_display
    ordering = ("name",)

    @admin.display(description=_("what it does"), ordering="name")
    def what(self, row: TickRun) -> str:
        """In words; the name of a task that is started no more."""
        tick = periodic.ticks.get(row.name)
        return str(tick.label) if tick else row.name


class HistoryAdmin(ReadOnlyAdmin):
    """Old rows of a table, kept by triggers: what was there before each change, and by whom."""

    task = "behind"
    ordering = ("-pgh_id",)
    search_fields = ("=pgh_obj__pk",)
    search_help_text = _("The number of the row, as in its address here.")
    list_filter = ("pgh_created_at",)
    list_display = ("pgh_created_at", "pgh_obj", "hand")

    def scope(self, rows: Rows, request: HttpRequest) -> Rows:
        """History of the rows that the table itself shows to this person."""
        page = self.admin_site.get_model_admin(self.model.pgh_tracked_model)
        people: Any = get_user_model()
        who = Cast(
            KeyTextTransform("employee", models.OuterRef("pgh_context__metadata")),
            models.BigIntegerField(),
        )
        name = people.objects.filter(pk=who).values("full_name")[:1]
        rows = rows.filter(pgh_obj__in=page.get_queryset(request).order_by())
        history: Rows = rows.annotate(hand_name=models.Subquery(name))
        return history

    def get_list_select_related(self, request: HttpRequest) -> list[str]:
        """The row and what its own name is made of."""
        tracked = self.model.pgh_tracked_model._meta.fields
        return ["pgh_obj", *(f"pgh_obj__{f.name}" for f in tracked if f.many_to_one)]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """The old row, and when and by whom it was changed."""
        hidden = {*TECHNICAL, "covers", "covers_until", "id"}
        fields = [f for f in self.model._meta.fields if f.name not in hidden]
        own = [f for f in fields if not f.name.startswith("pgh_")]
        shown = set(names(own))
        columns = [
            _listed(f) if isinstance(f, ArrayField) else f.name for f in own if f.name in shown
        ]
        return ["pgh_created_at", "pgh_obj", "hand", *columns]

    @admin.display(description=_("changed by"))
    def hand(self, event: Any) -> str:
        """Who made the change; empty for the machinery."""
        return event.hand_name or ""


def _listed(f: Any) -> Callable[[Any], str]:
    """A column that holds a list, in words: Django draws the stored keys."""

    @admin.display(description=f.verbose_name)
    def shown(event: Any) -> str:
        return words(f, getattr(event, f.attname), {})

    return shown


def _name(event: Any) -> str:
    """The row, and the moment at which it ceased to be as it was."""
    at = date_format(timezone.localtime(event.pgh_created_at), "SHORT_DATETIME_FORMAT")
    return f"{event.pgh_obj} · {at}"


event_models: list[Any] = pghistory.core.event_models()
for event_model in event_models:
    tracked = event_model.pgh_tracked_model._meta
    title = format_lazy(_("{table}: history"), table=tracked.verbose_name)
    event_model._meta.verbose_name = event_model._meta.verbose_name_plural = title
    event_model._meta.get_field("pgh_created_at").verbose_name = _("changed at")
    event_model._meta.get_field("pgh_obj").verbose_name = tracked.verbose_name
    event_model.__str__ = _name
    admin.site.register(event_model, HistoryAdmin)
