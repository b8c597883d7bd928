"""The firm of the demo: tree of branches, staff, and who can log in."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from random import Random

from django.contrib.auth.hashers import make_password

from crm.trading_days import today
from demo.names import mobile, person_name
from demo.places import COMPANIES, branch_sites
from demo.scales import Scale
from staff.models import Branch, Employee, Employment, Posting, Role

# Only the embedded demo has it; elsewhere a password is made up and shown once.
DEMO_PASSWORD = "demo-zhengquan"  # noqa: S105
# User names of the accounts to show around with, in the order of the trade's day.
LOGINS = (
    "manager1",
    "manager2",
    "manager3",
    "manager4",
    "broker",
    "branchhead",
    "regionalhead",
    "headoffice",
    "compliance",
    "operations",
    "admin",
)


@dataclass
class Firm:
    """What was made of the tree: the branches with those who own clients in them."""

    head_office: Branch
    companies: list[Branch] = field(default_factory=list)
    branches: list[Branch] = field(default_factory=list)
    # Managers and brokers by branch, in the order of ``branches``.
    servers: list[list[Employee]] = field(default_factory=list)


def build_firm(scale: Scale, random: Random, *, password: str) -> Firm:
    """Make branches and staff; everyone has the same password."""
    firm = _tree(scale)
    hashed = make_password(password)
    staff = _staff(scale, firm, random)
    for employee in staff:
        employee.password = hashed
    Employee.objects.bulk_create(staff)
    _postings(staff)
    return firm


def _postings(staff: list[Employee]) -> None:
    """Where each has worked since they came."""
    Posting.objects.bulk_create(
        Posting(employee=e, branch=e.branch, valid_from=e.date_joined.date())
        for e in staff
        if e.branch is not None
    )


def _tree(scale: Scale) -> Firm:
    kind = Branch.Kind
    firm = Firm(_branch("HO", "总部", "Head office", kind.HEAD_OFFICE, None, "上海市"))
    companies = {}
    if scale.companies:
        for code, zh, en in COMPANIES:
            companies[code] = _branch(code, zh, en, kind.BRANCH_COMPANY, firm.head_office)
        firm.companies = list(companies.values())
    for company, province, code, zh, en in branch_sites(scale.branches):
        parent = companies.get(company, firm.head_office)
        firm.branches.append(_branch(code, zh, en, kind.BRANCH, parent, province))
    return firm


def _branch(
    code: str, zh: str, en: str, kind: str, parent: Branch | None, province: str = ""
) -> Branch:
    return Branch.objects.create(
        code=code, name_zh=zh, name_en=en, kind=kind, parent=parent, province=province
    )


def _staff(scale: Scale, firm: Firm, random: Random) -> list[Employee]:
    office, first = firm.head_office, firm.branches[0]
    company = firm.companies[0] if firm.companies else office
    staff = [
        _employee(random, "admin", Role.ADMINISTRATOR, office, full_name="系统管理员"),
        _employee(random, "headoffice", Role.REGIONAL_HEAD, office),
        _employee(random, "regionalhead", Role.REGIONAL_HEAD, company),
        _employee(random, "compliance", Role.COMPLIANCE, office),
        _employee(random, "operations", Role.OPERATIONS, first),
    ]
    staff[0].is_staff = staff[0].is_superuser = True
    for place, (branch, count) in enumerate(zip(firm.branches, scale.managers, strict=True)):
        code = branch.code.lower()
        servers = []
        for nth in range(count):
            # The two managers of each of the first two branches are those to log in with.
            shown = place < 2 and nth < 2
            name = f"manager{place * 2 + nth + 1}" if shown else f"{code}.m{nth + 1}"
            servers.append(_employee(random, name, Role.MANAGER, branch))
        if place == 0:
            servers.append(_employee(random, "broker", Role.BROKER, branch))
        name = "branchhead" if place == 0 else f"{code}.head"
        staff += [*servers, _employee(random, name, Role.BRANCH_HEAD, branch)]
        firm.servers.append(servers)
    return staff


def _employee(
    random: Random, username: str, role: Role, branch: Branch, *, full_name: str = ""
) -> Employee:
    since = today() - timedelta(days=random.randrange(1300, 4000))
    certified = role not in {Role.ADMINISTRATOR, Role.OPERATIONS}
    return Employee(
        username=username,
        full_name=full_name or person_name(random, male=random.random() < 0.5),
        email=f"{username}@example.com",
        role=role,
        branch=branch,
        employment=Employment.AGENCY if role == Role.BROKER else Employment.EMPLOYED,
        certificate_number=f"S{random.randrange(10**13):013}" if certified else "",
        certificate_expires_on=today() + timedelta(days=random.randrange(200, 1000))
        if certified
        else None,
        phone=mobile(random),
        date_joined=datetime.combine(since, time(1), UTC),
    )
