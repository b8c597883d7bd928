"""Jobs: done once, found again after a dead worker, stopped when asked, and told of at the end."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from crm import jobs, tasks
from crm.models import Job
from staff.models import Employee, Notification
from tests.cast import Browse

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture(autouse=True)
def kinds() -> Iterator[None]:
    before = dict(jobs._kinds)
    yield
    jobs._kinds.clear()
    jobs._kinds.update(before)


def start(by: Employee, handler: jobs.Handler, content: bytes = b"") -> Job:
    jobs.register("test", handler)
    file = ContentFile(content) if content else None
    return jobs.start(kind="test", title="名单导入", by=by, options={"a": 1}, file=file)


def count_lines(running: jobs.Running) -> dict[str, Any]:
    assert running.path is not None
    lines = running.path.read_bytes().splitlines()
    for done, _line in enumerate(lines, 1):
        running.progress(done, len(lines))
    running.attach("错误.csv", b"line,reason\n")
    return {"lines": len(lines), "option": running.job.options["a"]}


def test_it_does_the_work_once_and_tells(manager: Employee) -> None:
    job = start(manager, count_lines, b"a\nb\nc\n")
    jobs.run(job.pk)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done, job.total, job.attempts) == ("done", 3, 3, 1)
    assert job.result == {"lines": 3, "option": 1}
    assert [file.name for file in job.files.all()] == ["错误.csv"]
    told = Notification.objects.get(employee=manager)
    assert told.url == job.get_absolute_url()
    assert "名单导入" in told.title


def test_a_refusal_is_a_sentence_and_a_fault_is_not_shown(manager: Employee) -> None:
    def refuse(running: jobs.Running) -> dict[str, Any]:
        raise ValidationError("第 3 行没有姓名。")

    def crash(running: jobs.Running) -> dict[str, Any]:
        raise RuntimeError("secret internals")

    refused, crashed = start(manager, refuse), start(manager, refuse)
    jobs.run(refused.pk)
    jobs.register("test", crash)
    jobs.run(crashed.pk)
    for job, text in ((refused, "第 3 行没有姓名。"), (crashed, "")):
        job.refresh_from_db()
        assert job.state == "failed"
        assert text in job.error
        assert "secret" not in job.error


def test_a_wish_to_cancel_is_noticed_at_the_next_sign_of_progress(manager: Employee) -> None:
    seen = []

    def work(running: jobs.Running) -> dict[str, Any]:
        for done in range(1, 4):
            running.progress(done, 3)
            seen.append(done)
            jobs.cancel(job=running.job)
        return {}

    job = start(manager, work)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, seen) == ("cancelled", [1])
    assert not Notification.objects.exists()
    with pytest.raises(ValidationError):
        jobs.cancel(job=job)


def test_what_waits_is_cancelled_at_once(manager: Employee) -> None:
    job = start(manager, count_lines, b"a\n")
    jobs.cancel(job=job)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("cancelled", 0)


def test_what_a_dead_worker_left_is_done_by_another(manager: Employee) -> None:
    job = start(manager, count_lines, b"a\n")
    past = timezone.now() - timedelta(hours=1)
    Job.objects.filter(pk=job.pk).update(state="running", lease_until=past, attempts=1)
    assert jobs.stale() == [job.pk]
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("done", 2)


def test_a_job_that_lives_is_not_taken(manager: Employee) -> None:
    job = start(manager, count_lines, b"a\n")
    soon = timezone.now() + timedelta(minutes=1)
    Job.objects.filter(pk=job.pk).update(state="running", lease_until=soon, attempts=1)
    assert jobs.stale() == []
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("running", 1)


def test_a_worker_that_lost_its_job_stops(manager: Employee) -> None:
    def work(running: jobs.Running) -> dict[str, Any]:
        Job.objects.filter(pk=running.job.pk).update(attempts=2)
        running.progress(1, 2)
        raise AssertionError("it went on")

    job = start(manager, work)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("running", 2)


def test_it_gives_up_after_several_interruptions(manager: Employee) -> None:
    job = start(manager, count_lines, b"a\n")
    Job.objects.filter(pk=job.pk).update(attempts=jobs.MOST_ATTEMPTS)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == "failed"
    assert job.error


def test_lost_hints_are_sent_again(manager: Employee) -> None:
    job = start(manager, count_lines, b"a\n")
    assert jobs.stale() == []
    later = timezone.now() + timedelta(minutes=2)
    assert jobs.stale(later) == [job.pk]
    assert jobs.stale(later) == []


def test_files_are_cleared_away_after_some_days(manager: Employee) -> None:
    job = start(manager, count_lines, b"a\n")
    jobs.run(job.pk)
    job.refresh_from_db()
    kept = [job.file, job.files.get().file]
    assert jobs.clear_files() == 0
    assert jobs.clear_files(timezone.now() + jobs.FILES_KEPT) == 1
    assert not any(default_storage.exists(key) for key in kept)
    assert not job.files.exists()
    assert jobs.clear_files(timezone.now() + jobs.FILES_KEPT) == 0


def test_the_page_shows_progress_and_files_to_its_owner_only(
    manager: Employee, colleague: Employee, browse: Browse
) -> None:
    job = start(manager, count_lines, b"a\n")
    browser = browse(manager)
    page = browser.get(job.get_absolute_url()).content.decode()
    assert 'hx-trigger="every 2s"' in page
    jobs.run(job.pk)
    part = browser.get(job.get_absolute_url(), HTTP_HX_REQUEST="true").content.decode()
    assert "hx-trigger" not in part
    assert "<html" not in part
    file = f"{job.get_absolute_url()}files/{job.files.get().pk}/"
    answer = browser.get(file)
    assert b"".join(answer.streaming_content) == b"line,reason\n"  # type: ignore[attr-defined]
    assert answer["Content-Disposition"].startswith("attachment")
    assert browse(colleague).get(file).status_code == 404
    assert job.title in browse(manager).get("/jobs/").content.decode()


def test_a_file_that_is_gone_answers_with_a_sentence(manager: Employee, browse: Browse) -> None:
    job = start(manager, count_lines, b"a\n")
    jobs.run(job.pk)
    file = job.files.get()
    default_storage.delete(file.file)
    answer = browse(manager).get(f"{job.get_absolute_url()}files/{file.pk}/")
    assert answer.status_code == 410
    assert answer.content


def test_it_is_cancelled_by_post_and_only_once(manager: Employee, browse: Browse) -> None:
    job = start(manager, count_lines, b"a\n")
    browser = browse(manager)
    url = f"{job.get_absolute_url()}cancel/"
    assert browser.get(url).status_code == 405
    assert browser.post(url).status_code == 302
    assert browser.post(url).status_code == 409


def test_the_sweep_hands_out_what_was_lost(manager: Employee) -> None:
    job = start(manager, count_lines, b"a\n")
    past = timezone.now() - timedelta(hours=1)
    Job.objects.filter(pk=job.pk).update(sent_at=past)
    tasks.sweep_jobs()
    job.refresh_from_db()
    assert job.sent_at > past


@pytest.mark.parametrize(("language", "said"), [("en", "interrupted"), ("zh-hans", "中断")])
def test_it_speaks_the_language_of_who_asked(manager: Employee, language: str, said: str) -> None:
    Employee.objects.filter(pk=manager.pk).update(language=language)
    job = start(manager, count_lines, b"a\n")
    Job.objects.filter(pk=job.pk).update(attempts=jobs.MOST_ATTEMPTS)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert said in job.error
