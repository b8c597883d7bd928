"""``python -m tests.faults.at 2026-06-10T08:59:55+08:00 celery …``: a program at another time.

The clock runs on from there; children of the program inherit it. It was that time at ``CLOCK_BEGAN``
(seconds of the real clock), so that programs that take long to start have one clock: a worker ahead
of beat by a minute would throw its messages away as too old. It is moved by the seconds in the file
that ``SET_CLOCK`` names as soon as there is one.
"""

import os
import runpy
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread

import time_machine


def move_when_told(clock: time_machine.Traveller, file: Path) -> None:
    while not (file.exists() and file.read_text()):
        time.sleep(0.2)
    clock.shift(float(file.read_text()))


if __name__ == "__main__":
    _self, moment, module, *arguments = sys.argv
    sys.argv = [module, *arguments]
    passed = timedelta(seconds=time.time() - float(os.environ["CLOCK_BEGAN"]))
    with time_machine.travel(datetime.fromisoformat(moment) + passed, tick=True) as clock:
        if "SET_CLOCK" in os.environ:
            file = Path(os.environ["SET_CLOCK"])
            Thread(target=move_when_told, args=(clock, file), daemon=True).start()
        runpy.run_module(module, run_name="__main__", alter_sys=True)
