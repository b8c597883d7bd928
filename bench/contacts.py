"""Whose callbacks are worked and put off in the firm, and with which words.

Not those of the managers whose pages are measured: what is written here stays written. Each client
has a next callback afterwards, so the firm does not run out of them.
"""

import json
import os
from datetime import timedelta
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

import django

django.setup()

from crm.trading_days import today
from demo.firm import DEMO_PASSWORD
from staff.models import Employee
from visits.models import Callback, Outcome

MANAGER = "manager2"


def facts() -> dict[str, Any]:
    """Addresses of the two forms, one for each time that one is sent, and what is sent."""
    employee = Employee.objects.get(username=MANAGER)
    rows = Callback.objects.visible_to(employee).open().filter(kind="cadence")
    found = [row.get_absolute_url() for row in rows.order_by("due_on", "id")]
    half = len(found) // 2
    talked = {
        "outcome": Outcome.objects.get(key="talked").pk,
        "channel": "phone",
        "satisfaction_service": "4",
        "notes": "客户询问了账户情况，约定下个季度再联系。",
    }
    later = {"until": (today() + timedelta(days=14)).isoformat(), "reason": "客户出差"}
    return {
        "readers": {"manager": {"name": MANAGER, "pages": {}}},
        "forms": {
            "Log a call": {"urls": found[:half], "data": talked},
            "Snooze": {"urls": [f"{url}snooze/" for url in found[half:]], "data": later},
        },
        "password": DEMO_PASSWORD,
        "manager": employee.pk,
    }


if __name__ == "__main__":
    print(json.dumps(facts(), ensure_ascii=False))
