"""People and where they work: branches, employees, absences, policies, notifications."""

from staff.models.absence import Absence
from staff.models.notification import Notification
from staff.models.outage import Outage
from staff.models.people import HEADS, OWNERS, Branch, Employee, Employment, Posting, Role
from staff.models.policy import Policy

__all__ = [
    "HEADS",
    "OWNERS",
    "Absence",
    "Branch",
    "Employee",
    "Employment",
    "Notification",
    "Outage",
    "Policy",
    "Posting",
    "Role",
]
