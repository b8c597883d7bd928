"""What a night clears before it plans: drafts that nobody came back to, callbacks given away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from clients.models import Client
from staff.models import Employee
from tests.factories import CallbackFactory
from visits.integration import nightly
from visits.models import VisitDraft

pytestmark = pytest.mark.django_db


def test_it_clears_once_before_the_night_plans(
    zhang: Client, manager: Employee, colleague: Employee
) -> None:
    now = timezone.localtime().replace(hour=4)
    given = CallbackFactory(client=zhang, employee=colleague, is_reassigned=True)
    old = VisitDraft.objects.create(client=zhang, employee=manager, data={})
    VisitDraft.objects.update(saved_at=now - timedelta(days=31))
    assert nightly.start_planning(now.replace(hour=1)) == []
    given.refresh_from_db()
    assert given.is_reassigned
    assert nightly.start_planning(now)
    given.refresh_from_db()
    assert (given.employee, given.is_reassigned) == (manager, False)
    assert not VisitDraft.objects.filter(pk=old.pk).exists()
    assert nightly.start_planning(now) == []
