"""``python -m tests.faults.at 2026-06-10T08:59:55+08:00 celery …``: a program at another time.

The clock runs on from there; children of the program inherit it.
"""

import runpy
import sys
from datetime import datetime

import time_machine

if __name__ == "__main__":
    _self, moment, module, *arguments = sys.argv
    sys.argv = [module, *arguments]
    with time_machine.travel(datetime.fromisoformat(moment), tick=True):
        runpy.run_module(module, run_name="__main__", alter_sys=True)
