"""Closed days and make-up working days of mainland China, 2004 to the last published year."""

from datetime import date, timedelta
from typing import Any

import chinese_calendar
from django.db import migrations

FIRST = date(2004, 1, 1)


def seed(apps: Any, schema_editor: Any) -> None:
    Holiday = apps.get_model("crm", "Holiday")
    last = date(max(chinese_calendar.holidays).year, 12, 31)
    rows = []
    for offset in range((last - FIRST).days + 1):
        day = FIRST + timedelta(days=offset)
        workday = chinese_calendar.is_workday(day)
        if workday == (day.weekday() < 5):
            continue
        _, name = chinese_calendar.get_holiday_detail(day)
        # A make-up Saturday is a workday, but the exchanges stay closed.
        rows.append(Holiday(day=day, name=name or "", is_workday=workday, is_trading_day=False))
    Holiday.objects.bulk_create(rows)


class Migration(migrations.Migration):
    dependencies = [("crm", "0001_initial")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
