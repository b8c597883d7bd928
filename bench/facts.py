"""What to ask of a site: addresses of each reader's pages, and searches that find somebody."""

import json
import os
from typing import Any
from urllib.parse import quote

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

import django

django.setup()

from django.http import QueryDict

from clients.models import Client
from crm.paging import paginate
from demo.firm import DEMO_PASSWORD
from staff.models import Employee
from visits.models import Callback, Visit

READERS = {"manager": "manager1", "branch head": "branchhead", "head office": "headoffice"}


def pages_of(reader: Employee) -> dict[str, str]:
    """Address of each measured page by its name."""
    visible = Client.objects.visible_to(reader)
    count = visible.count()
    far = min(count * 9 // 10, count - 26)
    walked = paginate(visible, order=("name_pinyin", "id"), query=QueryDict(), size=far)
    client = visible.filter(lifecycle="client").order_by("-last_contact_on", "id")[count // 3]
    phone = client.phones.all()[0].number
    due = Callback.objects.visible_to(reader).open().filter(kind="cadence")
    callback = due.order_by("due_on", "id")[0]
    search = "/clients/search/?q="
    return {
        "Today": "/today/",
        "Client list, first page": "/clients/",
        "Client list, far page": f"/clients/?{walked.next_query.lstrip('?')}",
        "Client file": client.get_absolute_url(),
        "Callbacks": "/callbacks/",
        "Call screen": callback.get_absolute_url(),
        "Contact next": "/pipeline/next/",
        "Search: opened last": search,  # the palette as it opens, after the client file
        "Search: a name": search + quote(client.name),
        "Search: one letter": search + "w",
        "Search: a common surname": search + quote("王"),
        "Search: last four digits": search + phone[-4:],
    }


def facts() -> dict[str, Any]:
    readers = {}
    for title, name in READERS.items():
        readers[title] = {"name": name, "pages": pages_of(Employee.objects.get(username=name))}
    return {
        "readers": readers,
        "password": DEMO_PASSWORD,
        "manager": Employee.objects.get(username="manager1").pk,
        "clients": Client.objects.count(),
        "visits": Visit.objects.count(),
    }


if __name__ == "__main__":
    print(json.dumps(facts(), ensure_ascii=False))
