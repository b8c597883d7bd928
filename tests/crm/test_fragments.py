"""Fragments on the Jinja2 backend: escaped, translated, and strict about names."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.template import Context, Template, TemplateDoesNotExist
from django.utils.translation import override
from django.utils.translation.template import templatize
from jinja2 import UndefinedError

from clients.directory.table import Row as ClientRow
from clients.file.head import Badge, Fact
from clients.file.rows import Shown as Row
from clients.file.selectors import Number
from clients.file.tabs import Tab
from crm.fragments import fragment
from crm.month_grid import GridDay
from crm.shares import Share
from crm.tables import Cell
from crm.timeline import Chip, Entry
from pipeline.board.calendar import Card as DayCard
from pipeline.board.calendar import Day
from pipeline.board.cards import Card
from pipeline.board.facts import Figures
from pipeline.board.selectors import Column, Lane
from pipeline.models import Stage
from visits.contacts.selectors import Choice, StepChoice
from visits.lists.rows import CallbackRow
from visits.scripts.talking_points import Help

FOLDER = settings.BASE_DIR / "templates" / "jinja2"
NAMES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.html"))
BAD = "<b>"
CONTROL = {"name": BAD, "id": BAD, "value": BAD, "invalid": False, "kind": BAD}
CARD = Card(BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, True, BAD, BAD, "late")
COLUMN = Column(
    key=BAD,
    name=BAD,
    stage=Stage(key=BAD),
    figures=Figures(),
    amount=BAD,
    cards=[CARD],
    list_url=BAD,
    more=1,
    more_url=BAD,
)
LANE = Lane(BAD, BAD, Figures(), [COLUMN])
DAY = Day(
    GridDay(date(2026, 1, 5), inside=True, trades=True, today=False, past=True),
    list_url=BAD,
    figures=Figures(2),
    cards=[DayCard(BAD, BAD, BAD, BAD, BAD)],
)
ROW = CallbackRow(
    pk=1,
    public_id=UUID(int=1),
    kind=BAD,
    status="done",
    due_on=date(2026, 1, 5),
    done_on=date(2026, 1, 5),
    over_capacity=False,
    is_backlog=False,
    client=BAD,
    client_title="",
    client_key=UUID(int=2),
    assets=Decimal(1),
    segment_zh=BAD,
    segment_en=BAD,
    full_name=BAD,
    username=BAD,
)
# Every fragment with "<b>" wherever a text is put in.
STEP = SimpleNamespace(
    pk=1,
    position=2,
    if_step=1,
    if_text=BAD,
    if_values=[BAD],
    title=BAD,
    what=BAD,
    said=BAD,
    answer="choice",
    choices=[(BAD, BAD)],
)
CONTEXTS: dict[str, dict[str, Any]] = {
    "clients/directory/hits.html": {
        "text": "",
        "icons": BAD,
        "places": [SimpleNamespace(url=BAD, icon=BAD, label=BAD)],
        "hits": [
            SimpleNamespace(
                salutation=BAD,
                get_absolute_url=lambda: BAD,
                get_lifecycle_display=lambda: BAD,
            )
        ],
    },
    "clients/directory/rows.html": {
        "rows": [
            ClientRow(
                url=BAD,
                key=BAD,
                name=BAD,
                before=BAD,
                after=BAD,
                mark=BAD,
                assets=BAD,
                cells=[(BAD, BAD, Cell(BAD, BAD, BAD)), ("", "", Cell(BAD))],
                acts=[(BAD, BAD, BAD)],
                go=(BAD, BAD),
            )
        ],
        "selectable": True,
        "icons": BAD,
    },
    "clients/file/chips.html": {
        "chips": [Chip(BAD, BAD, True)],
        "finer": [Chip(BAD, BAD, True)],
        "icons": BAD,
    },
    "clients/file/details.html": {
        "numbers": [Number(BAD, 1, BAD, BAD, BAD, True)],
        "rows": [Row(BAD, BAD, BAD, BAD, BAD)],
        "facts": [SimpleNamespace(label=BAD, text=BAD)],
        "editable": True,
        "here": BAD,
        "token": BAD,
        "icons": BAD,
    },
    "clients/file/entries.html": {
        "icons": BAD,
        "entries": [
            Entry(
                datetime(2026, 6, 1, tzinfo=UTC),
                BAD,
                1,
                BAD,
                BAD,
                text,
                BAD,
                BAD,
                True,
                BAD,
                ((BAD, BAD),),
                (BAD,),
            )
            for text in (BAD, BAD * 50)
        ],
    },
    "clients/file/facts.html": {
        "head": {
            "facts": [
                Fact(BAD, BAD, BAD, BAD, BAD, url, Badge(BAD, BAD), BAD, BAD, BAD)
                for url in (BAD, "")
            ],
            "consents": [Badge(BAD, BAD)],
        },
        "tabs": [Tab(BAD, BAD, BAD, 1, True)],
        "icons": BAD,
    },
    "clients/file/name.html": {
        "head": {
            "name": (BAD, BAD, BAD),
            "about": BAD,
            "badges": [Badge(BAD, BAD)],
            "consents": [Badge(BAD, BAD)],
            "hours": BAD,
        },
        "phone": BAD,
        "icons": BAD,
    },
    "clients/file/rows.html": {
        "rows": [Row(BAD, BAD, BAD, BAD, BAD)],
        "editable": True,
        "focused": True,
        "icons": BAD,
    },
    "clients/file/revealed.html": {"number": BAD},
    "components/checks.html": {"name": BAD, "choices": [(BAD, BAD)], "given": {BAD}},
    "components/control.html": {"control": CONTROL},
    "components/places.html": {
        "icons": BAD,
        "sections": [
            SimpleNamespace(
                key=BAD,
                title=BAD,
                is_open=True,
                places=[
                    SimpleNamespace(
                        url=BAD,
                        icon=BAD,
                        label=BAD,
                        active=False,
                        count=SimpleNamespace(number=1, late=True, text=BAD),
                    )
                ],
            )
        ],
    },
    "components/detail.html": {
        "control": CONTROL | {"kind": "select", "choices": [(BAD, BAD)]},
        "label": BAD,
        "error": BAD,
        "help_text": "",
    },
    "components/fold.html": {"summary": BAD, "body": BAD, "opened": True},
    "components/fields.html": {"fields": [(BAD, CONTROL)]},
    "components/form_buttons.html": {"submit_label": BAD, "cancel_url": BAD},
    "components/options.html": {"rows": [(BAD, BAD)], "chosen": BAD},
    "components/radios.html": {"name": BAD, "choices": [(BAD, BAD)], "given": BAD},
    "pipeline/board/cards.html": {
        "cards": [CARD],
        "stage": BAD,
        "list_url": BAD,
        "more_url": BAD,
    },
    "pipeline/board/days.html": {"days": [DAY]},
    "pipeline/board/lanes.html": {"lanes": [LANE], "in_lanes": True, "level": BAD, "here": BAD},
    "pipeline/board/moved.html": {"card": CARD, "stage": BAD, "heads": [COLUMN], "level": BAD},
    "pipeline/tabs.html": {
        "tabs": "",
        "path": BAD,
        "board": BAD,
        "captures": True,
        "figures": True,
    },
    "visits/contacts/next_steps.html": {
        "steps": [StepChoice(BAD, BAD, BAD)],
        "chosen": BAD,
    },
    "visits/lists/callbacks.html": {
        "rows": [ROW, ROW._replace(status="open", due_on=date(2026, 1, 2))],
        "day": date(2026, 1, 5),
        "icons": BAD,
        "managers": True,
        "selectable": True,
    },
    "visits/contacts/outcomes.html": {
        "choices": [Choice(1, BAD, BAD, BAD, BAD, BAD, is_wrong_number=True, reached=True)],
        "chosen": BAD,
        "reached": BAD,
        "missed": BAD,
    },
    "visits/scripts/steps.html": {"steps": [(STEP, BAD)], "answers": True, "marks": True},
    "visits/snoozing/presets.html": {
        "presets": [SimpleNamespace(key=BAD, label=BAD, when=BAD)],
    },
    "visits/scripts/helps.html": {"rows": [Help(BAD, BAD, Share(40, 20, 20))]},
}


def test_every_fragment_is_among_those_looked_at() -> None:
    assert [name for name in NAMES if not name.rpartition("/")[2].startswith("_")] == sorted(
        CONTEXTS
    )


@pytest.mark.parametrize("name", CONTEXTS)
def test_it_escapes_what_people_wrote(name: str) -> None:
    html = fragment(name, **CONTEXTS[name])
    assert "&lt;b&gt;" in html
    assert BAD not in html


def test_a_text_of_several_lines_and_an_error_are_escaped() -> None:
    html = fragment("components/control.html", control=CONTROL | {"kind": "textarea"})
    assert "\n&lt;b&gt;</textarea>" in html


def test_it_draws_within_a_template_of_django() -> None:
    drawn = Template('{% load fragments %}{% fragment "clients/file/revealed.html" number=n %}')
    assert drawn.render(Context({"n": "1 < 2"})) == "<strong>1 &lt; 2</strong>"


def test_it_speaks_the_language_in_use() -> None:
    """Also in macros, whose words are looked up anew for each drawing."""
    said = {}
    for language in ("en", "zh-hans", "en"):
        with override(language):
            said[language] = fragment(
                "pipeline/board/lanes.html", lanes=[LANE], in_lanes=False, level=2, here=""
            )
    assert "Move to…" in said["en"]
    assert "Move to…" not in said["zh-hans"]


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        fragment("clients/file/revealed.html")
    with pytest.raises(TemplateDoesNotExist):
        fragment("clients/file/none.html")


@pytest.mark.parametrize("name", NAMES)
def test_its_texts_are_found_by_makemessages(name: str) -> None:
    """Which reads templates as Django's: ``_()`` first in ``{{ }}`` or anywhere in ``{% %}``."""
    source = (FOLDER / name).read_text(encoding="utf-8")
    wanted = re.findall(r"\b_\((?:\"[^\"]*\"|'[^']*')\)", source)
    found = re.findall(r"\b_\((?:\"[^\"]*\"|'[^']*')\)", templatize(source))
    assert found == wanted
    assert len(wanted) == source.count("_(")
    assert not re.search(r"{%-?\s*(trans|translate|blocktrans|blocktranslate)\b", source)
    assert not re.search(r"\b(n|p|np)gettext\(", source)
