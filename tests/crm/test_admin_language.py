"""Every page of the administration in Chinese: no English word is left over."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.urls import reverse

from staff.models import Employee
from tests.cast import Browse
from tests.crm.tables import LABELS
from tests.crm.test_admin import page

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# Attributes that people read or hear.
SPOKEN = {"title", "aria-label", "placeholder", "alt", "data-placeholder", "value"}
# Where an English word is the row's own: its key, its English text, an address, code.
OWN = {"script", "style", "textarea", "code", "svg"}


class Words(HTMLParser):
    """What is drawn on a page, and what is read out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._off = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        spoken = dict(attrs)
        if tag in OWN:
            self._off += 1
        if tag in {"input", "option"} and spoken.get("type") not in {"submit", "button"}:
            spoken.pop("value", None)
        if tag == "button":
            spoken.pop("value", None)
        self.found += [text or "" for name, text in spoken.items() if name in SPOKEN]

    def handle_endtag(self, tag: str) -> None:
        if tag in OWN:
            self._off -= 1

    def handle_data(self, data: str) -> None:
        if not self._off:
            self.found.append(data)


# Names of formats, keys and products that Chinese readers read so, and the product's own in English.
KNOWN = {
    "csv",
    "excel",
    "json",
    "webhook",
    "lark",
    "sha",
    "ldap",
    "ctrl",
    "control",
    "command",
    "mac",
    "english",
    "cny",
}
ENGLISH = re.compile(r"[A-Za-z][A-Za-z'’]{2,}")


def english(html: str, allowed: set[str]) -> set[str]:
    """English words on a page but for those that are allowed."""
    reader = Words()
    reader.feed(html)
    return {
        word
        for text in reader.found
        for word in ENGLISH.findall(text)
        if word.lower() not in allowed
    }


def of_rows() -> set[str]:
    """English words that are in the rows themselves; a choice is drawn by its label, so none of it."""
    found: set[str] = set()
    for label in LABELS:
        model = apps.get_model(label)
        texts = (models.CharField, models.TextField, ArrayField)
        names = [f.name for f in model._meta.fields if isinstance(f, texts) and not f.choices]
        for row in model._default_manager.values_list(*names) if names else ():
            found |= {word.lower() for word in ENGLISH.findall(" ".join(map(str, row)))}
    return found


def test_no_english_is_left_on_any_page(
    rows: dict[str, Any], administrator: Employee, browse: Browse
) -> None:
    Employee.objects.filter(pk=administrator.pk).update(language="zh-hans")
    browser = browse(administrator)
    allowed = KNOWN | of_rows()
    left = {}
    for label in LABELS:
        key = rows[label].pk
        urls = [page(label, "changelist"), page(label, "change", key), page(label, "history", key)]
        request = browser.get(urls[0]).wsgi_request
        if admin.site.get_model_admin(apps.get_model(label)).has_add_permission(request):
            urls.append(page(label, "add"))
        for url in urls:
            if words := english(browser.get(url).content.decode(), allowed):
                left[url] = words
    for name in ("admin:index", "staff:runs"):
        if words := english(browser.get(reverse(name)).content.decode(), KNOWN):
            left[name] = words

    assert left == {}


def test_it_finds_an_english_word() -> None:
    html = (
        '<p title="Save">张 <input value="row"> <button>Export</button></p><script>let x;</script>'
    )
    assert english(html, set()) == {"Save", "Export"}
