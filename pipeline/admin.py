"""Administration of pipeline: each package registers its own pages."""

from pipeline.campaigns import admin as campaigns_admin
from pipeline.capture import admin as capture_admin
from pipeline.opportunities import admin as opportunities_admin
from pipeline.ranking import admin as ranking_admin
