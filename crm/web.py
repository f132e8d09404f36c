"""What granian serves: `granian --interface wsgi --factory crm.web:application`."""

import ctypes
import signal
import sys

from django.core.handlers.wsgi import WSGIHandler

from crm.wsgi import application as herald

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def application() -> WSGIHandler:
    """Called once in each worker process, which then dies with granian's main process instead of keeping the port."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    return herald
