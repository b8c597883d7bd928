"""Pages of visits and callbacks, one module per noun."""

from visits.views.lists import callbacks
from visits.views.today import today

__all__ = ["callbacks", "today"]
