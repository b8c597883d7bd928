"""Leases: one worker per row, and none for ever."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models import Q

from crm import leases
from crm.jobs import LEASE
from crm.leases import Held
from crm.models import Job
from staff.models import Employee

pytestmark = pytest.mark.django_db
NOW = datetime.fromisoformat("2026-06-10T09:00:00+08:00")


@pytest.fixture
def jobs(manager: Employee) -> list[Job]:
    return [
        Job.objects.create(kind="test", title=f"{n}", employee=manager, sent_at=NOW)
        for n in range(3)
    ]


def claim(now: datetime = NOW, **given: Any) -> list[Held]:
    return LEASE.claim(now, where="l.kind = %(kind)s", parameters={"kind": "test"}, **given)


def test_it_gives_each_row_to_one_worker(jobs: list[Job]) -> None:
    first, second = claim(limit=2), claim(limit=2)
    assert {held.pk for held in first} == {jobs[0].pk, jobs[1].pk}
    assert [held.pk for held in second] == [jobs[2].pk]
    assert claim() == []
    jobs[0].refresh_from_db()
    assert (jobs[0].state, jobs[0].attempts) == (LEASE.held, 1)
    assert jobs[0].lease_until == NOW + LEASE.length


def test_it_claims_anew_what_a_dead_worker_left_and_the_dead_one_holds_it_no_more(
    jobs: list[Job],
) -> None:
    (old,) = claim()
    later = NOW + LEASE.length
    assert Job.objects.get(LEASE.run_out(later)).pk == old.pk
    new = next(held for held in claim(later, limit=3) if held.pk == old.pk)
    assert new.attempt == old.attempt + 1
    assert not LEASE.extend(old, later)
    assert not LEASE.give_back(old)
    assert not LEASE.end(old, Job.State.DONE)
    assert LEASE.extend(new, later, done=4)
    assert Job.objects.get(pk=new.pk).done == 4


def test_it_extends_no_lease_against_the_condition(jobs: list[Job]) -> None:
    (held,) = claim()
    Job.objects.filter(pk=held.pk).update(cancel_asked=True)
    assert not LEASE.extend(held, NOW, where=Q(cancel_asked=False))
    assert LEASE.extend(held, NOW)


def test_it_has_a_row_wait_until_its_pause_is_over(jobs: list[Job]) -> None:
    (held,) = claim()
    assert LEASE.give_back(held, until=NOW + timedelta(minutes=30))
    assert {row.pk for row in claim(limit=3)} == {jobs[1].pk, jobs[2].pk}
    assert [row.pk for row in claim(NOW + timedelta(minutes=30))][:1] == [held.pk]


def test_it_heeds_no_lease_of_a_clock_that_ran_ahead(jobs: list[Job]) -> None:
    (held,) = claim(NOW + timedelta(days=3), limit=1)
    assert held.pk in {row.pk for row in claim(limit=3)}


def test_it_hands_out_again_once_what_was_lost(jobs: list[Job]) -> None:
    late = NOW + timedelta(minutes=1)
    lost = Job.objects.filter(leases.lost("sent_at", late, timedelta(minutes=1)))
    assert sorted(leases.sweep(lost, late, columns=("title",))) == [("0",), ("1",), ("2",)]
    assert leases.sweep(lost, late) == []
    # Handed out by a clock that ran ahead.
    Job.objects.update(sent_at=late + timedelta(days=1))
    assert len(leases.sweep(lost, late, limit=2)) == 2
