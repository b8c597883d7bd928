"""The password of the demo accounts, for what measures from outside."""

import json
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

import django

django.setup()

from demo.firm import DEMO_PASSWORD

if __name__ == "__main__":
    print(json.dumps(DEMO_PASSWORD))
