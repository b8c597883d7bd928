"""Loading a demo firm, and emptying one: everything that migrations did not make."""

from collections.abc import Callable
from random import Random

from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection, transaction

from clients.figures.derive import derive
from clients.models import (
    Assignment,
    Client,
    ClientTag,
    Consent,
    ContactPerson,
    ContactPhone,
    Document,
    FundAccount,
    Household,
    Identity,
    Membership,
    MonthlyFigure,
    Phone,
    Segment,
    SegmentChange,
    SegmentRule,
    Tag,
)
from clients.segments.classification import classify
from compliance.models import YearEnd
from crm.database_roles import as_owner
from crm.statistics import analyze
from demo import liveliness
from demo.agenda import Calendar, schedule
from demo.bulk import check_keys, reserve_ids
from demo.campaigns import write_campaigns, write_channels, write_thanks
from demo.chances import write_chances
from demo.consents import write_consents, write_tags
from demo.contacts import write_contacts
from demo.desks import lay_out
from demo.figures import open_accounts, settle_activity, settle_tiers, write_figures
from demo.firm import build_firm
from demo.leads import write_leads
from demo.papers import write_papers
from demo.people import make_people
from demo.ranking import rank, remember_types
from demo.records import write_people
from demo.returns import plan_return_visits
from demo.scales import Scale
from demo.ties import tie, write_ties
from pipeline.models import (
    Assessment,
    Campaign,
    Channel,
    Invitation,
    Lead,
    Opportunity,
    RankingModel,
    StageMove,
)
from staff.models import Branch, Employee, Policy
from visits.models import Callback, CallbackPlan, Script, ScriptStep, ScriptVersion, Visit
from visits.planning.planner import plan_callbacks

SEED = 20260101
FILLED = (
    Employee,
    Client,
    Phone,
    Identity,
    Assignment,
    SegmentChange,
    FundAccount,
    MonthlyFigure,
    Household,
    Membership,
    ContactPerson,
    ContactPhone,
    Consent,
    Tag,
    ClientTag,
    Document,
    Visit,
    Callback,
    Opportunity,
    StageMove,
    Assessment,
    Channel,
    Campaign,
    Invitation,
    Lead,
)

Say = Callable[[str], None]


def load(scale: Scale, *, password: str, say: Say) -> None:
    """Load ``scale`` into empty tables, in one transaction.

    Raises RuntimeError where the rules in the database and those of the loader disagree.
    """
    with transaction.atomic():
        _write(scale, password=password, say=say)
        # The planner of queries must know of the rows before the planner of calls reads them.
        analyze(*FILLED)
        _plan(say=say)
        analyze(Callback)


def _write(scale: Scale, *, password: str, say: Say) -> None:
    random = Random(SEED)
    firm = build_firm(scale, random, password=password)
    analyze(Employee)  # the trigger on assignments looks up each one
    check_keys(at_once=True)
    write_channels(firm, Random(SEED))
    people = make_people(scale, firm, random, reserve_ids(Client, scale.clients))
    calendar = Calendar()
    schedule(people, scale, calendar, random)
    settle_activity(people)
    remember_types(people, Random(SEED))
    open_accounts(people, Random(SEED))
    settle_tiers(people)
    families = tie(people, Random(SEED))
    write_people(people, random)
    write_ties(people, families, Random(SEED))
    write_consents(people, Random(SEED))
    write_tags(people, firm, Random(SEED))
    write_papers(people, Random(SEED))
    say(f"{len(people)} clients in {len(firm.branches)} branches")
    say(f"{write_figures(people, Random(SEED))} monthly figures of their accounts")
    check_keys(at_once=False)  # visits come before the callbacks that they answer
    write_contacts(people, scale, calendar, random)
    check_keys(at_once=True)
    say(f"{sum(len(person.contacts) for person in people)} visits")
    write_chances(people, random)
    write_leads(people, Random(SEED))
    write_campaigns(people, firm, Random(SEED))
    write_thanks(people, Random(SEED))


def _plan(*, say: Say) -> None:
    if changed := derive():
        raise RuntimeError(f"{changed} clients of the demo do not match their figures.")
    if changed := classify():
        raise RuntimeError(f"{changed} clients of the demo do not match the segment rules.")
    counts = plan_callbacks()
    say(f"{counts.created} callbacks planned")
    liveliness.enliven(Random(SEED))
    lay_out()
    plan_return_visits()
    rank()


# A rule names who put it in force, so those that ship would go with the employees.
_SET_RULES_ASIDE = """
CREATE TEMP TABLE demo_rules ON COMMIT DROP AS TABLE clients_segmentrule;
UPDATE demo_rules SET by_id = NULL;
"""
_PUT_RULES_BACK = """
INSERT INTO clients_segmentrule TABLE demo_rules;
SELECT setval(pg_get_serial_sequence('clients_segmentrule', 'id'), max(id)) FROM demo_rules;
"""


def empty() -> None:
    """Take out all people, clients and what happened; what migrations seeded stays."""
    with as_owner(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SET_RULES_ASIDE)
        # Every table that knows of staff or clients hangs on one of the first two.
        for model in (Employee, Client, YearEnd, RankingModel):
            cursor.execute(f'TRUNCATE "{model._meta.db_table}" RESTART IDENTITY CASCADE')
        cursor.execute(_PUT_RULES_BACK)
        _forget_rows_of_branches()
        branches = Branch._meta.db_table
        cursor.execute(f'DELETE FROM "{branches}"')  # all at once: a tree
        cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), 1, false)", [branches])
        Session.objects.all().delete()
    cache.clear()


def _forget_rows_of_branches() -> None:
    """Delete what branches had of their own beside the firm's."""
    CallbackPlan.objects.filter(segment__branch__isnull=False).delete()
    SegmentRule.objects.filter(segment__branch__isnull=False).delete()
    Segment.objects.filter(branch__isnull=False).delete()
    ScriptStep.objects.filter(version__script__branch__isnull=False).delete()
    ScriptVersion.objects.filter(script__branch__isnull=False).delete()
    Script.objects.filter(branch__isnull=False).delete()
    Policy.objects.filter(branch__isnull=False).delete()
    Tag.objects.all().delete()
    Channel.objects.all().delete()
