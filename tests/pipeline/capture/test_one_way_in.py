""" "New client" and "new prospect" take down a person alike, and are offered to whom they answer."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest

from clients.models import Client
from crm import operations
from crm.trading_days import add, today
from pipeline.models import Lead, Opportunity
from staff.models import Employee
from tests.cast import Browse
from visits.models import Callback

pytestmark = pytest.mark.django_db

FORMS = ("/clients/new/", "/prospects/new/")
PERSON = {"name": "曾丽", "phone": "138 1234 1234", "source": "direct"}


def made(client: Client) -> dict[str, Any]:
    """What stands on record about somebody new, but for keys."""
    opportunity = Opportunity.objects.get(client=client)
    call = Callback.objects.get(client=client, kind="manual", status="open")
    lead = Lead.objects.get(client=client)
    return {
        "client": (client.name, client.lifecycle, client.source, client.manager, client.segment),
        "phones": [phone.number for phone in client.phones.all()],
        "opportunity": (opportunity.kind, opportunity.stage.key, opportunity.next_step),
        "call": (call.employee, call.due_on, call.reason),
        "agree": (opportunity.next_step_on, call.changes.get().employee),
        "lead": (lead.via, lead.employee, lead.on),
    }


def test_either_form_makes_the_same(browse: Browse, manager: Employee) -> None:
    found = []
    for address, extra in zip(
        FORMS, ({"kind": "person", "lifecycle": "prospect"}, {}), strict=True
    ):
        token = uuid4()
        data = {**PERSON, "token": token, "another": "on", **extra}
        assert browse(manager).post(address, data).status_code == 302, address
        found.append(made(Client.objects.get(public_id=token)))
    assert found[0] == found[1]
    assert found[0]["call"][1] == add(today(), 1)


@pytest.mark.parametrize("address", FORMS)
def test_either_form_shows_name_phone_and_source_and_folds_the_rest(
    address: str, browse: Browse, manager: Employee
) -> None:
    page = browse(manager).get(address).content.decode()
    form = page[page.index("data-once") :]
    head = form[: form.index("<details")]
    names = re.findall(r'name="(\w+)"', head)
    shown = [name for name in names if name not in {"csrfmiddlewaretoken", "token"}]
    assert shown == ["name", "phone", "source"]


@pytest.mark.parametrize(
    ("address", "wrong"),
    [
        (FORMS[0], {"kind": "person", "lifecycle": "client", "opened_on": ""}),
        (FORMS[1], {"agreed": "phone", "proof": ""}),
    ],
)
def test_what_is_wrong_further_down_is_unfolded(
    address: str, wrong: dict[str, str], browse: Browse, manager: Employee
) -> None:
    answer = browse(manager).post(address, {**PERSON, "token": uuid4(), **wrong})
    assert answer.status_code == 422
    assert re.search(r"<details[^>]* open", answer.content.decode())


def test_a_client_with_an_account_is_no_prospect(browse: Browse, manager: Employee) -> None:
    account = {"kind": "person", "lifecycle": "client", "opened_on": today().isoformat()}
    answer = browse(manager).post(FORMS[0], {**PERSON, "token": uuid4(), **account})
    assert answer.status_code == 302
    assert not Opportunity.objects.exists()
    assert not Lead.objects.exists()


def test_the_chosen_manager_makes_the_first_call(
    browse: Browse, head: Employee, manager: Employee
) -> None:
    data = {**PERSON, "token": uuid4(), "kind": "person", "lifecycle": "prospect"}
    assert browse(head).post(FORMS[0], {**data, "manager": manager.pk}).status_code == 302
    call = Callback.objects.get(kind="manual")
    assert (call.employee, call.changes.get().employee) == (manager, head)
    assert Lead.objects.get().employee == manager


def test_a_first_step_that_fails_records_nobody(
    browse: Browse, manager: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_event: object) -> None:
        raise operations_error

    operations_error = RuntimeError("no first step")
    monkeypatch.setitem(operations.prospect_recorded._parts, "pipeline", (30, fails))
    data = {**PERSON, "token": uuid4(), "kind": "person", "lifecycle": "prospect"}
    with pytest.raises(RuntimeError):
        browse(manager).post(FORMS[0], data)
    assert not Client.objects.exists()


@pytest.mark.parametrize(
    "role",
    ["manager", "colleague", "head", "regional_head", "compliance", "operations", "administrator"],
)
def test_whoever_is_offered_a_form_may_open_it(
    role: str, browse: Browse, request: pytest.FixtureRequest
) -> None:
    browser = browse(request.getfixturevalue(role))
    offered = set()
    for page in ("/pipeline/", "/pipeline/list/", "/clients/", "/today/"):
        answer = browser.get(page)
        if answer.status_code == 200:
            offered |= {form for form in FORMS if f'href="{form}"' in answer.content.decode()}
    for form in offered:
        assert browser.get(form).status_code == 200, f"{role} is offered {form}"
    if role in {"manager", "head"}:
        assert offered == set(FORMS)


@pytest.mark.parametrize("role", ["manager", "head", "compliance", "operations", "administrator"])
def test_pages_around_the_pipeline_lead_to_no_refusal(
    role: str, zhang: Client, browse: Browse, request: pytest.FixtureRequest
) -> None:
    browser = browse(request.getfixturevalue(role))
    for page in ("/today/", "/pipeline/", "/pipeline/next/", zhang.get_absolute_url()):
        answer = browser.get(page)
        if answer.status_code != 200:
            continue
        links = set(re.findall(r'<a[^>]* href="(/[^"#?]*)', answer.content.decode()))
        for link in sorted(links - {page}):
            if not link.startswith(("/admin/", "/static/")):
                assert browser.get(link).status_code not in {403, 405}, f"{link} on {page}"
