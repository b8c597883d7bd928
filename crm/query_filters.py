"""Filters of a list: what its address asks for, read in one way on every page.

A list declares its parameters as filters of django-filter on a subclass of ``QueryFilter``. Three
things differ from a plain ``FilterSet``, which builds filters, form class and fields for every
request: filters are made once per class, a request copies the fields that it uses; choices
follow the viewer (``offer``); and a value that is none of them is answered with ``status`` 400, a
sentence in the page (templates/components/filter_errors.html) and no rows.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlencode

import django_filters
from django import forms
from django.db.models import QuerySet
from django.forms.boundfield import BoundField
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

Rows = TypeVar("Rows", bound=QuerySet[Any])
Choices = Iterable[tuple[Any, Any]]
LONGEST_TEXT = 60
ALL = _("All")
NO_CHOICE = _("No such choice. Go back to the page and choose from its list.")


class KeyField(forms.Field):
    """The key of a row as a number, or one of the words ``specials``."""

    default_error_messages = {"invalid": NO_CHOICE}
    widget = forms.Select

    def __init__(self, *, specials: Iterable[str] = (), **options: Any) -> None:
        super().__init__(**options)
        self.specials = frozenset(specials)

    def to_python(self, value: Any) -> int | str | None:
        if not value or value in self.specials:
            return value or None
        if not (value.isascii() and value.isdigit() and len(value) < 10):
            raise forms.ValidationError(self.error_messages["invalid"])
        return int(value)


class DayField(forms.DateField):
    """A day as 2026-01-31, drawn as the browser's own picker."""

    default_error_messages = {"invalid": _("Write the date as 2026-01-31.")}
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class SearchField(forms.CharField):
    """Words to search for: the first ``LONGEST_TEXT`` characters that the database can hold."""

    def to_python(self, value: Any) -> str:
        return (value or "").replace("\ufffd", "").strip()[:LONGEST_TEXT]


class KeyFilter(django_filters.Filter):
    """A row by its key; ``specials`` are words that are understood beside keys."""

    field_class = KeyField


class DayFilter(django_filters.Filter):
    field_class = DayField


class SearchFilter(django_filters.Filter):
    field_class = SearchField


class IntegerFilter(django_filters.Filter):
    field_class = forms.IntegerField


class ChoiceFilter(django_filters.Filter):
    """One of ``choices``.

    ``every`` names what is asked for without a choice; None where one of ``choices`` does.
    """

    field_class = forms.ChoiceField

    def __init__(
        self,
        *args: Any,
        choices: Choices,
        every: str | Promise | None = ALL,
        **options: Any,
    ) -> None:
        @lru_cache(maxsize=16)
        def spoken(_language: str | None) -> list[tuple[str, str]]:
            return [(str(key), str(words)) for key, words in choices_of(choices, every)]

        # A function: fields are copied for each request, and lists would be copied with them.
        super().__init__(*args, choices=lambda: spoken(get_language()), **options)


def choices_of(
    choices: Choices | Callable[[], Choices], every: str | Promise | None = ALL
) -> list[tuple[Any, Any]]:
    """``choices`` after the one that asks for all."""
    rows = choices() if callable(choices) else choices
    return list(rows) if every is None else [("", every), *rows]


@dataclass(frozen=True)
class Chip:
    """One parameter in words, and the address of the page without it."""

    label: str
    words: str
    url: str
    name: str = ""

    @property
    def text(self) -> str:
        """Both together: “Segment: small”, “Assets ≥ 1 million”."""
        if self.label.endswith(("≥", "<")):
            return f"{self.label} {self.words}"
        return gettext("%(label)s: %(words)s") % {"label": self.label, "words": self.words}


class _Fields(dict[str, Any]):
    """The fields of one request, each copied from its filter when it is asked for."""

    def __init__(self, filters: QueryFilter) -> None:
        super().__init__()
        self._filters = filters

    def __missing__(self, name: str) -> Any:
        self[name] = field = copy.deepcopy(self._filters.filters[name].field)
        self._filters.offer(name, field)
        return field


