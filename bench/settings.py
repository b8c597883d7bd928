"""The product's settings, with the yardstick's address beside its own."""

from crm.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
