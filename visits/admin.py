"""Administration of visits: each package registers its own pages."""

from visits.agenda import admin as agenda_admin
from visits.contacts import admin as contacts_admin
from visits.notifications import admin as notifications_admin
from visits.planning import admin as planning_admin
from visits.plans import admin as plans_admin
from visits.scripts import admin as scripts_admin
from visits.scripts import phrase_admin as scripts_phrase_admin
from visits.scripts import suggestion_admin as scripts_suggestion_admin