class QueryFilter(django_filters.FilterSet):
    """What the address ``query`` asks a list for, as far as ``viewer`` may ask it.

    A parameter narrows rows by its filter, or by a method ``filter_<name>(rows, value)`` that a
    subclass defines; one whose filter names no column narrows nothing by itself. A parameter that
    is a keyword of Python is declared with an underscore after it.
    """

    # The fields that the form of the filters shows, where it is not all of them as declared.
    order: ClassVar[tuple[str, ...]] = ()
    # Those that the page tells elsewhere: by its tabs, in the field of the search.
    apart: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, query: QueryDict, viewer: Any) -> None:
        self.query, self.viewer = query, viewer
        self.filters = self.base_filters
        # A NUL can be in no row, and the database takes none.
        texts = {
            name: query.get(parameter(name), "").replace("\x00", "\ufffd").strip()
            for name in self.filters
        }
        self.data = {name: text for name, text in texts.items() if text}

    @cached_property
    def form(self) -> forms.Form:
        """The fields that are in use; others are made when they are drawn."""
        form = forms.Form(self.data, auto_id="filter-%s")
        form.fields = _Fields(self)
        for name in self.data:
            _made = form.fields[name]
        return form

    def offer(self, name: str, field: Any) -> None:
        """Give ``field`` the choices of the viewer; a function, so that only what is used is read."""

    @cached_property
    def values(self) -> dict[str, Any]:
        """Typed values by name; what is missing or malformed is left out."""
        _cleaned = self.form.errors
        return self.form.cleaned_data

    def check(self) -> None:
        """Refuse, by ``refuse``, what is well formed and still no choice."""

    def refuse(self, name: str, sentence: str | Promise = NO_CHOICE) -> None:
        _made = self.form.fields[name]
        self.form.add_error(name, str(sentence))

    @cached_property
    def errors(self) -> ErrorDict:
        """Sentences by parameter."""
        self.check()
        return self.form.errors

    def is_valid(self) -> bool:
        return not self.errors

    @property
    def status(self) -> int:
        """The status of the page."""
        return 400 if self.errors else 200

    def narrow(self, rows: Rows) -> Rows:
        """Those of ``rows`` that are asked for; none where the question makes no sense."""
        return self.filter_queryset(rows) if self.is_valid() else rows.none()

    def filter_queryset(self, queryset: Rows) -> Rows:
        """What each parameter in use leaves of ``queryset``."""
        return self._left_by(self.data, queryset)

    def _left_by(self, names: Iterable[str], rows: Rows) -> Rows:
        for name in names:
            item, value = self.filters[name], self.values.get(name)
            if value not in (None, "") and (item.field_name or hasattr(self, f"filter_{name}")):
                rows = getattr(self, f"filter_{name}", item.filter)(rows, value)
        return rows

    @property
    def asked(self) -> dict[str, str]:
        """The parameters in use that are understood, as they stand in an address."""
        return {parameter(name): text for name, text in self.data.items() if self.values.get(name)}

    @property
    def carried(self) -> dict[str, str]:
        """The parameters that links to other pages keep."""
        return self.asked

    def parameters(self, **more: Any) -> dict[str, Any]:
        """What ``link`` puts into an address."""
        return {name: value for name, value in (self.carried | more).items() if value != ""}

    def link(self, page: str, /, **more: Any) -> str:
        """Address of ``page`` with the filters in use; an empty value of ``more`` takes one away."""
        chosen = self.parameters(**more)
        return f"{page}?{urlencode(chosen)}" if chosen else page

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """Parameters in use that have no visible field: the form of the filters keeps them."""
        fields = self.form.fields
        return [(parameter(n), text) for n, text in self.data.items() if fields[n].widget.is_hidden]

    @property
    def shown(self) -> list[BoundField]:
        """The fields that the form of the filters shows."""
        fields = [self.form[name] for name in self.order or self.filters]
        return [field for field in fields if not field.is_hidden]

    @property
    def chips(self) -> list[Chip]:
        """Each parameter in use, also what is malformed, in words."""
        return [self._chip(name, text) for name, text in self.data.items()]

    @property
    def shown_chips(self) -> list[Chip]:
        """Of the parameters in use those that stand nowhere else on the page."""
        return [chip for chip in self.chips if chip.name not in self.apart]

    def _chip(self, name: str, text: str) -> Chip:
        field: Any = self.form[name]
        choices = {
            str(key): str(words) for key, words in getattr(field.field.widget, "choices", ())
        }
        kept = self.query.copy()
        for gone in (parameter(name), "cursor", "page"):
            kept.pop(gone, None)
        return Chip(str(field.label), choices.get(text, text), f"?{kept.urlencode()}", name)

    @property
    def sentences(self) -> list[tuple[str, str]]:
        """Label and sentence of each error."""
        return [
            (str(self.form.fields[name].label), str(sentence))
            for name, errors in self.errors.items()
            for sentence in errors
        ]


def parameter(name: str) -> str:
    """The name in an address of a filter that is declared as ``name``."""
    return name.rstrip("_")
