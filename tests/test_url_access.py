"""Who gets what at every address of the product.

The walk goes over the whole URLconf, so an address is covered the day it is added: one without an
entry in ``ADDRESSES`` fails. Each is asked by GET and by POST as the owner (the control: never
404), a colleague, a stranger from another branch, compliance, operations and anonymous. The
administration is walked table by table in ``tests/crm/test_admin.py``.
"""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.urls import URLPattern, get_resolver
from django.utils import timezone

from clients.documents.services import add as add_document
from clients.models import (
    BulkChange,
    Client,
    ClientExport,
    ClientImport,
    ClientMerge,
    Consent,
    ContactPerson,
    FigureImport,
    HandOver,
    Phone,
    Segment,
    Tag,
)
from crm.models import Job, JobFile, SavedView
from crm.trading_days import today
from pipeline.capture.qr_codes import make as make_link
from pipeline.models import Campaign, Channel, ChannelEntry, Invitation
from staff.models import Absence, Branch, Employee
from tests.factories import (
    CallbackFactory,
    ClientFactory,
    FundAccountFactory,
    NotificationFactory,
    OpportunityFactory,
    VisitFactory,
)
from visits.models import CallbackChange, Digest, Endpoint, Occasion, Script

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class World:
    """What the addresses may speak of; all of it is the manager's."""

    client: uuid.UUID
    phone: int
    callback: uuid.UUID
    asked: uuid.UUID
    appointment: uuid.UUID
    visit: uuid.UUID
    opportunity: uuid.UUID
    notification: int
    document: uuid.UUID
    hand_over: int
    absence: int
    occasion: int
    twin: uuid.UUID
    merge: int
    contact: int
    bulk: int
    view: int
    consent: int
    account: int
    figures: uuid.UUID
    job: uuid.UUID
    job_file: int
    batch: uuid.UUID
    export: uuid.UUID
    firm_script: int
    script: int
    segment: int
    address: int
    digest: int
    link: int
    channel: int
    channel_entry: int
    campaign: uuid.UUID
    invitation: int


