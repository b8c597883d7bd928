"""The part of compliance/ in the operation ``purge``: nobody who concerns it is purged."""

from __future__ import annotations

from compliance.models import ExceptionCase, ReturnVisit, YearEndClient
from crm.operations import ProspectsPurged


def keep_concerned(event: ProspectsPurged) -> None:
    """Cases, return visits and year-ends are evidence (Securities Law art. 137)."""
    keys = event.all
    cases = ExceptionCase.objects.filter(client__in=keys).values_list("client", flat=True)
    visits = ReturnVisit.objects.filter(callback__client__in=keys)
    counted = YearEndClient.objects.filter(client__in=keys).values_list("client", flat=True)
    event.keep.update(cases, visits.values_list("callback__client", flat=True), counted)
