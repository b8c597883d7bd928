"""Commands of compliance that somebody types by hand."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from clients.models import Client
from compliance.models import YearEnd
from crm.trading_days import today

pytestmark = pytest.mark.django_db


def test_it_freezes_the_clients_of_a_year_once(zhang: Client, zhou: Client) -> None:
    year = today().year - 1
    Client.objects.filter(pk=zhang.pk).update(opened_on=f"{year}-01-05")
    out = StringIO()
    call_command("freeze_year_end", stdout=out)
    frozen = YearEnd.objects.get()
    assert frozen.year == year
    # A prospect is no client at any year's end.
    assert list(frozen.clients.values_list("client", flat=True)) == [zhang.pk]
    assert out.getvalue().strip() == f"1 clients at the end of {year}"
    with pytest.raises(CommandError, match=r"frozen already|已经|已"):
        call_command("freeze_year_end", "--year", str(year))


def test_it_freezes_no_year_that_has_not_ended() -> None:
    with pytest.raises(CommandError):
        call_command("freeze_year_end", "--year", str(today().year))
    assert not YearEnd.objects.exists()
