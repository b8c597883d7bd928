"""The places of this room in the navigation."""

from django.db import connection
from django.utils.translation import pgettext_lazy

from clients.querysets import may_record
from crm.addresses import address
from crm.navigation import OWN_SHOWN, Entry, Own, Place
from staff.models import Employee, Role

ENTRIES = (
    Entry(
        route="clients:list",
        label=pgettext_lazy("place", "Clients"),
        icon="clients",
        side={"managers": 20, "heads": 20, "compliance": 10},
        bottom={"managers": 20, "heads": 20, "compliance": 10},
        marks_room=True,
        hits="clients:search",
    ),
    # On a phone, the quickest way to record a contact begins with the search.
    Entry(
        route="clients:list",
        fragment="search",
        label=pgettext_lazy("place", "Record"),
        icon="record",
        bottom={"managers": 30},
    ),
    Entry(
        route="clients:figure_imports",
        label=pgettext_lazy("place", "Figures"),
        icon="upload",
        side={"heads": 510, "compliance": 510, "operations": 20},
        bottom={"operations": 20},
    ),
    Entry(
        route="clients:hand_overs",
        label=pgettext_lazy("place", "Hand-overs"),
        icon="transfer",
        side={"managers": 510, "heads": 220, "compliance": 520},
    ),
    Entry(
        route="clients:segments",
        label=pgettext_lazy("place", "Segments"),
        icon="filter",
        side={"heads": 410},
    ),
    Entry(
        route="clients:imports",
        label=pgettext_lazy("place", "Imports"),
        icon="upload",
        side={"heads": 520},
    ),
    Entry(
        route="clients:exports",
        label=pgettext_lazy("place", "Exports"),
        icon="download",
        side={"managers": 520, "heads": 530, "compliance": 530},
    ),
    Entry(
        route="clients:duplicates",
        label=pgettext_lazy("place", "Duplicates"),
        icon="clients",
        side={"managers": 525, "heads": 540},
        may=may_record,
    ),
    Entry(
        route="clients:create",
        label=pgettext_lazy("place", "New client"),
        icon="plus",
        search={"managers": 700, "heads": 700},
        may=lambda employee: employee.may_own_clients,
    ),
    Entry(
        route="clients:ask_hand_over",
        label=pgettext_lazy("place", "Hand clients over"),
        icon="transfer",
        search={"managers": 705, "heads": 705},
        may=lambda employee: employee.may_own_clients,
    ),
)

# Written out, since every page asks it.
_VIEWS = """
SELECT name, query FROM crm_savedview WHERE owner_id = %s AND page = 'clients'
ORDER BY name, id LIMIT %s
"""


def views(employee: Employee) -> list[Place]:
    """Client lists that the employee saved, by name; one query. A count of each would cost one each."""
    if employee.role == Role.OPERATIONS:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_VIEWS, [employee.pk, OWN_SHOWN])
        rows = cursor.fetchall()
    here = address("clients:list")
    return [Place(name="", url=f"{here}?{query}", label=name, icon="star") for name, query in rows]


VIEWS = Own("clients.views", views)