@pytest.fixture
def world(
    settings: Any,
    tmp_path: Any,
    manager: Employee,
    zhang: Client,
    zhou: Client,
    branch: Branch,
    head: Employee,
) -> World:
    phone = Phone(client=zhang, valid_from=today())
    phone.set_number("+8613812345678")
    phone.save()
    job = Job.objects.create(kind="none", title="Export", employee=manager)
    settings.MEDIA_ROOT = tmp_path
    tag = Tag.objects.create(name="打新", branch=branch)
    consent = Consent.objects.create(
        client=zhang,
        purpose="service",
        channel="phone",
        given_on=today(),
        proof="协议",
        recorded_by=manager,
    )
    address = Endpoint(employee=manager, kind="webhook", label="群")
    address.set_url("jsons://example.com/x")
    address.save()
    digest = Digest.objects.create(
        employee=manager, day=today(), slot="08:30", channel="email", status="failed"
    )
    channel = Channel.objects.create(name="工行", kind="bank", branch=branch)
    entry = ChannelEntry.objects.create(channel=channel, employee=manager, on=today(), visits=1)
    campaign = Campaign.objects.create(
        name="报告会",
        branch=branch,
        starts_at=timezone.now(),
        ends_at=timezone.now() + timedelta(hours=2),
        created_by=head,
    )
    invitation = Invitation.objects.create(
        campaign=campaign, client=zhang, invited_by=manager, invited_on=today()
    )
    asked = CallbackFactory(client=zhang, kind="event", occurrence="asked")
    CallbackChange.objects.create(
        callback=asked,
        action=CallbackChange.Action.ASKED,
        old_due_on=asked.due_on,
        new_due_on=asked.due_on + timedelta(days=120),
        reason="客户出国",
        employee=manager,
    )
    return World(
        asked=asked.public_id,
        channel=channel.pk,
        channel_entry=entry.pk,
        campaign=campaign.public_id,
        invitation=invitation.pk,
        address=address.pk,
        digest=digest.pk,
        link=make_link(employee=manager, valid_until=today()).pk,
        consent=consent.pk,
        twin=zhou.public_id,
        merge=ClientMerge.objects.create(
            survivor=zhang,
            merged=ClientFactory(manager=manager, merged_into=zhang),
            version=zhang.version,
            undone_at=timezone.now(),
            employee=manager,
        ).pk,
        absence=Absence.objects.create(
            employee=manager, starts_on=today(), ends_on=today(), reason="年假", entered_by=manager
        ).pk,
        occasion=Occasion.objects.create(
            client=zhang, kind="event", happened_on=today(), source_key="event"
        ).pk,
        hand_over=HandOver.objects.create(
            origin=manager, effective_on=today(), reason="调岗", asked_by=manager
        ).pk,
        document=add_document(
            client=zhang,
            kind="identity",
            title="",
            by=manager,
            file=ContentFile(b"\xff\xd8\xff\xe0photo\xff\xd9", name="a.jpg"),
        ).public_id,
        contact=ContactPerson.objects.create(
            client=zhang, name="李秘书", role="proxy", valid_from=today()
        ).pk,
        bulk=BulkChange.objects.create(action="tag", tag=tag, employee=manager).pk,
        view=SavedView.objects.create(owner=manager, page="clients", name="VIP", query="").pk,
        account=FundAccountFactory(client=zhang).pk,
        figures=FigureImport.objects.create(by=head, branch=branch, dry_run=True).public_id,
        batch=ClientImport.objects.create(
            name="a.csv",
            employee=head,
            branch=branch,
            detected={"header": [], "samples": [], "targets": []},
        ).public_id,
        export=ClientExport.objects.create(
            employee=manager,
            branch=branch,
            format="csv",
            reason="年检",
            row_count=1,
            state="waiting",
        ).public_id,
        job=job.public_id,
        job_file=JobFile.objects.create(job=job, name="a.csv", file="none", size=1).pk,
        phone=phone.pk,
        client=zhang.public_id,
        callback=CallbackFactory(client=zhang).public_id,
        appointment=CallbackFactory(
            client=zhang, kind="appointment", starts_at=timezone.now(), minutes=30
        ).public_id,
        visit=VisitFactory(client=zhang, suggestions="早点来电").public_id,
        opportunity=OpportunityFactory(client=zhou).public_id,
        notification=NotificationFactory(employee=manager).pk,
        firm_script=Script.objects.get(key="new_account").pk,
        script=Script.objects.create(key="own", name_zh="本部话术", branch=branch).pk,
        segment=Segment.objects.create(key="own", name_zh="本部客户", branch=branch).pk,
    )


@dataclass(frozen=True)
class Address:
    """How to ask one address.

    ``row`` makes the arguments; an address with a row is hidden from whoever may not see the row.
    ``readers``: compliance of the branch may read it. ``open``: it answers before login.
    ``owner``: of the cast, who is meant to use it. ``near``: who may read the row besides.
    """

    row: Callable[[World], dict[str, Any]] | None = None
    readers: bool = True
    open: bool = False
    owner: str = "manager"
    near: frozenset[str] = frozenset()


def of_client(world: World) -> dict[str, Any]:
    return {"public_id": world.client}


def of_phone(world: World) -> dict[str, Any]:
    return {"public_id": world.client, "kind": "phone", "pk": world.phone}


def of_import(world: World) -> dict[str, Any]:
    return {"public_id": world.batch}


def of_callback(world: World) -> dict[str, Any]:
    return {"public_id": world.callback}


def of_asked(world: World) -> dict[str, Any]:
    return {"public_id": world.asked}


def of_appointment(world: World) -> dict[str, Any]:
    return {"public_id": world.appointment}


def of_visit(world: World) -> dict[str, Any]:
    return {"public_id": world.visit}


def of_opportunity(world: World) -> dict[str, Any]:
    return {"public_id": world.opportunity}


def of_assessment(world: World) -> dict[str, Any]:
    return {**of_opportunity(world), "which": "value"}


def of_document(world: World) -> dict[str, Any]:
    return {"public_id": world.client, "key": world.document}


def of_notification(world: World) -> dict[str, Any]:
    return {"pk": world.notification}


def of_script(world: World) -> dict[str, Any]:
    return {"pk": world.script}


def of_firm_script(world: World) -> dict[str, Any]:
    return {"pk": world.firm_script}


