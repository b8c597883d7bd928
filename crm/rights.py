"""Django's rights in the reader's language: it keeps their names in English."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin

_VERBS = {"add": _("may add"), "change": _("may change"), "delete": _("may delete")}
_VERBS["view"] = _("may view")


def spoken(right: Permission) -> str:
    """A right in words; one of a kind that Django does not make, as it is stored."""
    verb = right.codename.partition("_")[0]
    return f"{right.content_type} | {_VERBS.get(verb, right.name)}"


def _shown() -> list[int]:
    """Tables that the administration shows; rights over others give nothing."""
    kinds = ContentType.objects.get_for_models(*admin.site._registry)
    return [kind.pk for kind in kinds.values()]


class SpokenRights(ModelAdmin):
    """A page of the administration on which rights are chosen."""

    def formfield_for_manytomany(
        self, db_field: Any, request: HttpRequest | None = None, **kwargs: Any
    ) -> Any:
        """Rights by their words."""
        field: Any = super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[arg-type]
        if field is not None and db_field.remote_field.model is Permission:
            field.label_from_instance = spoken
            field.queryset = field.queryset.filter(content_type__in=_shown())
        return field
