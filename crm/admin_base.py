"""What every page of the administration shares: scope, long tables, and what never changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.exceptions import NotRegistered
from django.contrib.admin.templatetags import admin_list
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import IntegrityError, models, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext as _

from crm.admin_history import changes, events_of

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    TabularInline = admin.TabularInline[Any, Any]
    StackedInline = admin.StackedInline[Any, Any]
    ModelForm = forms.ModelForm[Any]
    Rows = models.QuerySet[Any]
    RowPaginator = Paginator[Any]
else:
    ModelAdmin = admin.ModelAdmin
    TabularInline = admin.TabularInline
    StackedInline = admin.StackedInline
    ModelForm = forms.ModelForm
    Rows = models.QuerySet
    RowPaginator = Paginator

# The administration searches and filters; nobody turns ten thousand pages.
MOST_COUNTED = 10_000
# Of no use to a reader: keys, tokens, counters of changes, and what the search is made of.
TECHNICAL = frozenset(
    {"public_id", "version", "token", "token_hash", "key_id", "name_pinyin", "search", "path"}
)


class BoundedPaginator(RowPaginator):
    """Counts up to ``MOST_COUNTED`` rows: an exact count of a million rows takes seconds."""

    @cached_property
    def count(self) -> int:
        """Rows found, at most ``MOST_COUNTED``."""
        rows = self.object_list
        if isinstance(rows, models.QuerySet):
            return rows.order_by()[:MOST_COUNTED].count()
        return len(rows)

    @property
    def is_bounded(self) -> bool:
        """Whether there may be more rows than ``count`` says."""
        return self.count >= MOST_COUNTED


class Autocomplete(AutocompleteSelect):
    """Django leaves the placeholder empty, and the empty field without a name to read out."""

    def build_attrs(self, base_attrs: Any, extra_attrs: Any = None) -> dict[str, Any]:
        """With a placeholder."""
        attrs: dict[str, Any] = super().build_attrs(base_attrs, extra_attrs)
        return attrs | {"data-placeholder": _("Type to search")}


class ScopedChoices:
    """Foreign keys offer what the related table's own page shows to this person."""

    admin_site: admin.AdminSite

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Fields that search as one types say so while they are empty."""
        page: Any = self
        if "widget" not in kwargs and db_field.name in page.get_autocomplete_fields(request):
            kwargs["widget"] = Autocomplete(db_field, self.admin_site, using=kwargs.get("using"))
        parent: Any = super()
        return parent.formfield_for_foreignkey(db_field, request, **kwargs)

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> Any:
        """Rows of the related table that this person may see, in that page's order."""
        return scoped_rows(self.admin_site, db_field.remote_field.model, request)


def site_shows(site: admin.AdminSite, model: type[models.Model], request: HttpRequest) -> bool:
    """Whether this person may open the page of ``model``."""
    return site.is_registered(model) and site.get_model_admin(model).has_view_permission(request)


def name_fields(model: type[models.Model], **labels: Any) -> None:
    """Names for people of fields that have none, and of the same fields in the table of old rows."""
    for table in filter(None, (model, events_of(model))):
        known = {f.name: f for f in table._meta.fields}
        for name, text in labels.items():
            if name in known:
                known[name].verbose_name = text


def _spoken_icon(value: bool | None) -> str:
    """Django's icon of yes and no, with a word instead of True and False."""
    name = {True: "yes", False: "no", None: "unknown"}[value]
    words = {True: _("yes"), False: _("no"), None: _("unknown")}[value]
    icon = static(f"admin/img/icon-{name}.svg")
    return render_to_string("admin/icon.html", {"icon": icon, "words": words})


admin_list._boolean_icon = _spoken_icon  # type: ignore[attr-defined]


def scoped_rows(site: admin.AdminSite, model: type[models.Model], request: HttpRequest) -> Any:
    """Rows of ``model`` as its page in the administration shows them; ``None`` if it has none."""
    try:
        return site.get_model_admin(model).get_queryset(request)
    except NotRegistered:
        return None


class ScopedRelatedFilter(admin.RelatedFieldListFilter):
    """A filter by a related row that offers no row outside the person's scope."""

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, Any]]:
        """Choices within the scope."""
        rows = scoped_rows(model_admin.admin_site, field.remote_field.model, request)
        if rows is None:
            return super().field_choices(field, request, model_admin)
        return [(row.pk, str(row)) for row in rows]


