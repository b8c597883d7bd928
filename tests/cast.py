"""The cast: the few people that tests speak of.

A firm with one branch company and two branches. In the Pudong branch work Wang (manager), Li
(colleague), their head Zhao and Chen of compliance; in Minhang works Sun, the stranger. Wang
serves the client Zhang and the prospect Zhou.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import update_last_login
from django.test import Client as Browser

from clients.models import Client, Segment
from crm.sessions import SessionStore
from crm.trading_days import today
from staff.models import Branch, Employee, Employment, Role
from tests.factories import BranchFactory, ClientFactory, EmployeeFactory

Browse = Callable[[Employee], Browser]
# A Wednesday with no holiday near.
ORDINARY_DAY = datetime(2026, 6, 10, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def an_ordinary_day() -> Iterator[None]:
    """The clock stands: whatever day the suite runs on, it is the same one for the test."""
    with time_machine.travel(ORDINARY_DAY, tick=False):
        yield


@pytest.fixture
def head_office(db: None) -> Branch:
    return BranchFactory(code="HO", name_zh="总部", kind=Branch.Kind.HEAD_OFFICE, parent=None)


@pytest.fixture
def company(head_office: Branch) -> Branch:
    kind = Branch.Kind.BRANCH_COMPANY
    return BranchFactory(code="EAST", name_zh="华东分公司", kind=kind, parent=head_office)


@pytest.fixture
def branch(company: Branch) -> Branch:
    return BranchFactory(code="PD", name_zh="浦东营业部", name_en="Pudong", parent=company)


@pytest.fixture
def other_branch(company: Branch) -> Branch:
    return BranchFactory(code="MH", name_zh="闵行营业部", name_en="Minhang", parent=company)


@pytest.fixture
def manager(branch: Branch) -> Employee:
    return EmployeeFactory(username="wang", full_name="王芳", branch=branch)


@pytest.fixture
def colleague(branch: Branch) -> Employee:
    return EmployeeFactory(username="li", full_name="李强", branch=branch)


@pytest.fixture
def broker(branch: Branch) -> Employee:
    return EmployeeFactory(
        username="he",
        full_name="何平",
        branch=branch,
        role=Role.BROKER,
        employment=Employment.AGENCY,
    )


@pytest.fixture
def stranger(other_branch: Branch) -> Employee:
    return EmployeeFactory(username="sun", full_name="孙丽", branch=other_branch)


@pytest.fixture
def head(branch: Branch) -> Employee:
    role = Role.BRANCH_HEAD
    return EmployeeFactory(username="zhao", full_name="赵敏", branch=branch, role=role)


@pytest.fixture
def regional_head(company: Branch) -> Employee:
    role = Role.REGIONAL_HEAD
    return EmployeeFactory(username="qian", full_name="钱伟", branch=company, role=role)


@pytest.fixture
def compliance(branch: Branch) -> Employee:
    role = Role.COMPLIANCE
    return EmployeeFactory(username="chen", full_name="陈静", branch=branch, role=role)


@pytest.fixture
def operations(branch: Branch) -> Employee:
    role = Role.OPERATIONS
    return EmployeeFactory(username="wu", full_name="吴磊", branch=branch, role=role)


@pytest.fixture
def administrator(head_office: Branch) -> Employee:
    return EmployeeFactory(
        username="admin",
        full_name="系统管理员",
        branch=head_office,
        role=Role.ADMINISTRATOR,
        is_staff=True,
        is_superuser=True,
    )


@pytest.fixture
def segment(db: None) -> Segment:
    """The small, conservative clients of D-06."""
    return Segment.objects.get(key="small_conservative")


@pytest.fixture
def zhang(manager: Employee, segment: Segment) -> Client:
    """A client since a year ago, served by Wang, in the D-06 segment."""
    opened = today() - timedelta(days=365)
    return ClientFactory(
        name="张伟",
        name_pinyin="zhangwei",
        title="mr",
        manager=manager,
        segment=segment,
        segment_since=opened,
        recorded_on=opened,
        income_level="low",
        investment_size="small",
        investment_style="conservative",
    )


@pytest.fixture
def zhou(manager: Employee) -> Client:
    """A prospect of Wang's."""
    return ClientFactory(
        name="周婷",
        name_pinyin="zhouting",
        title="ms",
        manager=manager,
        prospect=True,
        segment=Segment.objects.get(key="prospect"),
        recorded_on=today() - timedelta(days=10),
    )


@pytest.fixture
def browse() -> Browse:
    """A browser in which the employee is logged in, as ``browse(manager)``."""

    def log_in(employee: Employee) -> Browser:
        # What force_login leaves behind, in a third of its statements: it makes the session twice.
        session = SessionStore()
        session[SESSION_KEY] = str(employee.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = employee.get_session_auth_hash()
        session.create()
        update_last_login(Employee, employee)
        browser = Browser()
        browser.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)
        return browser

    return log_in
