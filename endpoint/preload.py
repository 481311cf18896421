"""What worker processes share from their start: imported once by the process that they are forked from."""

from __future__ import annotations

import endpoint.worker
from kg.diagnosis import prepare

assert endpoint.worker.TASKS
prepare()