class CrmAdmin(ScopedChoices, ModelAdmin):
    """Base of all pages: only rows in scope, no exact count of long tables, 404 outside.

    A table whose queryset has ``visible_to`` is scoped by it, one that names ``seen_with`` by the
    row at the end of that path; others override :meth:`scope`.
    """

    # Where the start page shows the table, and the sentence that it says of it (crm/admin_tasks.py).
    task = ""
    place = 50
    about: Any = ""
    # Path to the row with which a row is seen, such as ``"contact__client"``.
    seen_with = ""

    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    list_per_page = 50
    list_max_show_all = 200
    view_on_site = False
    # Constraint of the database -> what to say when it refuses what the form let through.
    refusals: Mapping[str, Any] = {}

    def scope(self, rows: Rows, request: HttpRequest) -> Rows:
        """The rows that this person may see."""
        if self.seen_with:
            return rows.filter(**{f"{self.seen_with}__in": self._seen().visible_to(request.user)})
        visible: Any = getattr(rows, "visible_to", None)
        return visible(request.user) if visible else rows

    def _seen(self) -> Any:
        """Rows of the table at the end of ``seen_with``."""
        model: Any = self.model
        for name in self.seen_with.split("__"):
            model = model._meta.get_field(name).related_model
        return model._default_manager

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> Any:
        """Columns that tell people nothing are not shown."""
        own = {field.name for field in self.opts.fields}
        return [*(super().get_exclude(request, obj) or ()), *sorted(TECHNICAL & own)]

    def get_queryset(self, request: HttpRequest) -> Rows:
        """All rows in scope."""
        return self.scope(super().get_queryset(request), request)

    def _get_obj_does_not_exist_redirect(self, *args: Any) -> HttpResponse:
        """What is out of scope is not there (docs/access.md); Django would go to the index."""
        raise Http404

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Turn what a service or the database refuses into a sentence; nothing is half-written."""
        try:
            with transaction.atomic():
                return super().changeform_view(request, object_id, form_url, extra_context)
        except ValidationError as error:
            text = " ".join(error.messages)
        except IntegrityError as error:
            known = [said for name, said in self.refusals.items() if name in str(error)]
            if not known:
                raise
            text = str(known[0])
        self.message_user(request, text, messages.ERROR)
        return redirect(request.get_full_path())

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Headed by what the rows are; Django asks to choose one."""
        context = {"title": label(self.opts.verbose_name_plural), **(extra_context or {})}
        return super().changelist_view(request, context)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Who changed what, from what to what, wherever it was done (crm/admin_history.py)."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        table = events_of(self.model)
        if table is None or not self.has_view_or_change_permission(request, row):
            return super().history_view(request, object_id, extra_context)
        context = {"changes": changes(row), "is_tracked": True, "events_url": ""}
        if site_shows(self.admin_site, table, request):
            name = f"admin:{table._meta.app_label}_{table._meta.model_name}_changelist"
            context["events_url"] = f"{reverse(name)}?{urlencode({'q': row.pk})}"
        return super().history_view(request, object_id, {**context, **(extra_context or {})})

    def used_by(self, row: models.Model) -> list[str]:
        """Names of the tables with rows that keep ``row`` from being deleted."""
        found = []
        for relation in row._meta.get_fields(include_hidden=True):
            if not isinstance(relation, models.ForeignObjectRel):
                continue
            if getattr(relation, "on_delete", None) is not models.PROTECT:
                continue
            table: Any = relation.related_model
            if table._base_manager.filter(**{relation.field.name: row.pk}).exists():
                found.append(str(table._meta.verbose_name_plural))
        return list(dict.fromkeys(found))

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Refuse with a sentence where other rows refer to this one."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        if self.has_delete_permission(request, row) and (used := self.used_by(row)):
            return self._refuse_deletion(request, row, used)
        try:
            with transaction.atomic():
                return super().delete_view(request, object_id, extra_context)
        except (models.ProtectedError, IntegrityError):
            return self._refuse_deletion(request, row, self.used_by(row))

    def _refuse_deletion(
        self, request: HttpRequest, row: models.Model, used: list[str]
    ) -> HttpResponse:
        sentence = _(
            "“%(row)s” is in use (%(tables)s) and cannot be deleted. "
            "End it or make it inactive instead."
        ) % {"row": row, "tables": get_text_list(used, _("and"))}
        self.message_user(request, sentence, messages.ERROR)
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", row.pk)


class FirmAdmin(CrmAdmin):
    """Reference data of the whole firm: staff of a branch read it only."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Head office only."""
        return administers_firm(request) and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Head office only."""
        return administers_firm(request) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Head office only."""
        return administers_firm(request) and super().has_delete_permission(request, obj)


def administers_firm(request: HttpRequest) -> bool:
    """Whether this person may edit what belongs to the whole firm."""
    user: Any = request.user
    return bool(user.administers_firm)


class ReadOnly:
    """Nothing is added, changed or deleted here: the product's services write these rows."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


class ReadOnlyAdmin(ReadOnly, CrmAdmin):
    """A table to look at."""


class ReadOnlyInline(ReadOnly, ScopedChoices, TabularInline):
    """Rows of a table to look at, on the page of the row they belong to."""

    extra = 0
    can_delete = False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """All of them: some are not editable at all, and then Django wants to be told."""
        return self.get_fields(request, obj)


def names(fields: Iterable[Any]) -> list[str]:
    """Names of model fields that a page may show: nothing encrypted, no keyed hash."""
    hidden = (models.BinaryField,)
    return [field.name for field in fields if not isinstance(field, hidden)]


def label(text: Any) -> str:
    """A name as the head of a column."""
    return str(capfirst(text))
