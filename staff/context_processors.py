"""What the frame of every page needs: places per role, unread notifications, language, theme."""

from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm.localized import choice
from staff.models import Employee, Role

# More unread than this are shown as "99+": nobody reads the exact number.
MOST_UNREAD = 99

_HEADS = {Role.BRANCH_HEAD, Role.REGIONAL_HEAD}
# The place that is marked on pages of a room, where no place names the page itself.
_ROOMS = {
    "visits": "visits:today",
    "clients": "clients:list",
    "pipeline": "pipeline:board",
    "compliance": "compliance:visits",
    "dashboards": "dashboards:board",
    "staff": "staff:me",
}


@dataclass(frozen=True)
class Place:
    """A link of the side bar or the bottom bar."""

    name: str
    url: str
    label: str
    icon: str


@dataclass(frozen=True)
class MarkedPlace:
    """A place as one page shows it."""

    url: str
    label: str
    icon: str
    active: bool


@cache
def _address(name: str) -> str:
    """Addresses of the frame: the same for everybody."""
    return reverse(name)


def _place(name: str) -> Place:
    labels = {
        "visits:today": (pgettext("place", "Today"), "today"),
        "clients:list": (pgettext("place", "Clients"), "clients"),
        "visits:callbacks": (pgettext("place", "Callbacks"), "callbacks"),
        "pipeline:board": (pgettext("place", "Pipeline"), "pipeline"),
        "dashboards:board": (pgettext("place", "Board"), "board"),
        "compliance:visits": (pgettext("place", "Return visits"), "shield"),
        "clients:figure_imports": (pgettext("place", "Figures"), "upload"),
        "staff:notifications": (pgettext("place", "Notifications"), "bell"),
        "staff:me": (pgettext("place", "Me"), "me"),
        "admin:index": (pgettext("place", "Administration"), "admin"),
    }
    label, icon = labels[name]
    return Place(name, reverse(name), label, icon)


@lru_cache(maxsize=64)
def _bars(
    role: str, superuser: bool, staff: bool, visitor: bool, language: str
) -> tuple[tuple[Place, ...], ...]:
    """Side bar and bottom bar of a role; ``language`` only keeps the labels apart.

    ``visitor``: named for return visits, whatever the role.
    """
    record = Place("", f"{reverse('clients:list')}#search", pgettext("place", "Record"), "record")
    if role == Role.OPERATIONS:
        side = ["staff:notifications", "clients:figure_imports", "staff:me"]
        bottom = side
    elif role == Role.COMPLIANCE:
        side = [
            "clients:list",
            "visits:callbacks",
            "compliance:visits",
            "dashboards:board",
            "clients:figure_imports",
        ]
        bottom = [
            "clients:list",
            "visits:callbacks",
            "compliance:visits",
            "dashboards:board",
            "staff:me",
        ]
    elif role in _HEADS or superuser:
        side = [
            "dashboards:board",
            "clients:list",
            "visits:callbacks",
            "pipeline:board",
            "visits:today",
            "compliance:visits",
            "clients:figure_imports",
        ]
        bottom = ["dashboards:board", "clients:list", "visits:today", "pipeline:board", "staff:me"]
    else:
        side = [
            "visits:today",
            "clients:list",
            "visits:callbacks",
            "pipeline:board",
            "dashboards:board",
        ]
        bottom = ["visits:today", "clients:list", "", "pipeline:board", "staff:me"]
    if visitor and "compliance:visits" not in side:
        side = [*side, "compliance:visits"]
    if staff:
        side = [*side, "admin:index"]
    return (
        tuple(_place(name) for name in side),
        tuple(_place(name) if name else record for name in bottom),
    )


