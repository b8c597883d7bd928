"""Accounts and figures in a real browser: uploaded, reported, shown, free of what axe finds."""

import os
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from clients.figures.job import KIND
from clients.models import Client, FundAccount, MonthlyFigure
from crm import jobs
from crm.models import Job
from staff.models import Employee
from tests.browser import axe
from tests.clients.figures.back_office import NOBODYS, OURS, BackOffice, line
from tests.clients.file.test_browser import PHONE, fits, log_in
from tests.factories import FundAccountFactory, MonthlyFigureFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def account(zhang: Client) -> FundAccount:
    rights = ["star", "chinext", "hk_connect"]
    return FundAccountFactory(
        client=zhang,
        number=OURS,
        opened_on=date(2025, 1, 1),
        permissions=rights,
        commission_rate="0.00025",
    )


def picture(page: Page, name: str) -> None:
    """A picture for whoever asked for some."""
    if folder := os.environ.get("CRM_PICTURES"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def finish() -> Job:
    job = Job.objects.filter(kind=KIND).latest("pk")
    jobs.run(job.pk)
    return job


def test_a_file_is_uploaded_checked_loaded_and_shown(
    browser_page: Page, account: FundAccount, head: Employee, tmp_path: Path, settings: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    office, page = BackOffice(tmp_path), browser_page
    file = office.csv(
        *(line(month=f"2026-0{n}", assets=str(n * 70_000)) for n in range(1, 7)),
        line(NOBODYS),
        line(assets="x"),
    )
    log_in(page, head)
    page.goto("/figures/")
    for width in (PHONE, 1280):
        assert fits(page, width)
        axe(page)
    page.set_input_files("input[type=file]", str(file))
    page.locator("form[data-once] [type=submit]").click()
    page.wait_for_url(re.compile(r"/jobs/"))
    finish()
    page.locator("#job a.btn-primary").click()
    for width in (PHONE, 1280):
        assert fits(page, width)
        axe(page)
    picture(page, "report")
    page.locator("form[data-once] [type=submit]").click()
    page.wait_for_url(re.compile(r"/jobs/"))
    finish()
    page.locator("#job a.btn-primary").click()
    expect(page.locator("#differences")).to_contain_text("******1111")
    assert MonthlyFigure.objects.count() == 6
    page.goto(account.client.get_absolute_url())
    expect(page.locator("main polyline")).to_have_count(2)
    axe(page)
    picture(page, "client")
    page.goto("/figures/")
    picture(page, "imports")


def test_pages_of_accounts_are_accessible_and_fit_a_phone(
    browser_page: Page, account: FundAccount, manager: Employee
) -> None:
    for month in range(1, 7):
        MonthlyFigureFactory(account=account, month=date(2026, month, 1), net_inflow=None)
    log_in(browser_page, manager)
    base = f"{account.client.get_absolute_url()}accounts/"
    for url in (base, f"{base}new/", f"{base}{account.pk}/"):
        browser_page.goto(url)
        for width in (PHONE, 1280):
            assert fits(browser_page, width), url
            axe(browser_page)
        picture(browser_page, f"accounts{url.removeprefix(base).strip('/')[:3]}")
