"""Administration of clients: each package registers its own pages."""

from clients.consents import admin as consents_admin
from clients.directory import admin as directory_admin
from clients.documents import admin as documents_admin
from clients.figures import admin as figures_admin
from clients.file import access_log_admin as file_access_log_admin
from clients.file import admin as file_admin
from clients.file import employee_admin as file_employee_admin
from clients.handovers import admin as handovers_admin
from clients.importing import admin as importing_admin
from clients.merging import admin as merging_admin
from clients.relations import admin as relations_admin
from clients.segments import admin as segments_admin
