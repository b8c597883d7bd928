"""Administration of compliance: each package registers its own pages."""

from compliance.cases import admin as cases_admin
from compliance.coverage import admin as coverage_admin
from compliance.return_visits import admin as return_visits_admin
from compliance.visitors import admin as visitors_admin
