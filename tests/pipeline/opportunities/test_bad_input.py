"""Input that no page sends: answered with a sentence, never with an error of the server."""

import itertools
from typing import Any

import pytest
from django.urls import reverse

from staff.models import Employee
from tests.cast import Browse
from tests.test_url_access import ADDRESSES, World, world

__all__ = ["world"]

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
BAD = ["a\x00", "0001-01-01", "9999-12-31", "9" * 25, "²"]
TYPED = [*BAD, "0001-01-01T00:00", "-1", "NaN"]
_PEOPLE = ["manager", "branch"]
_PICKED = [
    "kind",
    "state",
    "type",
    "channel",
    "campaign",
    "lost_reason",
    "competitor",
    "gap",
    "q",
    "created_from",
    "created_to",
    "expected_from",
    "expected_to",
    "next_from",
    "next_to",
    *_PEOPLE,
]
_WAY = ["stage", "reached", "from", "to", "within", "entered", "lost_from", "scope"]
ASKED: dict[str, list[str]] = {
    "pipeline:board": [*_PICKED, "lanes", "page", "cursor"],
    "pipeline:opportunities": [*_PICKED, *_WAY, "sort", "cursor"],
    "pipeline:calendar": [*_PICKED, *_WAY, "by", "month"],
    "pipeline:column": [*_PICKED, "stage", "lanes", "cursor"],
    "pipeline:next": [*_PEOPLE, "cursor"],
    "pipeline:channels": ["from", "to", "closed", "cursor"],
    "pipeline:channel": ["from", "to", "cursor"],
    "pipeline:enter_work": ["channel"],
    "pipeline:leads": [*_PEOPLE, "channel", "campaign", "from", "to", "opened", "cursor"],
    "pipeline:campaigns": ["state", "cursor"],
    "pipeline:campaign": ["shown", "cursor"],
    "pipeline:campaign_opened": ["cursor"],
    "pipeline:invite": ["segment", "view"],
    "pipeline:check_in": ["q"],
    "pipeline:walk_in": ["campaign", "q"],
    "pipeline:referrals": [*_PEOPLE, "state", "cursor"],
    "pipeline:expiring": ["cursor"],
    "pipeline:capture": ["done"],
    "pipeline:qr": ["code"],
    "pipeline:create": ["kind"],
    "pipeline:move": ["stage", "back"],
    "pipeline:assess": ["stage"],
    "dashboards:board": _PEOPLE,
    "dashboards:conversion": [*_PICKED, "within", "by"],
}
FORMS: dict[str, list[str]] = {
    "pipeline:drop": ["stage", "version", "at", "back"],
    "pipeline:move": [
        "stage",
        "version",
        "back",
        "lost_reason",
        "lost_note",
        "competitor",
        "opened_on",
    ],
    "pipeline:edit": [
        "amount",
        "expected_on",
        "next_step",
        "next_step_on",
        "competitor",
        "version",
    ],
    "pipeline:create": ["kind", "amount", "expected_on", "next_step", "next_step_on", "competitor"],
    "pipeline:assess": ["capital", "funds", "note", "version", "stage"],
    "pipeline:next_why": ["direction", "until", "reason"],
    "pipeline:ranking": ["capital", "probability", "timing", "reason"],
    "pipeline:create_channel": ["name", "kind", "partner", "branch"],
    "pipeline:enter_work": ["channel", "on", "visits", "leaflets", "cost", "note"],
    "pipeline:create_campaign": [
        "name",
        "kind",
        "branch",
        "channel",
        "starts_at",
        "ends_at",
        "place",
        "capacity",
        "cost",
    ],
    "pipeline:edit_campaign": ["name", "starts_at", "ends_at", "version", "cost"],
    "pipeline:invite": ["segment", "view"],
    "pipeline:invite_client": ["campaign"],
    "pipeline:reply": ["reply"],
    "pipeline:cancel_campaign": ["reason"],
    "pipeline:check_in_client": ["campaign"],
    "pipeline:hold": ["act", "reason"],
    "pipeline:thank": ["how", "on", "note"],
}
GOOD: dict[str, dict[str, str]] = {
    "pipeline:drop": {"stage": "contacted", "version": "1"},
    "pipeline:move": {"stage": "contacted", "version": "1"},
    "pipeline:edit": {"version": "1", "next_step": "x"},
    "pipeline:enter_work": {"on": "2026-01-05", "visits": "1"},
    "pipeline:create_campaign": {
        "name": "沙龙",
        "kind": "event",
        "starts_at": "2026-06-10T14:00",
        "ends_at": "2026-06-10T16:00",
        "cost": "0",
    },
}


def url_of(name: str, world: World) -> str:
    address = ADDRESSES[name]
    return reverse(name, kwargs=address.row(world) if address.row else {})


@pytest.mark.parametrize("name", sorted(ASKED))
def test_an_address_that_nobody_links(
    name: str, world: World, browse: Browse, request: pytest.FixtureRequest
) -> None:
    owner: Employee = request.getfixturevalue(ADDRESSES[name].owner)
    browser, url = browse(owner), url_of(name, world)
    browser.raise_request_exception = False
    broken = [
        (parameter, value)
        for parameter, value in itertools.product(ASKED[name], BAD)
        if browser.get(url, {parameter: value}).status_code >= 500
    ]
    assert broken == []


@pytest.mark.parametrize("name", sorted(FORMS))
def test_a_form_that_no_page_sends(
    name: str, world: World, browse: Browse, head: Employee, request: pytest.FixtureRequest
) -> None:
    owner: Employee = request.getfixturevalue(ADDRESSES[name].owner)
    browser, url = browse(owner), url_of(name, world)
    browser.raise_request_exception = False
    good: dict[str, Any] = GOOD.get(name, {})
    broken = [
        (field, value)
        for field, value in itertools.product(FORMS[name], TYPED)
        if browser.post(url, {**good, field: value}).status_code >= 500
    ]
    assert broken == []


def test_a_number_in_an_address_may_be_long(browse: Browse, head: Employee) -> None:
    browser = browse(head)
    for url in ("/channels/{}/", "/channels/{}/edit/", "/channels/work/{}/"):
        assert browser.get(url.format("9" * 25)).status_code == 404
    for url in ("/invitations/{}/reply/", "/invitations/{}/remove/", "/channels/{}/close/"):
        assert browser.post(url.format("9" * 25)).status_code == 404
