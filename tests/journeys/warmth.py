"""Imported once by the process that journeys fork their commands from, so that each starts warm.

A cold start of `bhr` takes seconds of imports and of building the vocabulary's models; fifty kills
of it would take minutes. What is run is the same, in a process of its own, with a home of its own.
"""

import gc

from adapters.assembly.hub import stored_models, wire
from adapters.command_line import main

app = main.app
wire().catalogue.kind("uk.bhr.safeguarding.canary.v1")
stored_models()
gc.collect()
gc.freeze()
