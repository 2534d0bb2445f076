"""The whole job on one CIN Census file: check it, publish what it tells, and say what became of it.

A file is read twice. The first reading tells whether it is the return that was asked for and can be
read to its end: one that breaks off would make every child behind the break look gone. Only then
does the second reading put events into the outbox.
"""

from __future__ import annotations

import uuid
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import BinaryIO, Final

from adapters.returns.cin_checking import SCOPE, Asked, check_return, counted_rows, events_by_kind
from adapters.returns.cin_child import Child, Place
from adapters.returns.cin_events import events_of
from adapters.returns.cin_publishing_gone import CensusYear, GoneFacts
from adapters.returns.cin_reader import read_cin_census
from adapters.returns.reports import Delivery, Events, Outcome, Report
from adapters.returns.reports_findings import Finding, Findings
from domain.errors import Fault
from services.borough.client import BoroughClient
from services.borough.drafting import Draft
from services.borough.queueing import Queued, Watch
from services.borough.reconciling import Returning
from services.borough.sending import Sent
