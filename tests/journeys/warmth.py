"""Imported once by the process that journeys fork their commands from, so that each starts warm.

A cold start of `bhr` takes seconds of imports and of building the vocabulary's models; fifty kills
of it would take minutes. What is run is the same, in a process of its own, with a home of its own.
"""

import contextlib
import gc

from adapters.assembly.stands import stored_models, wire
from adapters.command_line.on_demand import PLACES, load
from domain.errors import SubmissionRefused

for _name in PLACES:
    load(_name)
with contextlib.suppress(SubmissionRefused):
    wire().signed_submission(b"{}")  # the models are built when they are first needed
stored_models()
gc.collect()
gc.freeze()
