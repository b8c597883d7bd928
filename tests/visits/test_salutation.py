"""How whoever calls is introduced: by firm, post and certificate."""

from __future__ import annotations

from datetime import date

import pytest
from django.conf import LazySettings
from django.utils.translation import override

from staff.models import Employee, Role
from visits import salutation
from visits.models import ScriptStep

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def firm(settings: LazySettings) -> None:
    settings.FIRM_NAME, settings.FIRM_NAME_EN = "晨光证券", "Dawn Securities"


@pytest.mark.parametrize(
    ("role", "chinese", "english"),
    [
        (Role.MANAGER, "晨光证券客户经理张伟", "张伟, account manager of Dawn Securities"),
        (Role.BROKER, "晨光证券证券经纪人张伟", "张伟, securities broker of Dawn Securities"),
        (Role.BRANCH_HEAD, "晨光证券营业部负责人张伟", "张伟, branch head of Dawn Securities"),
    ],
)
def test_it_says_for_whom_and_as_what_one_calls(role: str, chinese: str, english: str) -> None:
    caller = Employee(full_name="张伟", role=role)
    with override("zh-hans"):
        assert salutation.introduction(caller) == chinese
    with override("en"):
        assert salutation.introduction(caller) == english


def test_it_names_the_certificate_while_it_holds() -> None:
    caller = Employee(full_name="张伟", certificate_number="S1130600000001")
    with override("zh-hans"):
        assert salutation.introduction(caller).endswith("（执业证书编号S1130600000001）")
        caller.certificate_expires_on = date(2020, 1, 1)
        assert "S1130" not in salutation.introduction(caller)
        assert salutation.words(caller, "您好")["certificate"] == ""


def test_it_calls_nobody_an_account_manager_who_is_none() -> None:
    """No wording that ships names a post: it comes from whoever speaks."""
    said = ScriptStep.objects.filter(version__valid_to=None)
    for column in ("prompt_zh", "prompt_en"):
        for text in said.values_list(column, flat=True):
            assert "客户经理" not in text
            assert "account manager" not in text.lower()


def test_it_is_the_return_visit_desk_that_makes_return_visits() -> None:
    caller = Employee(full_name="李静", role=Role.OPERATIONS, makes_return_visits=True)
    with override("zh-hans"):
        assert salutation.introduction(caller) == "晨光证券客户回访专员李静"
