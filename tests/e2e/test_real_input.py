"""The main job on real input: 45,211 contacts imported, classified, planned, reminded by a real
worker, seen on Today in a real browser, a visit logged, and the next callback there."""

import os
import subprocess
import time as clock
from datetime import time, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from playwright.sync_api import Page

from clients.models import Client, Segment, SegmentChange
from crm.models import Holiday
from crm.trading_days import today
from staff.models import Branch, Employee, Notification
from tests.browser import axe
from tests.factories import EmployeeFactory
from visits.models import Callback, CallbackPlan, Digest, Reminder, ReminderRun, Visit
from visits.notifications.tasks import sweep, tick_reminders

ROWS = 45_211
# Seconds after which a machine, however busy, is taken to hang.
PATIENCE = 600


@pytest.fixture
def real_file() -> Path:
    file = Path(settings.REAL_DATA) / "bank-full.csv"
    if settings.REAL_DATA and not file.exists() and os.environ.get("CI") == "true":
        pytest.fail(f"CRM_REAL_DATA is set, but {file} is not there")
    if not settings.REAL_DATA or not file.exists():
        pytest.skip("CRM_REAL_DATA is not set: the real contacts are not on this machine")
    return file


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_it_carries_real_contacts_from_the_file_to_the_next_callback(
    real_file: Path,
    branch: Branch,
    manager: Employee,
    celery_worker_process: "subprocess.Popen[bytes]",
    browser_page: Page,
) -> None:
    for _ in range(9):
        EmployeeFactory(branch=branch)
    call_command("import_clients", str(real_file), mapping="bank-full", branch=branch.code)
    assert Client.objects.count() == ROWS
    assert Visit.objects.count() == ROWS
    assert SegmentChange.objects.values("client").distinct().count() == ROWS
    assert Client.objects.values("segment").distinct().count() >= 5

    call_command("plan_callbacks")
    open_rows = Callback.objects.filter(status=Callback.Status.OPEN)
    assert open_rows.count() == ROWS
    # Contacts of 2008 to 2010 are a backlog to be spread, not 45,211 calls for tomorrow.
    assert open_rows.filter(is_backlog=True).count() == ROWS
    first_days = open_rows.filter(employee=manager, due_on__lte=today() + timedelta(days=4))
    assert 0 < first_days.count() <= 20 * 5

    _remind(manager)
    page = browser_page
    page.goto("/accounts/login/")
    page.fill("input[name=login]", manager.username)
    page.fill("input[name=password]", "correct-horse-battery")
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/today/")
    axe(page)
    due = (
        Callback.objects.filter(employee=manager, status=Callback.Status.OPEN, due_on__lte=today())
        .select_related("client")
        .order_by("due_on", "id")
    )
    callback = due.first()
    assert callback is not None
    link = page.locator(f".crm-row-acts a[href='{callback.get_absolute_url()}']").first
    link.click()
    page.wait_for_url(f"**/callbacks/{callback.public_id}/**")
    page.get_by_text("已沟通", exact=True).first.click()
    page.locator("form button[type=submit].btn-primary").first.click()
    page.wait_for_url("**/today/**")

    callback.refresh_from_db()
    assert callback.status == Callback.Status.DONE
    visit = Visit.objects.get(callback=callback)
    assert visit.employee == manager
    following = Callback.objects.get(
        client=callback.client, kind=Callback.Kind.CADENCE, status=Callback.Status.OPEN
    )
    assert following.anchor_on == visit.occurred_on
    assert following.due_on > visit.occurred_on
    page.goto(f"/clients/{callback.client.public_id}/")
    assert page.get_by_text("已沟通").count() >= 1


def _remind(manager: Employee) -> None:
    """Have beat's own task decide that it is time, on the first day this manager is to call."""
    first = (
        Callback.objects.filter(employee=manager, status=Callback.Status.OPEN)
        .order_by("due_on")
        .values_list("due_on", flat=True)
        .first()
    )
    assert first is not None
    # Rows due on the first trading day are due today for this test, whatever day it is.
    Callback.objects.filter(status=Callback.Status.OPEN, due_on=first).update(due_on=today())
    Holiday.objects.update_or_create(
        day=today(), defaults={"is_workday": True, "is_trading_day": True}
    )
    CallbackPlan.objects.filter(valid_to=None).update(remind_at=time(0, 0))
    tick_reminders.delay()
    deadline = clock.monotonic() + PATIENCE
    while clock.monotonic() < deadline:
        if Notification.objects.filter(employee=manager).exists():
            break
        sweep.delay()
        clock.sleep(1)
    assert ReminderRun.objects.filter(day=today()).count() == Segment.objects.count()
    assert Notification.objects.filter(employee=manager).count() >= 1
    assert Reminder.objects.filter(employee=manager, status=Reminder.Status.SENT).exists()
    assert Digest.objects.filter(employee=manager, status=Digest.Status.SENT).exists()
