"""Starting, reading and changing an opportunity; what other rooms' pages show of it."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from clients.models import Client
from crm import panels, timeline
from crm.trading_days import today
from pipeline.models import Opportunity, Stage
from pipeline.opportunities.services import create_opportunity, move
from staff.models import Employee
from tests.cast import Browse
from tests.factories import ClientFactory, OpportunityFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def opportunity(zhou: Client) -> Opportunity:
    return OpportunityFactory(client=zhou)


def start_url(client: Client) -> str:
    return f"/clients/{client.public_id}/opportunity/"


def test_it_starts(browse: Browse, manager: Employee, zhou: Client) -> None:
    browser = browse(manager)
    assert browser.get(start_url(zhou)).status_code == 200
    data = {"amount": "500000", "next_step": "Call", "next_step_on": today().isoformat()}
    answer = browser.post(start_url(zhou), data)
    made = Opportunity.objects.get()
    assert answer["Location"] == made.get_absolute_url()
    assert (made.client, made.amount, made.stage.key) == (zhou, Decimal(500_000), "new")


def test_started_twice_it_is_one(browse: Browse, manager: Employee, zhou: Client) -> None:
    browser = browse(manager)
    browser.post(start_url(zhou), {})
    assert browser.post(start_url(zhou), {}).status_code == 422
    assert Opportunity.objects.count() == 1


def test_a_client_chooses_the_kind(browse: Browse, manager: Employee, zhang: Client) -> None:
    browser = browse(manager)
    offered = browser.get(start_url(zhang)).context["form"].fields["kind"].widget.choices
    assert [value for value, _label in offered] == [
        "custody_transfer",
        "sale",
        "reactivation",
        "referral",
    ]
    assert browser.post(start_url(zhang), {}).status_code == 422
    assert browser.post(start_url(zhang), {"kind": "sale"}).status_code == 302
    assert Opportunity.objects.get().stage.key == "sale_need"


@pytest.mark.parametrize("kind", ["account_opening", "nonsense", "sale\x00"])
def test_a_forged_kind_is_refused(
    browse: Browse, manager: Employee, zhang: Client, kind: str
) -> None:
    answer = browse(manager).post(start_url(zhang), {"kind": kind})
    assert answer.status_code == 422
    assert answer.context["form"].errors["kind"]
    assert not Opportunity.objects.exists()


def test_a_closed_client_starts_nothing(browse: Browse, manager: Employee, zhang: Client) -> None:
    Client.objects.filter(pk=zhang.pk).update(lifecycle="closed", opened_on=None)
    browser = browse(manager)
    assert b"<form" not in browser.get(start_url(zhang)).content.split(b"<main")[1]
    assert browser.post(start_url(zhang), {"kind": "sale"}).status_code == 422
    assert not Opportunity.objects.exists()


@pytest.mark.parametrize(
    "data",
    [
        {"amount": "-1"},
        {"amount": "many"},
        {"expected_on": "soon"},
        {"next_step_on": "2026-11-30"},
        {"next_step": "x" * 121},
    ],
)
def test_bad_input_starts_nothing(
    browse: Browse, manager: Employee, zhou: Client, data: dict[str, str]
) -> None:
    assert browse(manager).post(start_url(zhou), data).status_code == 422
    assert not Opportunity.objects.exists()


@pytest.mark.parametrize(
    ("person", "status"), [("stranger", 404), ("colleague", 404), ("compliance", 403)]
)
def test_starting_keeps_to_the_scope(
    browse: Browse, zhou: Client, person: str, status: int, request: pytest.FixtureRequest
) -> None:
    browser = browse(request.getfixturevalue(person))
    assert browser.post(start_url(zhou), {}).status_code == status
    assert browser.put(start_url(zhou)).status_code == 405
    assert not Opportunity.objects.exists()


def test_the_file_shows_the_way(browse: Browse, manager: Employee, zhou: Client) -> None:
    row = create_opportunity(client=zhou, by=manager, next_step="约面谈")
    move(opportunity=row, stage=Stage.objects.get(key="interested"), by=manager, version=1)
    answer = browse(manager).get(row.get_absolute_url())
    text = answer.content.decode()
    assert "约面谈" in text
    assert [step.to_stage.key for step in answer.context["moves"]] == ["interested", "new"]
    assert "/move/" in text


def test_compliance_reads_the_file(
    browse: Browse, compliance: Employee, opportunity: Opportunity
) -> None:
    browser = browse(compliance)
    answer = browser.get(opportunity.get_absolute_url())
    assert answer.status_code == 200
    assert "/move/" not in answer.content.decode()
    assert browser.post(opportunity.get_absolute_url()).status_code == 405


def edit_url(opportunity: Opportunity) -> str:
    return f"{opportunity.get_absolute_url()}edit/"


def test_it_is_edited(browse: Browse, manager: Employee, opportunity: Opportunity) -> None:
    browser = browse(manager)
    assert browser.get(edit_url(opportunity)).context["form"]["version"].value() == 1
    answer = browser.post(edit_url(opportunity), {"amount": "88", "version": 1})
    assert answer["Location"] == opportunity.get_absolute_url()
    opportunity.refresh_from_db()
    assert (opportunity.amount, opportunity.version) == (Decimal(88), 2)


def test_a_second_editor_is_told_and_loses_nothing(
    browse: Browse, manager: Employee, head: Employee, opportunity: Opportunity
) -> None:
    browse(head).post(edit_url(opportunity), {"next_step": "first", "version": 1})
    answer = browse(manager).post(edit_url(opportunity), {"next_step": "second", "version": 1})
    assert answer.status_code == 409
    assert 'value="second"' in answer.content.decode()
    opportunity.refresh_from_db()
    assert opportunity.next_step == "first"
    assert answer.context["form"]["version"].value() == "2"


@pytest.mark.parametrize("data", [{"version": "x"}, {}, {"version": 1, "amount": "x"}])
def test_bad_input_edits_nothing(
    browse: Browse, manager: Employee, opportunity: Opportunity, data: dict[str, Any]
) -> None:
    assert browse(manager).post(edit_url(opportunity), data).status_code == 422
    opportunity.refresh_from_db()
    assert opportunity.version == 1


@pytest.mark.parametrize(("person", "status"), [("stranger", 404), ("compliance", 403)])
def test_editing_keeps_to_the_scope(
    browse: Browse,
    opportunity: Opportunity,
    person: str,
    status: int,
    request: pytest.FixtureRequest,
) -> None:
    browser = browse(request.getfixturevalue(person))
    assert browser.post(edit_url(opportunity), {"version": 1}).status_code == status
    assert browser.put(edit_url(opportunity)).status_code == 405


def panel(frame: panels.Frame, viewer: Employee, subject: Any) -> tuple[dict[str, Any], int]:
    """Context of the pipeline's panel and how many statements it took."""
    request = RequestFactory().get("/")
    request.user = viewer
    assert viewer.branch_scope is not None  # read before, as the frame's own first line does
    own = {entry.key: entry for entry in panels._panels[frame].values()}["pipeline"]
    with CaptureQueriesContext(connection) as seen:
        context = own.context(request, subject)
    return context, len(seen)


