"""Forms of channels and of a day's work in them."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import Layout
from django.utils.translation import gettext_lazy as _

from crm.forms import CrispyModelForm, Grid, offer
from crm.trading_days import today
from pipeline.models import Channel, ChannelEntry
from staff.models import Branch, Employee


def headed(employee: Employee) -> Any:
    """Branches that the employee heads, with the one they work in first to choose."""
    rows = Branch.objects.filter(is_active=True).order_by("path")
    scope = employee.branch_scope
    return rows if scope is None else rows.filter(pk__in=scope if employee.is_head else [])


class BranchForm(CrispyModelForm[Any]):
    """A row of a branch that the person heads; the head office may make it the firm's."""

    def __init__(self, *args: Any, by: Employee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = offer(self.fields["branch"], headed(by))
        field.required = by.branch_scope is not None
        field.empty_label = str(_("Whole firm")) if by.branch_scope is None else None
        if self.instance.pk is None:
            field.initial = by.branch_id


class ChannelForm(BranchForm):
    """A channel."""

    class Meta:
        model = Channel
        fields = ["name", "kind", "partner", "branch", "is_active"]
        labels = {"name": _("Name of the channel")}

    def layout(self) -> Layout:
        return Layout(Grid("name", "kind"), Grid("partner", "branch"), "is_active")


class EntryForm(CrispyModelForm[ChannelEntry]):
    """An employee's work in a channel on one day, laid out for phones."""

    class Meta:
        model = ChannelEntry
        fields = ["channel", "on", "visits", "leaflets", "cost", "note"]

    def __init__(self, *args: Any, by: Employee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Channel.objects.visible_to(by).in_use(besides=self.instance.channel_id)
        offer(self.fields["channel"], rows)
        self.fields["on"].widget.attrs["max"] = today().isoformat()
        for name in ("visits", "leaflets", "cost"):
            self.fields[name].widget.attrs.update({"inputmode": "decimal", "min": "0"})

    def layout(self) -> Layout:
        return Layout("channel", "on", Grid("visits", "leaflets"), Grid("cost", "note"))