def of_segment(world: World) -> dict[str, Any]:
    return {"pk": world.segment}


def of_figures(world: World) -> dict[str, Any]:
    return {"public_id": world.figures}


def of_channel(world: World) -> dict[str, Any]:
    return {"pk": world.channel}


def of_campaign(world: World) -> dict[str, Any]:
    return {"public_id": world.campaign}


def of_invitation(world: World) -> dict[str, Any]:
    return {"pk": world.invitation}


# Scripts and plans of a branch are read by all who work there, those of the firm by everyone.
BRANCH = frozenset({"colleague", "operations"})
FIRM = BRANCH | {"stranger"}

# Shows what the asking person may see; nobody is turned away, and no row is named.
OWN_LIST = Address()

ADDRESSES: dict[str, Address] = {
    "home": OWN_LIST,
    "staff:me": OWN_LIST,
    "staff:set_language": Address(open=True),  # the switch stands on the login page too
    "staff:set_theme": OWN_LIST,
    "staff:notifications": OWN_LIST,
    "staff:mark_all_read": OWN_LIST,
    "staff:unread": OWN_LIST,
    "staff:absences": OWN_LIST,
    "staff:enter_absence": OWN_LIST,
    "staff:cancel_absence": Address(lambda world: {"pk": world.absence}, readers=False),
    "staff:jobs": OWN_LIST,
    "staff:job": Address(lambda world: {"public_id": world.job}, readers=False),
    "staff:cancel_job": Address(lambda world: {"public_id": world.job}, readers=False),
    "staff:job_file": Address(
        lambda world: {"public_id": world.job, "pk": world.job_file}, readers=False
    ),
    "staff:open_notification": Address(of_notification, readers=False),
    "clients:list": OWN_LIST,
    "clients:filters": OWN_LIST,
    "clients:search": OWN_LIST,
    "clients:create": OWN_LIST,
    "clients:detail": Address(of_client),
    "clients:history": Address(of_client),
    "clients:stream": Address(of_client),
    "clients:panel": Address(lambda world: {"public_id": world.client, "key": "clients.relations"}),
    "clients:row": Address(lambda world: {"public_id": world.client, "key": "notes"}),
    "clients:documents": Address(of_client),
    "clients:add_document": Address(of_client),
    "clients:document_file": Address(of_document),
    "clients:void_document": Address(of_document),
    "clients:relations": Address(of_client),
    "clients:relate": Address(of_client),
    "clients:unrelate": Address(of_client),
    "clients:add_contact": Address(of_client),
    "clients:end_contact": Address(lambda world: {"public_id": world.client, "pk": world.contact}),
    "visits:household": Address(of_client),
    "clients:change_many": OWN_LIST,
    "clients:undo_many": Address(lambda world: {"pk": world.bulk}, readers=False),
    "clients:save_view": OWN_LIST,
    "clients:delete_view": Address(lambda world: {"pk": world.view}, readers=False),
    "clients:hand_overs": OWN_LIST,
    "clients:ask_hand_over": OWN_LIST,
    "clients:hand_over": Address(lambda world: {"pk": world.hand_over}),
    "clients:decide_hand_over": Address(lambda world: {"pk": world.hand_over}, owner="head"),
    "clients:duplicates": OWN_LIST,
    "clients:pair": Address(
        lambda world: {"left": world.client, "right": world.twin}, readers=False
    ),
    "clients:undo_merge": Address(lambda world: {"pk": world.merge}, readers=False),
    "clients:imports": Address(owner="head"),
    "clients:import_file": Address(of_import, readers=False, owner="head"),
    "clients:start_import": Address(of_import, readers=False, owner="head"),
    "clients:undo_import": Address(of_import, readers=False, owner="head"),
    "clients:export": Address(owner="head"),
    "clients:exports": OWN_LIST,
    "clients:decide_export": Address(
        lambda world: {"public_id": world.export}, readers=False, owner="head"
    ),
    "clients:segments": OWN_LIST,
    "clients:add_segment": Address(owner="head"),
    "clients:edit_segment": Address(of_segment, owner="head", near=BRANCH),
    "clients:consents": Address(of_client),
    "clients:give_consent": Address(of_client),
    "clients:withdraw_consent": Address(
        lambda world: {"public_id": world.client, "pk": world.consent}
    ),
    "clients:set_wishes": Address(of_client),
    "clients:accounts": Address(of_client),
    "clients:add_account": Address(of_client),
    "clients:edit_account": Address(lambda world: {"public_id": world.client, "pk": world.account}),
    "clients:figure_imports": Address(owner="head"),
    # Operations of the branch read the reports, and load what they had checked themselves.
    "clients:figure_import": Address(of_figures, owner="head", near=frozenset({"operations"})),
    "clients:load_figures": Address(of_figures, owner="head", near=frozenset({"operations"})),
    "clients:edit": Address(of_client),
    "clients:segment": Address(of_client),
    "clients:manager": Address(of_client, owner="head"),  # heads alone hand clients over
    "clients:reveal": Address(of_phone),
    "visits:today": OWN_LIST,
    "visits:callbacks": OWN_LIST,
    "visits:callback_filters": OWN_LIST,
    "visits:change_callbacks": OWN_LIST,
    "visits:visit_filters": OWN_LIST,
    "visits:sheet": OWN_LIST,
    "visits:calendar": OWN_LIST,
    "visits:feed": OWN_LIST,
    "visits:move": Address(of_callback),
    "visits:reassign": Address(of_callback),
    "visits:appointment": Address(of_appointment),
    "visits:invitation": Address(of_appointment),
    "visits:mail_invitation": Address(of_appointment),
    "visits:book": Address(of_client),
    "visits:callback": Address(of_callback),
    "visits:draft": Address(of_callback),
    "visits:client_draft": Address(of_client),
    "visits:dial": Address(of_callback),
    "visits:call": Address(of_client),
    "visits:dial_client": Address(of_client),
    "visits:snooze": Address(of_callback),
    "visits:decide_snooze": Address(of_asked, owner="head"),
    "visits:cancel": Address(of_callback),
    "visits:why": Address(of_callback),
    "visits:occasions": Address(of_client),
    "visits:void_occasion": Address(lambda world: {"pk": world.occasion}),
    "visits:record": Address(of_client),
    "visits:plan_callback": Address(of_client),
    "visits:timeline": Address(of_client),
    "visits:list": OWN_LIST,
    "visits:visit": Address(of_visit),
    "visits:correct": Address(of_visit),
    "visits:suggestions": OWN_LIST,
    "visits:suggestion": Address(of_visit),
    "visits:lessons": OWN_LIST,
    "visits:wordings": Address(of_client),
    "visits:scripts": OWN_LIST,
    "visits:add_script": Address(owner="head"),
    "visits:script": Address(of_script, near=BRANCH),
    "visits:edit_script": Address(of_script, owner="head", near=BRANCH),
    "visits:copy_script": Address(of_firm_script, owner="head", near=FIRM),
    "visits:addresses": OWN_LIST,
    "visits:quiet_hours": OWN_LIST,
    "visits:test_address": Address(lambda world: {"pk": world.address}, readers=False),
    "visits:switch_address": Address(lambda world: {"pk": world.address}, readers=False),
    "visits:remove_address": Address(lambda world: {"pk": world.address}, readers=False),
    "visits:deliveries": OWN_LIST,
    "visits:retry_delivery": Address(lambda world: {"pk": world.digest}, readers=False),
    "visits:escalations": Address(owner="head"),
    "visits:plans": OWN_LIST,
    "visits:plan": Address(of_segment, owner="head", near=BRANCH),
    "pipeline:board": OWN_LIST,
    "pipeline:opportunities": OWN_LIST,
    "pipeline:calendar": OWN_LIST,
    "pipeline:column": OWN_LIST,
    "pipeline:create": Address(of_client),
    "pipeline:detail": Address(of_opportunity),
    "pipeline:edit": Address(of_opportunity),
    "pipeline:move": Address(of_opportunity),
    "pipeline:undo_move": Address(of_opportunity),
    "pipeline:drop": Address(of_opportunity),
    "pipeline:assess": Address(of_assessment),
    "pipeline:capture": OWN_LIST,
    "pipeline:origin": Address(of_client),
    "pipeline:qr": OWN_LIST,
    "pipeline:revoke_qr": Address(lambda world: {"pk": world.link}, readers=False),
    "pipeline:expiring": OWN_LIST,
    "pipeline:hold": Address(of_client, owner="head"),  # heads alone keep evidence
    "pipeline:next": OWN_LIST,
    "pipeline:next_why": Address(of_opportunity),
    "pipeline:next_release": Address(of_opportunity),
    "pipeline:ranking": Address(owner="head"),
    "pipeline:channels": OWN_LIST,
    "pipeline:create_channel": Address(owner="head"),
    "pipeline:enter_work": OWN_LIST,
    "pipeline:edit_work": Address(lambda world: {"pk": world.channel_entry}),
    "pipeline:channel": Address(of_channel, near=BRANCH),
    "pipeline:edit_channel": Address(of_channel, owner="head", near=BRANCH),
    "pipeline:close_channel": Address(of_channel, owner="head", near=BRANCH),
    "pipeline:leads": OWN_LIST,
    "pipeline:campaigns": OWN_LIST,
    "pipeline:create_campaign": Address(owner="head"),
    "pipeline:campaign": Address(of_campaign, near=BRANCH),
    "pipeline:edit_campaign": Address(of_campaign, owner="head", near=BRANCH),
    "pipeline:invite": Address(of_campaign, owner="head", near=BRANCH),
    "pipeline:hold_campaign": Address(of_campaign, owner="head", near=BRANCH),
    "pipeline:cancel_campaign": Address(of_campaign, owner="head", near=BRANCH),
    "pipeline:campaign_opened": Address(of_campaign, near=BRANCH),
    "pipeline:check_in": Address(of_campaign, near=BRANCH),
    "pipeline:walk_in": OWN_LIST,
    "pipeline:reply": Address(of_invitation),
    "pipeline:take_off": Address(of_invitation),
    "pipeline:invite_client": Address(of_client),
    "pipeline:check_in_client": Address(of_client),
    "pipeline:check_out_client": Address(of_client),
    "pipeline:referrals": OWN_LIST,
    "pipeline:thank": Address(of_client),
    "dashboards:board": OWN_LIST,
    "dashboards:conversion": OWN_LIST,
}

