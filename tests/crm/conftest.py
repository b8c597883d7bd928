"""One row of every table, for the walk of the administration."""

from datetime import time, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from clients.models import (
    Assignment,
    BulkChange,
    BulkChangeItem,
    Client,
    ClientExport,
    ClientImport,
    ClientMerge,
    ClientTag,
    Consent,
    ContactPerson,
    ContactPhone,
    DerivedProfile,
    Document,
    FigureDifference,
    FigureImport,
    FundAccount,
    HandOver,
    HandOverItem,
    Household,
    Identity,
    ImportedClient,
    Membership,
    NotDuplicate,
    Phone,
    RiskAssessment,
    Segment,
    SegmentChange,
    SegmentRule,
    Tag,
)
from compliance.models import (
    CaseStep,
    ExceptionCase,
    ReturnVisit,
    ReturnVisitor,
    ReturnVisitStep,
    YearEnd,
    YearEndClient,
)
from crm.models import AccessLog, Heartbeat, Holiday, Job, JobFile, SavedView, TickRun
from crm.trading_days import today
from pipeline.capture.qr_codes import make as make_link
from pipeline.models import (
    Assessment,
    CaptureEntry,
    Competitor,
    Lead,
    LostReason,
    Opportunity,
    PrivacyNotice,
    PurgedStatistic,
    PurgeRun,
    RankingModel,
    RankingOverride,
    RankingRate,
    RankingScore,
    RankingWeights,
    RetentionHold,
    StageMove,
)
from staff.models import Absence, Employee, Outage, Policy, Posting
from tests.campaigns import pipeline_rows
from tests.crm.tables import ACCOUNT, PAPER, PHONE
from tests.factories import (
    ASSESSED,
    CallbackFactory,
    FundAccountFactory,
    MonthlyFigureFactory,
    NotificationFactory,
    OpportunityFactory,
    VisitFactory,
)
from visits.models import (
    BannedPhrase,
    CalendarFeed,
    Callback,
    CallbackChange,
    CallbackPlan,
    Digest,
    Endpoint,
    Occasion,
    PhraseFlag,
    PlanningRun,
    QuietHours,
    Reminder,
    ReminderRun,
    ScriptStep,
    SuggestionReply,
    Trigger,
    VisitDraft,
)


