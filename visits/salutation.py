"""How one greets this client at this time of day, with the right title."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db.models import Case, IntegerField, Value, When
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from clients.models import Client, ContactPerson, Kind, addressed
from staff.models import Employee

# Surnames of two characters; any other Chinese surname has one.
DOUBLE_SURNAMES = frozenset(
    [
        "欧阳",
        "上官",
        "司马",
        "诸葛",
        "东方",
        "皇甫",
        "尉迟",
        "公孙",
        "令狐",
        "慕容",
        "司徒",
        "夏侯",
        "长孙",
        "宇文",
        "轩辕",
        "南宫",
        "百里",
        "端木",
        "东郭",
        "呼延",
        "独孤",
        "澹台",
        "公冶",
        "申屠",
        "太史",
        "闻人",
        "赫连",
        "钟离",
        "濮阳",
        "淳于",
        "单于",
        "司空",
        "西门",
        "拓跋",
    ]
)


def surname(name: str) -> str:
    """The surname of a Chinese name; any other name as a whole."""
    name = name.strip()
    if not name or len(name) > 4 or not all(_is_han(sign) for sign in name):
        return name
    return name[:2] if len(name) > 2 and name[:2] in DOUBLE_SURNAMES else name[:1]


def _is_han(sign: str) -> bool:
    """Whether it is a Chinese character, rare ones of the later planes among them."""
    code = ord(sign)
    return 0x3400 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or 0x20000 <= code <= 0x323AF


def called(client: Client) -> str:
    """Surname with title; the name without one; of an organisation, its contact person.

    That is the contact person who decides, else a proxy, else any; one query.
    """
    if client.kind != Kind.ORGANISATION:
        return addressed(surname(client.name), client.title) if client.title else client.name
    rank = Case(
        When(role=ContactPerson.Role.DECIDES, then=Value(0)),
        When(role=ContactPerson.Role.PROXY, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    people = ContactPerson.objects.filter(client=client, valid_to=None)
    names = people.order_by(rank, "id").values_list("name", flat=True)
    return names.first() or client.name


def hello(at: datetime) -> str:
    """The greeting of this time of day."""
    hour = timezone.localtime(at).hour
    if hour < 9:
        return pgettext("before nine", "Good morning")
    if hour < 12:
        return _("Good morning")
    if hour < 14:
        return _("Good day")
    return _("Good afternoon") if hour < 18 else _("Good evening")


def greeting(client: Client, at: datetime) -> str:
    """「王先生，下午好」."""
    return _("%(hello)s, %(who)s") % {"hello": hello(at), "who": called(client)}


def firm() -> str:
    """The firm's name in the reader's language."""
    chinese = not (get_language() or "").startswith("en")
    return settings.FIRM_NAME if chinese else settings.FIRM_NAME_EN or settings.FIRM_NAME


def introduction(employee: Employee) -> str:
    """「示范证券客户经理张伟，执业证书编号S1…」: for whom one calls, as what, and by what right."""
    named = {"firm": firm(), "post": employee.post, "name": str(employee)}
    who = _("%(name)s, %(post)s of %(firm)s") % named
    if not employee.certificate:
        return who
    return _("%(who)s, certificate %(number)s") % {"who": who, "number": employee.certificate}


def words(employee: Employee, greeting: str) -> dict[str, str]:
    """Texts for the placeholders of a script that ``employee`` speaks."""
    return {
        "greeting": greeting,
        "manager": str(employee),
        "firm": firm(),
        "post": employee.post,
        "certificate": employee.certificate,
        "introduction": introduction(employee),
    }


def sample(at: datetime) -> str:
    """The same for a client made up, to preview a script."""
    who = addressed(_("Wang"), "mr")
    return _("%(hello)s, %(who)s") % {"hello": hello(at), "who": who}