class Shell:
    """Computed as the template asks: a partial that shows none of it costs nothing."""

    csrf_cookie = settings.CSRF_COOKIE_NAME

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def employee(self) -> Employee | None:
        """Who is logged in; nobody before login and on some error pages."""
        user = getattr(self._request, "user", None)
        return user if isinstance(user, Employee) else None

    @property
    def product(self) -> str:
        """The product's name."""
        return _("Manager's desk")

    @property
    def frame(self) -> str:
        """The template of error pages: the full frame is for those who are logged in."""
        return "base.html" if self.employee else "entrance.html"

    @cached_property
    def language(self) -> str:
        """The language code of this page, such as ``zh-hans``."""
        return translation.get_language() or settings.LANGUAGE_CODE

    @property
    def html_lang(self) -> str:
        """The same as browsers write it."""
        return translation.to_locale(self.language).replace("_", "-")

    @property
    def other_language(self) -> str:
        """What the switch changes to."""
        return "en" if self.language.startswith("zh") else "zh-hans"

    @property
    def theme(self) -> str:
        """``light`` or ``dark`` where the person chose; '' follows the system."""
        return self.employee.theme if self.employee else ""

    @cached_property
    def icons(self) -> str:
        """The icon sprite."""
        return static("img/icons.svg")

    @property
    def here(self) -> str:
        """Where the language and theme switches come back to."""
        return self._request.get_full_path() if self._request.method == "GET" else ""

    @cached_property
    def _own_bars(self) -> tuple[tuple[Place, ...], ...]:
        if self.employee is None:
            return ((), ())
        # An employee without a rank of the ladder (the administrator) sees what a head sees.
        employee = self.employee
        return _bars(
            employee.role,
            employee.is_superuser,
            employee.is_staff,
            employee.makes_return_visits,
            self.language,
        )

    @cached_property
    def _here_name(self) -> str:
        match = self._request.resolver_match
        return match.view_name if match else ""

    def _mark(self, bar: tuple[Place, ...]) -> list[MarkedPlace]:
        here = self._here_name
        if here and not any(place.name == here for place in bar):
            here = _ROOMS.get(here.partition(":")[0], "")
        return [
            MarkedPlace(place.url, place.label, place.icon, bool(here) and place.name == here)
            for place in bar
        ]

    @cached_property
    def places(self) -> list[MarkedPlace]:
        """The side bar."""
        return self._mark(self._own_bars[0])

    @cached_property
    def tabs(self) -> list[MarkedPlace]:
        """The bottom bar of phones, at most five."""
        return self._mark(self._own_bars[1])

    @property
    def more_places(self) -> list[MarkedPlace]:
        """Places that have no room in the bottom bar; the page Me lists them on phones."""
        tabs = {place.url for place in self.tabs}
        return [place for place in self.places if place.url not in tabs]

    @cached_property
    def unread(self) -> int:
        """Unread notifications, counted up to one more than ``MOST_UNREAD``."""
        return unread_count(self.employee) if self.employee else 0

    @property
    def unread_text(self) -> str:
        """The number on the bell; '' when everything is read."""
        return count_text(self.unread)

    @property
    def name(self) -> str:
        """The employee's name."""
        return self.employee.full_name if self.employee else ""

    @property
    def initial(self) -> str:
        """The character in the avatar."""
        return self.name[:1]

    @property
    def role(self) -> str:
        """The role's name in the reader's language."""
        return choice(Role, self.employee.role) if self.employee else ""

    @property
    def search_url(self) -> str:
        """The client list, for whoever may see one."""
        if self.employee is None or self.employee.role == Role.OPERATIONS:
            return ""
        return _address("clients:list")

    @property
    def hits_url(self) -> str:
        """The hits while typing."""
        return _address("clients:search")

    home_url = property(lambda self: _address("home"))
    login_url = property(lambda self: _address("account_login"))
    logout_url = property(lambda self: _address("account_logout"))
    language_url = property(lambda self: _address("staff:set_language"))
    theme_url = property(lambda self: _address("staff:set_theme"))
    notifications_url = property(lambda self: _address("staff:notifications"))
    unread_url = property(lambda self: _address("staff:unread"))
    me_url = property(lambda self: _address("staff:me"))


_UNREAD = """
SELECT count(*) FROM (
    SELECT FROM staff_notification WHERE employee_id = %s AND read_at IS NULL LIMIT %s) n
"""


def unread_count(employee: Employee) -> int:
    """Unread notifications of ``employee``, by the index over unread ones; stops at 100.

    Written out, since every page asks it: to build the query took longer than to answer it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_UNREAD, [employee.pk, MOST_UNREAD + 1])
        return int(cursor.fetchone()[0])


def count_text(count: int) -> str:
    """The number for the bell: '', '3' or '99+'."""
    if count > MOST_UNREAD:
        return f"{MOST_UNREAD}+"
    return str(count) if count else ""


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the frame's data, each part computed when a template first asks."""
    return {"shell": Shell(request)}
