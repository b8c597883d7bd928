"""Many clients in a real browser: imported and taken back, tagged and untagged, two made one."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from clients.directory import at_once
from clients.file.services import set_phones
from clients.models import Client, ClientMerge, ClientTag
from crm import jobs
from crm.models import Job
from staff.models import Employee
from tests.e2e.test_client_pages import Sit, looks_right, sit
from tests.factories import ClientFactory

__all__ = ["sit"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FILE = """客户编号,客户姓名,性别,手机号码,出生日期,备注
A1,张三,男,13812345678,1949-12-31,老客户
A2,李四,女,13900008214,1985/2/3,
A3,王五,男,123,1990-01-01,
"""


def finish(page: Page) -> None:
    """Run the job whose page is open, as the worker would, and wait for its end to show."""
    page.wait_for_url(re.compile(r"/jobs/"))
    jobs.run(Job.objects.latest("pk").pk)
    page.reload()


def test_a_file_becomes_clients_and_is_taken_back(
    head: Employee, sit: Sit, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    file = tmp_path / "名单.csv"
    file.write_text(FILE, encoding="gb18030")
    page = sit(head)
    page.goto("/clients/")
    page.locator("main a[href='/imports/']").click()
    page.set_input_files("input[type=file]", str(file))
    page.locator("form[enctype] [type=submit]").click()
    page.wait_for_url(re.compile(r"/imports/.+/$"))
    address = page.url
    # Names of columns were understood; the key is left to choose.
    assert page.input_value("#column-1") == "name"
    assert page.input_value("#column-3") == "phone"
    page.fill("#id_system", "旧系统")
    looks_right(page, "mapping")
    page.locator("button.btn-primary").last.click()
    expect(page.locator("main")).to_contain_text("张三")
    looks_right(page, "preview")
    assert not Client.objects.exists()
    page.locator("button[name=trial]").click()
    finish(page)
    expect(page.locator("#job")).to_contain_text("未写入")
    assert not Client.objects.exists()
    page.goto(address)
    page.locator("form[action$='/start/'] button.btn-primary").click()
    finish(page)
    assert sorted(Client.objects.values_list("name", flat=True)) == ["张三", "李四"]
    looks_right(page, "job")
    page.goto(address)
    looks_right(page, "done")
    page.locator("form[action$='/undo/'] button").click()
    finish(page)
    assert not Client.objects.exclude(lifecycle="closed").exists()


def test_ticked_clients_get_a_tag_and_lose_it_again(
    zhang: Client, zhou: Client, head: Employee, sit: Sit, monkeypatch: pytest.MonkeyPatch
) -> None:
    ClientFactory(name="赵六", manager=head)
    page = sit(head)
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto("/clients/")
    for name in ("张伟", "周婷"):
        page.locator("tbody tr", has_text=name).locator("input[type=checkbox]").check()
    bar = page.locator("#bulk summary").first
    assert bar.is_visible()
    bar.click()
    page.fill("#bulk-tag", "企业主")
    looks_right(page, "bulk")
    # More than are changed in the request: looked at first, then done by a job.
    monkeypatch.setattr(at_once, "MOST", 1)
    page.locator("#bulk button[value=tag]").click()
    looks_right(page, "preview")
    page.locator("button[name=confirm]").click()
    finish(page)
    assert ClientTag.objects.filter(tag__name="企业主").count() == 2
    looks_right(page, "tagged")
    page.locator("form[action$='/undo/'] button").click()
    finish(page)
    assert not ClientTag.objects.exists()


def test_ticked_clients_alone_are_exported(
    zhang: Client, zhou: Client, head: Employee, sit: Sit
) -> None:
    page = sit(head)
    page.goto("/clients/")
    page.locator("tbody tr", has_text="张伟").locator("input[type=checkbox]").check()
    page.locator("#bulk button[formaction='/clients/export/']").click()
    page.fill("#id_reason", "核对名单")
    page.locator("main form [type=submit]").first.click()
    finish(page)
    assert Job.objects.get().result["rows"] == 1


def test_two_records_become_one(zhang: Client, manager: Employee, sit: Sit) -> None:
    Client.objects.filter(pk=zhang.pk).update(birthday=date(1980, 5, 1))
    again = ClientFactory(
        name="张玮", name_pinyin="zhangwei", manager=manager, birthday=date(1980, 5, 1)
    )
    for client in (zhang, again):
        set_phones(client=client, numbers=["+8613812341234"])
    page = sit(manager)
    page.goto("/duplicates/")
    looks_right(page, "pairs")
    page.locator("main a[href^='/duplicates/']").first.click()
    page.locator("input[name=name][value=merged]").check()
    looks_right(page, "side by side")
    page.get_by_role("button", name="合并").click()
    page.wait_for_load_state("networkidle")
    done = ClientMerge.objects.get()
    assert done.survivor.name in ("张玮", "张伟")
    assert Client.objects.filter(merged_into=done.survivor).count() == 1
    page.goto("/duplicates/")
    looks_right(page, "merged")
    page.locator("form[action$='/undo/'] button").click()
    page.wait_for_load_state("networkidle")
    assert not Client.objects.exclude(merged_into=None).exists()