@pytest.fixture
def rows(manager: Employee, zhang: Client, zhou: Client, segment: Segment) -> dict[str, Any]:
    """One row of every table, all of it of the Pudong branch or of the firm."""
    phone = Phone(client=zhang, valid_from=today())
    phone.set_number(PHONE)
    phone.save()
    paper = Identity(client=zhang, type=Identity.Type.ID_CARD, valid_from=today())
    paper.set_number(PAPER)
    paper.save()
    person = ContactPerson.objects.create(
        client=zhang, name="李秘书", role="proxy", valid_from=today()
    )
    contact_phone = ContactPhone(contact=person, valid_from=today())
    contact_phone.set_number(PHONE)
    contact_phone.save()
    callback = CallbackFactory(client=zhang)
    opportunity = OpportunityFactory(client=zhou)
    plan: Any = CallbackPlan.objects.get(segment=segment)
    assert manager.branch is not None
    rule = SegmentRule.objects.get(segment=segment)
    policy = Policy.objects.order_by("pk")[0]
    endpoint = Endpoint(employee=manager, kind="webhook", label="群")
    endpoint.set_url("jsons://example.com/secret-token")
    endpoint.save()
    digest = Digest.objects.create(
        employee=manager, day=today(), slot=time(8, 30), channel="email", status="sent"
    )
    made: list[Any] = [
        phone,
        paper,
        callback,
        opportunity,
        digest,
        manager,
        manager.branch,
        zhang,
        segment,
        rule,
        plan,
        policy,
        (visit := VisitFactory(client=zhang, callback=callback)),
        (phrase := BannedPhrase.objects.order_by("pk")[0]),
        PhraseFlag.objects.create(visit=visit, phrase=phrase),
        SuggestionReply.objects.create(visit=visit, state="answered", words="x", employee=manager),
        ReturnVisitor.objects.create(
            employee=manager, branch=manager.branch, valid_from=today(), named_by=manager
        ),
        (
            returning := ReturnVisit.objects.create(
                callback=CallbackFactory(
                    client=zhang, kind="compliance", confidential=True, employee=None
                ),
                reason="hand",
            )
        ),
        ReturnVisitStep.objects.create(return_visit=returning, action="planned"),
        (
            case := ExceptionCase.objects.create(
                visit=visit, client=zhang, concerned=manager, findings=[]
            )
        ),
        CaseStep.objects.create(case=case, action="opened"),
        (year_end := YearEnd.objects.create(year=2025)),
        YearEndClient.objects.create(year_end=year_end, client=zhang, branch=manager.branch),
        VisitDraft.objects.create(client=zhang, callback=callback, employee=manager),
        RiskAssessment.objects.create(
            client=zhang, grade="C2", assessed_on=today(), expires_on=today() + timedelta(700)
        ),
        SegmentChange.objects.create(client=zhang, segment=segment, rule=rule),
        Assignment.objects.get(client=zhang),
        (
            consent := Consent.objects.create(
                client=zhang,
                purpose="service",
                channel="phone",
                given_on=today(),
                proof="协议",
                recorded_by=manager,
            )
        ),
        (account := FundAccountFactory(client=zhang, number=ACCOUNT)),
        MonthlyFigureFactory(account=account),
        DerivedProfile.objects.create(
            client=zhang,
            as_of=today(),
            assets=1,
            idle_months=0,
            investment_size="small",
            activity="active",
        ),
        (figures := FigureImport.objects.create(branch=manager.branch, file_name="figures.csv")),
        FigureDifference.objects.create(report=figures, kind="missing", account=account),
        AccessLog.objects.create(
            employee=manager,
            action="dial",
            subject_type="callback",
            subject_id=callback.pk,
            client_id=zhang.pk,
            reason="callback",
        ),
        Heartbeat.objects.create(name="beat", beat_at=timezone.now()),
        TickRun.objects.create(name="crm.tasks.sweep_jobs", ran_at=timezone.now()),
        Holiday.objects.latest("day"),
        Posting.objects.create(employee=manager, branch=manager.branch, valid_from=today()),
        NotificationFactory(employee=manager),
        endpoint,
        QuietHours.objects.create(employee=manager, quiet_from=time(21), quiet_to=time(8)),
        Outage.objects.create(part="beat", silent_since=timezone.now(), noticed_at=timezone.now()),
        (
            absence := Absence.objects.create(
                employee=manager,
                starts_on=today(),
                ends_on=today(),
                reason="年假",
                entered_by=manager,
            )
        ),
        Occasion.objects.create(
            client=zhang, kind="event", happened_on=today(), source_key="event"
        ),
        (trigger := Trigger.objects.order_by("pk")[0]),
        JobFile.objects.create(
            job=(job := Job.objects.create(kind="none", title="Export", employee=manager)),
            name="clients.csv",
            file="none",
            size=1,
        ),
        job,
        SavedView.objects.create(owner=manager, page="clients", name="VIP", query="segment=1"),
        (tag := Tag.objects.create(name="打新")),
        ClientTag.objects.create(client=zhang, tag=tag, added_by=manager),
        (household := Household.objects.create(head=zhang)),
        Membership.objects.create(
            household=household, client=zhang, relation="head", valid_from=today()
        ),
        person,
        contact_phone,
        (
            batch := ClientImport.objects.create(
                name="a.csv", employee=manager, branch=manager.branch, detected={}
            )
        ),
        ImportedClient.objects.create(batch=batch, client=zhang, created=True, version=1),
        ClientExport.objects.create(
            employee=manager, branch=manager.branch, format="csv", reason="年检", row_count=1
        ),
        ClientMerge.objects.create(
            survivor=zhang, merged=zhou, version=zhang.version, employee=manager
        ),
        NotDuplicate.objects.create(
            first_id=min(zhang.pk, zhou.pk),
            second_id=max(zhang.pk, zhou.pk),
            reason="x",
            employee=manager,
        ),
        (
            handed := HandOver.objects.create(
                origin=manager, effective_on=today(), reason="调岗", asked_by=manager
            )
        ),
        HandOverItem.objects.create(hand_over=handed, client=zhang, receiver=manager),
        Document.objects.create(
            client=zhang,
            kind="other",
            name="a.jpg",
            content_type="image/jpeg",
            size=1,
            sha256="0",
            file="none",
            uploaded_by=manager,
        ),
        (bulk := BulkChange.objects.create(action="tag", tag=tag, employee=manager)),
        BulkChangeItem.objects.create(change=bulk, client=zhang),
        CallbackChange.objects.create(
            callback=callback, action="snoozed", reason="later", employee=manager
        ),
        Reminder.objects.create(
            callback=callback,
            employee=manager,
            due_on=today(),
            lead_days=0,
            channel="email",
            digest=digest,
        ),
        CalendarFeed.objects.create(employee=manager, made_at=timezone.now()),
        PlanningRun.objects.create(segment=segment, day=today(), sent_at=timezone.now()),
        ReminderRun.objects.create(
            segment=segment, day=today(), slot=time(8, 30), sent_at=timezone.now()
        ),
        StageMove.objects.create(
            opportunity=opportunity, to_stage=opportunity.stage, moved_on=today()
        ),
        (link := make_link(employee=manager, valid_until=today())),
        (notice := PrivacyNotice.objects.get(version=1)),
        CaptureEntry.objects.create(
            link=link, client=zhou, notice=notice, known=False, name="周婷"
        ),
        RetentionHold.objects.create(client=zhou, reason="x", placed_by=manager, placed_on=today()),
        PurgeRun.objects.create(on=today(), purged=1, kept=0),
        PurgedStatistic.objects.create(month=today(), branch=manager.branch, count=1),
        RankingRate.objects.create(kind="", closed=0, won=0, rate=0.5),
        RankingModel.objects.create(
            version=1, trained_on=today(), verdict="too_few", outcomes=0, won=0
        ),
        RankingWeights.objects.create(branch=manager.branch, reason="x", by=manager),
        RankingOverride.objects.create(
            opportunity=opportunity, direction=1, until=today(), reason="x", by=manager
        ),
        RankingScore.objects.create(
            opportunity=opportunity,
            branch=manager.branch,
            capital=1,
            capital_from="amount",
            probability=0.5,
            rate=0.5,
            rate_closed=0,
            rate_won=0,
            timing=1,
            timing_why="usual",
            score=1,
            day=today(),
            scored_at=timezone.now(),
        ),
        *pipeline_rows(manager, zhang, zhou),
        opportunity.stage,
        LostReason.objects.order_by("pk")[0],
        Competitor.objects.order_by("pk")[0],
        Assessment.objects.create(
            opportunity=opportunity,
            which="strategy",
            answers=ASSESSED["strategy"],
            by=manager,
            on=today(),
        ),
        plan.script,
        plan.script.current,
        ScriptStep.objects.order_by("version", "position")[0],
        apps.get_model("visits.Outcome").objects.get(key="talked"),
    ]
    # A change of each tracked row leaves an event.
    Client.objects.filter(pk=zhang.pk).update(notes="changed")
    Segment.objects.filter(pk=segment.pk).update(description_en="changed")
    SegmentRule.objects.filter(pk=rule.pk).update(priority=71)
    Assignment.objects.filter(client=zhang).update(reason="changed")
    Lead.objects.filter(client=zhou).update(channel=None)
    Consent.objects.filter(pk=consent.pk).update(proof="changed")
    FundAccount.objects.filter(pk=account.pk).update(source="changed")
    Employee.objects.filter(pk=manager.pk).update(certificate_number="S1")
    Policy.objects.filter(pk=policy.pk).update(citation="changed")
    CallbackPlan.objects.filter(pk=plan.pk).update(window_days=11)
    Absence.objects.filter(pk=absence.pk).update(reason="changed")
    Trigger.objects.filter(pk=trigger.pk).update(call_days=9)
    Callback.objects.filter(pk=callback.pk).update(due_on=today() + timedelta(1))
    Opportunity.objects.filter(pk=opportunity.pk).update(next_step="changed")
    tracked: list[Any] = [
        zhang,
        segment,
        rule,
        Assignment.objects.get(client=zhang),
        Lead.objects.get(client=zhou),
        manager,
        policy,
        plan,
        absence,
        trigger,
    ]
    made += [
        row.events.latest("pgh_id") for row in [*tracked, callback, opportunity, consent, account]
    ]
    return {row._meta.label_lower: row for row in made}
