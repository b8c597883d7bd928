"""A walk by clicking, as each of the seven roles: nothing that is offered leads to a refusal.

From the first page on, every link and every form that a person sees is tried, each address by its
name twice at the most.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest
from django.apps import apps
from django.test import Client as Browser
from django.urls import Resolver404, resolve

from tests.cases import undone
from tests.cast import Browse
from tests.pages import Page, PageForm
from tests.test_url_access import World, world

__all__ = ["world"]

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

ROLES = (
    "manager",
    "broker",
    "head",
    "regional_head",
    "compliance",
    "operations",
    "administrator",
)
# Of one address by its name, as many are opened.
EACH = 2
# They end the session, or are another program's.
LEFT_OUT = re.compile(r"^(account_|admin:|staff:feed|visits:feed_file)")
REFUSALS = {403, 404, 405, 500}
# Names of the inside: of constraints and triggers, and of what Python raises.
_INSIDE = {
    constraint.name for model in apps.get_models() for constraint in model._meta.constraints
} | {"Traceback", "IntegrityError", "ValidationError", "DoesNotExist", "violates"}
_KEY = re.compile(r"(?<![\w./{%@-])[a-z]{2,}(?:_[a-z0-9]+)+(?![\w./(}%@-])")


def name_of(url: str) -> str:
    try:
        return resolve(urlsplit(url).path).view_name
    except Resolver404:
        return ""


def within(here: str, link: str) -> str:
    """The address of a link to a page of the product; "" for any other."""
    if link.startswith(("#", "tel:", "mailto:", "http:", "https:", "javascript:", "data:")):
        return ""
    return urljoin(here, link).partition("#")[0]


def inside(page: Page) -> list[str]:
    """Names of the inside that a page shows."""
    shown = [name for name in _INSIDE if name in page.words]
    return shown + _KEY.findall(page.words)


class Walk:
    """A walk of one person."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.opened: Counter[str] = Counter()
        self.sent: Counter[tuple[str, str]] = Counter()
        self.faults: list[str] = []

    def pages(self, start: str) -> Iterator[tuple[str, Page]]:
        """Every page that can be reached by links."""
        waiting, seen = [(start, "the start")], {start}
        while waiting:
            url, source = waiting.pop(0)
            name = name_of(url)
            if not name or LEFT_OUT.match(name) or self.opened[name] >= EACH:
                continue
            self.opened[name] += 1
            with undone():
                answer = self.browser.get(url, follow=True)
            if answer.status_code in REFUSALS:
                self.faults.append(f"{source} links to {url}: {answer.status_code}")
                continue
            if "html" not in answer.get("Content-Type", "") or answer.streaming:
                continue
            here = answer.request["PATH_INFO"]
            page = Page(answer.content.decode())
            yield here, page
            for link in page.links:
                target = within(here, link)
                if target and target not in seen:
                    seen.add(target)
                    waiting.append((target, here))

    def send(self, here: str, form: PageForm) -> None:
        """Send a form with nothing but what it holds; the answer may be a sentence, no refusal."""
        for way in form.ways():
            url = within(here, way.action or here)
            name = name_of(url)
            if way.method != "post" or not name or LEFT_OUT.match(name):
                continue
            act = name, f"{way.name}={way.value}" if len(way.value) < 12 else way.name
            if self.sent[act] >= EACH:
                continue
            self.sent[act] += 1
            given = {key: value for key, value in [*form.fields, (way.name, way.value)] if value}
            with undone():
                answer = self.browser.post(url, given)
            if answer.status_code in REFUSALS:
                self.faults.append(f"{here} has a form to {url} {act[1]}: {answer.status_code}")
            elif "html" in answer.get("Content-Type", "") and not answer.streaming:
                for word in inside(Page(answer.content.decode())):
                    self.faults.append(f"{url} answers with {word!r}")


def check(here: str, page: Page) -> list[str]:
    """Tokens in addresses, and names of the inside."""
    found = [
        f"{here}: a form sent by GET carries a token"
        for form in page.forms
        if any(way.method == "get" for way in form.ways())
        and any(name == "csrfmiddlewaretoken" for name, _value in form.fields)
    ]
    return found + [f"{here} shows {word!r}" for word in inside(page)]


@pytest.mark.parametrize("role", ROLES)
def test_it_offers_nothing_that_it_refuses(
    role: str, world: World, browse: Browse, request: pytest.FixtureRequest
) -> None:
    walk = Walk(browse(request.getfixturevalue(role)))
    for here, page in walk.pages("/"):
        walk.faults += check(here, page)
        for form in page.forms:
            walk.send(here, form)
    assert len(walk.opened) > 3, "the walk went nowhere"
    assert walk.faults == [], "\n".join(walk.faults)


def test_it_finds_a_token_in_an_address() -> None:
    form = '<form method="get"><input name="csrfmiddlewaretoken" value="x"></form>'
    button = '<form method="post"><input name="csrfmiddlewaretoken"><button formmethod="get">'
    for html in (form, button):
        assert check("/", Page(html))


def test_it_finds_names_of_the_inside() -> None:
    assert inside(Page("<p>policy contact_gap_days is wrong</p>")) == ["contact_gap_days"]
    assert inside(Page("<p>violates callback_occurrence</p>"))
    assert not inside(Page('<p class="a_b">All is well</p><script>a_b</script>'))