# Not walked here, each for a reason.
EXCEPTIONS = {
    "healthz": "asked by the machine that watches; answers without login and names nobody",
    "account_*": "login and passwords: django-allauth's own views, see tests/staff/sessions/test_login.py",
    "pipeline:public_form": "is for the public: holds its own secret; see tests/pipeline/capture/test_public_form.py",
    "visits:feed_file": "holds its own secret; see tests/visits/agenda/test_ical_feed.py",
    "compliance:*": "hidden from the manager; walked in tests/compliance/test_access.py",
    "staff:styleguide": "for administrators; see tests/staff/styleguide",
    "staff:runs": "for those who administer the firm; see tests/staff/test_runs.py",
    "staff:try_run": "for those who administer the firm; see tests/staff/test_runs.py",
    "staff:start_run": "for those who administer the firm; see tests/staff/test_runs.py",
    "admin:*": "walked table by table in tests/crm/test_admin.py",
}


def excepted(name: str) -> bool:
    return any(
        name.startswith(rule[:-1]) if rule.endswith("*") else name == rule for rule in EXCEPTIONS
    )


def walk(resolver: Any = None, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Names and patterns of all addresses, namespaces included."""
    for entry in (resolver or get_resolver("crm.urls")).url_patterns:
        if isinstance(entry, URLPattern):
            yield f"{space}{entry.name or entry.pattern}", entry
        else:
            yield from walk(entry, f"{space}{entry.namespace}:" if entry.namespace else space)


WALKED = sorted({name for name, _ in walk() if not excepted(name)})
METHODS = ("get", "post")
# A wrong method is no secret: the answer is the same for everyone and every row.
WRONG_METHOD = 405


def test_it_knows_every_address() -> None:
    unknown = [name for name in WALKED if name not in ADDRESSES]
    assert not unknown, f"add these to ADDRESSES in {__name__}: {unknown}"


def test_it_names_no_address_that_is_gone() -> None:
    assert sorted(set(ADDRESSES) - set(WALKED)) == []