def test_the_client_file_shows_the_way(manager: Employee, zhou: Client) -> None:
    row = create_opportunity(client=zhou, by=manager)
    move(opportunity=row, stage=Stage.objects.get(key="interested"), by=manager, version=1)
    row.refresh_from_db()
    context, statements = panel("client", manager, zhou)
    [found] = context["opportunities"]
    assert (found["stage"], found["url"]) == (str(row.stage), row.get_absolute_url())
    assert statements == 1
    entries, _rest = timeline.read(manager, zhou, "opportunity", "")
    names = [str(Stage.objects.get(key=key)) for key in ("interested", "new")]
    assert [entry.head.split(" · ")[0] for entry in entries] == names


def test_the_client_file_asks_once_where_there_is_no_way(manager: Employee, zhang: Client) -> None:
    context, statements = panel("client", manager, zhang)
    assert context["opportunities"] == []
    assert statements == 1


def test_the_client_file_keeps_to_the_scope(
    opportunity: Opportunity, stranger: Employee, zhou: Client
) -> None:
    assert panel("client", stranger, zhou)[0]["opportunities"] == []


def test_starting_is_offered_where_it_works(
    manager: Employee, compliance: Employee, zhou: Client, zhang: Client
) -> None:
    context, statements = panel("client_actions", manager, zhou)
    assert ([action.url for action in context["more"]], statements) == ([start_url(zhou)], 1)
    assert panel("client_actions", manager, zhang)[0]["more"][0].url == start_url(zhang)
    assert "more" not in panel("client_actions", compliance, zhou)[0]
    OpportunityFactory(client=zhou)
    # Read once a request, and each panel here has a request of its own.
    now = Client.objects.get(pk=zhou.pk)
    assert panel("client_actions", manager, now)[0]["step"] is None
    OpportunityFactory(client=zhou, kind="referral")
    now = Client.objects.get(pk=zhou.pk)
    assert "more" not in panel("client_actions", manager, now)[0]


def test_today_counts_the_opportunities_without_a_next_step(
    manager: Employee, colleague: Employee
) -> None:
    for who in (manager, colleague):
        for step in ("", "面谈"):
            day = today() if step else None
            client = ClientFactory(manager=who, prospect=True)
            OpportunityFactory(client=client, next_step=step, next_step_on=day)
    context, statements = panel("today_side", manager, None)
    assert (context["gaps"], context["gaps_url"]) == (
        1,
        f"/pipeline/list/?gap=1&manager={manager.pk}",
    )
    assert statements == 3
