"""Work of the night started by hand: tried out, then run; failures are seen and tried again."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clients.models import Client
from compliance.models import YearEnd
from crm import jobs, periodic, runs
from crm.celery import app
from crm.models import Heartbeat, Job, TickRun
from pipeline.models import PurgeRun
from staff.models import Employee
from tests.cast import Browse
from visits.models import Callback, PlanningRun

pytestmark = pytest.mark.django_db

KEYS = ["planning", "return-visits", "year-end", "purge"]


def try_url(key: str) -> str:
    return reverse("staff:try_run", args=[key])


def tried(key: str, by: Employee, browse: Browse) -> Job:
    """A trial that has ended."""
    answer = browse(by).post(try_url(key))
    assert answer.status_code == 302
    job = Job.objects.latest("pk")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == ("done", "")
    return job


def start_url(key: str, trial: Job) -> str:
    return reverse("staff:start_run", args=[key, trial.public_id])


@pytest.fixture
def broken() -> Iterator[None]:
    """A kind of job that fails once, then works."""
    before = dict(jobs._kinds)
    calls: list[int] = []

    def work(running: jobs.Running) -> dict[str, Any]:
        calls.append(1)
        if len(calls) == 1:
            raise ValidationError("坏了")
        return {}

    jobs.register("broken", work)
    yield
    jobs._kinds.clear()
    jobs._kinds.update(before)


@pytest.fixture
def failed(broken: None, manager: Employee) -> Job:
    job = jobs.start(kind="broken", title="名单导入", by=manager, options={})
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == "failed"
    return job


def test_it_knows_the_works_of_all_rooms() -> None:
    assert sorted(run.key for run in runs.registry) == sorted(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_it_tries_a_work_out_and_changes_nothing(
    key: str, zhang: Client, zhou: Client, administrator: Employee, browse: Browse
) -> None:
    Callback.objects.filter(status="open").update(status="cancelled", cancelled_because="plan")
    before = [Callback.objects.filter(status="open").count(), YearEnd.objects.count()]
    job = tried(key, administrator, browse)
    assert [Callback.objects.filter(status="open").count(), YearEnd.objects.count()] == before
    assert not PlanningRun.objects.exists()
    assert set(job.result) == set(runs.registry[key].counts)
    page = browse(administrator).get(job.get_absolute_url()).content.decode()
    assert start_url(key, job) in page


@pytest.mark.parametrize("key", KEYS)
def test_it_runs_what_was_tried(
    key: str, zhang: Client, zhou: Client, administrator: Employee, browse: Browse
) -> None:
    trial = tried(key, administrator, browse)
    answer = browse(administrator).post(start_url(key, trial))
    job = Job.objects.latest("pk")
    assert (answer.status_code, answer["Location"]) == (302, job.get_absolute_url())
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.employee) == ("done", administrator)
    assert job.result == trial.result
    page = browse(administrator).get(job.get_absolute_url()).content.decode()
    assert "已完成以下操作" in page
    assert start_url(key, job) not in page


def test_it_plans_what_the_trial_counted(
    zhang: Client, administrator: Employee, browse: Browse
) -> None:
    trial = tried("planning", administrator, browse)
    assert trial.result["created"] > 0
    browse(administrator).post(start_url("planning", trial))
    jobs.run(Job.objects.latest("pk").pk)
    assert Callback.objects.filter(client=zhang, status="open").exists()
    assert PlanningRun.objects.exclude(finished_at=None).exists()


def test_it_freezes_a_year_once(zhang: Client, administrator: Employee, browse: Browse) -> None:
    trial = tried("year-end", administrator, browse)
    browse(administrator).post(start_url("year-end", trial))
    jobs.run(Job.objects.latest("pk").pk)
    assert YearEnd.objects.count() == 1
    answer = browse(administrator).post(try_url("year-end"))
    assert answer.status_code == 409
    assert "已固定" in answer.content.decode()
    assert "已固定" in browse(administrator).get(reverse("staff:runs")).content.decode()


@pytest.mark.parametrize("key", KEYS)
def test_it_does_not_begin_twice(key: str, administrator: Employee, browse: Browse) -> None:
    browser = browse(administrator)
    assert browser.post(try_url(key)).status_code == 302
    again = browser.post(try_url(key))
    assert again.status_code == 409
    assert "系统管理员" in again.content.decode()
    assert Job.objects.count() == 1


def test_it_runs_nothing_without_a_trial_of_ones_own_and_of_now(
    administrator: Employee, manager: Employee, browse: Browse
) -> None:
    trial = tried("purge", administrator, browse)
    browser = browse(administrator)
    assert browser.post(start_url("planning", trial)).status_code == 409
    Job.objects.filter(pk=trial.pk).update(employee=manager)
    assert browser.post(start_url("purge", trial)).status_code == 409
    old = timezone.now() - timedelta(hours=2)
    Job.objects.filter(pk=trial.pk).update(employee=administrator, finished_at=old)
    answer = browser.post(start_url("purge", trial))
    assert answer.status_code == 409
    assert "试运行" in answer.content.decode()
    assert not PurgeRun.objects.exists()
    assert Job.objects.count() == 1


def test_it_is_for_those_who_administer_the_firm_and_have_the_right(
    administrator: Employee, manager: Employee, head: Employee, browse: Browse
) -> None:
    trial = tried("purge", administrator, browse)
    urls = [try_url("purge"), start_url("purge", trial)]
    for url in urls:
        assert browse(administrator).get(url).status_code == 405
        assert browse(manager).post(url).status_code == 404
    assert browse(manager).get(reverse("staff:runs")).status_code == 404
    Employee.objects.filter(pk=head.pk).update(is_staff=True)
    head.user_permissions.set(Permission.objects.all())
    assert browse(head).get(reverse("staff:runs")).status_code == 404
    Employee.objects.filter(pk=administrator.pk).update(is_superuser=False)
    assert [browse(administrator).post(url).status_code for url in urls] == [403, 403]
    right = Permission.objects.get(codename="add_purgerun")
    administrator.user_permissions.add(right)
    assert browse(administrator).post(urls[0]).status_code == 302
    assert browse(administrator).post(try_url("planning")).status_code == 403
    assert browse(administrator).post(try_url("nothing")).status_code == 404


def test_it_tries_a_failed_job_again_and_says_who_did(
    failed: Job, administrator: Employee, browse: Browse
) -> None:
    url = reverse("admin:crm_job_retry", args=[failed.pk])
    assert url in browse(administrator).get(reverse("staff:runs")).content.decode()
    page = reverse("admin:crm_job_change", args=[failed.pk])
    assert url in browse(administrator).get(page).content.decode()
    assert browse(administrator).get(url).status_code == 405
    assert browse(administrator).post(url).status_code == 302
    failed.refresh_from_db()
    assert (failed.state, failed.error, failed.attempts) == ("waiting", "", 0)
    jobs.run(failed.pk)
    failed.refresh_from_db()
    assert failed.state == "done"
    assert LogEntry.objects.get().user == administrator
    again = browse(administrator).post(url)
    assert again.status_code == 409
    assert "失败" in again.content.decode()


def test_it_tries_nothing_again_for_others_nor_without_its_file(
    failed: Job, head: Employee, manager: Employee, administrator: Employee, browse: Browse
) -> None:
    url = reverse("admin:crm_job_retry", args=[failed.pk])
    Employee.objects.filter(pk=head.pk).update(is_staff=True)
    assert browse(head).post(url).status_code == 403
    assert browse(manager).post(url, follow=True).status_code == 404
    Job.objects.filter(pk=failed.pk).update(finished_at=timezone.now() - timedelta(days=8))
    answer = browse(administrator).post(url)
    assert answer.status_code == 409
    assert "文件" in answer.content.decode()
    failed.refresh_from_db()
    assert failed.state == "failed"


def test_it_shows_failures_on_the_start_page(
    failed: Job, administrator: Employee, browse: Browse
) -> None:
    for name in ("beat", "worker", "planning", "dispatch"):
        Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": timezone.now()})
    page = browse(administrator).get(reverse("admin:index")).content.decode()
    assert "1 项失败" in page
    periodic.note_run("crm.tasks.sweep_jobs", "ValueError")
    page = browse(administrator).get(reverse("admin:index")).content.decode()
    assert "2 项失败" in page
    text = browse(administrator).get(reverse("staff:runs")).content.decode()
    assert "ValueError" in text
    assert "名单导入" in text


def test_it_asks_no_more_for_more_failures(
    failed: Job, administrator: Employee, browse: Browse
) -> None:
    browser = browse(administrator)
    browser.get(reverse("staff:runs"))
    with CaptureQueriesContext(connection) as few:
        browser.get(reverse("staff:runs"))
    for _ in range(5):
        Job.objects.create(
            kind="broken",
            title="导出",
            employee=administrator,
            state="failed",
            finished_at=timezone.now(),
        )
    with CaptureQueriesContext(connection) as more:
        browser.get(reverse("staff:runs"))
    assert len(more) == len(few)


def test_it_notes_how_each_tick_ended() -> None:
    app.loader.import_default_modules()
    task = app.tasks["crm.tasks.sweep_jobs"]
    task.apply()
    row = TickRun.objects.get()
    assert (row.name, row.error, row.failed_at) == ("crm.tasks.sweep_jobs", "", None)
    failure: Any = None
    task.on_failure(ValueError("13812345678"), "", (), {}, failure)
    row = TickRun.objects.get()
    assert row.error == "ValueError"
    assert None not in (row.ran_at, row.failed_at)
    app.tasks["crm.tasks.run_job"].apply(args=(0,))
    assert TickRun.objects.count() == 1


def test_it_has_words_for_every_tick() -> None:
    assert [tick.key for tick in periodic.ticks if not tick.label] == []
