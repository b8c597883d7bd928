"""Return visits, who makes them, exception cases, and the clients of a year's end."""

from compliance.models.case import CaseStep, ExceptionCase
from compliance.models.coverage import YearEnd, YearEndClient
from compliance.models.visit import ReturnVisit, ReturnVisitor, ReturnVisitStep

__all__ = [
    "CaseStep",
    "ExceptionCase",
    "ReturnVisit",
    "ReturnVisitStep",
    "ReturnVisitor",
    "YearEnd",
    "YearEndClient",
]
