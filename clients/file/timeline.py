"""Timeline entries of clients/: changes of the record, segment and manager, documents, consents."""

from __future__ import annotations

from typing import Any

from django.db.models import BigIntegerField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.file.assignments import assignments_of
from clients.file.selectors import change_reason
from clients.models import Client, Consent, Document
from clients.segments.classification import segments_of
from crm import timeline
from crm.timeline import Before, Entry, Source
from staff.models import Employee

# Columns of the file whose changes a person wants to see; all others follow from these.
WATCHED = (
    "name",
    "kind",
    "title",
    "birthday",
    "lifecycle",
    "activity",
    "prospect_type",
    "income_level",
    "investment_size",
    "investment_style",
    "risk_grade",
    "risk_expires_on",
    "commission_tier",
    "source",
    "opened_on",
    "notes",
    "calls_refused",
    "call_from",
    "call_until",
    "contact_note",
)


def register() -> None:
    """Called at start-up."""
    timeline.register(Source("document", 40, gettext_lazy("Documents"), documents, filed=True))
    timeline.register(Source("change", 50, gettext_lazy("Changes"), changes, filed=True))
    timeline.register(Source("segment", 60, gettext_lazy("Segments"), segments, filed=True))
    timeline.register(Source("service", 70, gettext_lazy("Hand-overs"), service, filed=True))
    timeline.register(Source("consent", 80, gettext_lazy("Consents"), consents, filed=True))


def changes(viewer: Employee, client: Client, before: Before, count: int) -> list[Entry]:
    """Changes of the record with employee, old and new values; other events are skipped."""
    events: Any = client.events.model.objects.filter(pgh_obj__in=client.group)  # type: ignore[attr-defined]
    who = Cast(KeyTextTransform("employee", "pgh_context__metadata"), BigIntegerField())
    rows = events.annotate(who=who).order_by("-pgh_created_at", "-pk")
    # An event holds the row as it was before; what came of it is in the next newer one.
    newer: dict[int, Any] = {}
    state_changes: list[tuple[Any, str]] = []
    size = count
    while len(state_changes) < count:
        read = list(rows.filter(before.moment("change", "pgh_created_at"))[:size])
        for row in read:
            key = row.pgh_obj_id
            after = newer.get(key) or _after(events, row, client)
            newer[key] = row
            if said := _said(row, after):
                state_changes.append((row, said))
        if len(read) < size:
            break
        before = Before((read[-1].pgh_created_at, "change", read[-1].pk))
        size *= 4
    names = dict(
        Employee.objects.filter(
            pk__in={row.who for row, _text in state_changes if row.who}
        ).values_list("pk", "full_name")
    )
    return [
        Entry(
            row.pgh_created_at,
            "change",
            row.pk,
            "edit",
            _("File changed"),
            text,
            who=names.get(row.who, ""),
        )
        for row, text in state_changes[:count]
    ]


def _after(events: Any, row: Any, client: Client) -> Any:
    """The state after an event: the next newer event of its client, else the client itself."""
    key = row.pgh_obj_id
    later = events.filter(pgh_obj=key, pk__gt=row.pk).order_by("pk").first()
    return later or (client if key == client.pk else Client.objects.get(pk=key))


def _said(old: Any, new: Any) -> str:
    """Displayable differences between two states of the record; '' if there are none."""
    return " · ".join(
        _("%(field)s: %(old)s → %(new)s")
        % {
            "field": Client._meta.get_field(name).verbose_name,  # type: ignore[union-attr]
            "old": _shown(old, name),
            "new": _shown(new, name),
        }
        for name in WATCHED
        if getattr(old, name) != getattr(new, name)
    )


def _shown(row: Any, name: str) -> str:
    value = getattr(row, name)
    if value in (None, ""):
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    choices = dict(Client._meta.get_field(name).flatchoices)  # type: ignore[union-attr]
    text = str(choices.get(value, value))
    return text if len(text) <= 40 else f"{text[:40]}…"


def segments(viewer: Employee, client: Client, before: Before, count: int) -> list[Entry]:
    """Changes of the segment with reason."""
    rows = segments_of(client).filter(before.moment("segment", "at"))
    rows = rows.select_related("segment", "rule", "employee").order_by("-at", "-pk")
    return [
        Entry(row.at, "segment", row.pk, "filter", str(row.segment), change_reason(row))
        for row in rows[:count]
    ]


def service(viewer: Employee, client: Client, before: Before, count: int) -> list[Entry]:
    """Who began to serve the client, or won them."""
    rows = assignments_of(client).filter(before.day("service", "valid_from"))
    rows = rows.select_related("employee").order_by("-valid_from", "-pk")
    return [
        Entry(
            timeline.midnight(row.valid_from),
            "service",
            row.pk,
            "transfer",
            row.get_kind_display(),
            row.reason,
            who=str(row.employee),
        )
        for row in rows[:count]
    ]


def consents(viewer: Employee, client: Client, before: Before, count: int) -> list[Entry]:
    """Consents given and withdrawn."""
    rows = (
        Consent.objects.filter(client__in=client.group)
        .filter(before.day("consent", "given_on"))
        .order_by("-given_on", "-pk")
    )
    entries = []
    for row in rows[:count]:
        ended = ""
        if row.withdrawn_on:
            ended = _("withdrawn %(day)s") % {"day": row.withdrawn_on.isoformat()}
        at = timeline.midnight(row.given_on)
        entries.append(
            Entry(at, "consent", row.pk, "shield", str(row), row.proof, "", ended, bool(ended))
        )
    return entries


def documents(viewer: Employee, client: Client, before: Before, count: int) -> list[Entry]:
    """Added documents."""
    rows = Document.objects.filter(client__in=client.group).filter(
        before.moment("document", "uploaded_at")
    )
    rows = rows.select_related("uploaded_by", "client").order_by("-uploaded_at", "-pk")
    return [
        Entry(
            row.uploaded_at,
            "document",
            row.pk,
            "file",
            row.get_kind_display(),
            str(row),
            row.file_url,
            row.void_reason,
            row.voided_at is not None,
            who=str(row.uploaded_by),
        )
        for row in rows[:count]
    ]
