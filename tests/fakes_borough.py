"""A hub as its boroughs see it, and a borough's store in memory: what the client is tested with."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache

from adapters.keys import encapsulation, signing
from adapters.keys.cipher import AesGcmCipher
from adapters.keys.encapsulation import HybridEncapsulation
from adapters.keys.signing import Ed25519Signer
from domain.canonical import JsonValue, canonical
from domain.errors import Fault
from domain.reference.body_keys import KeyPurpose, fingerprint
from domain.statement import acknowledged_bytes, signed_bytes
from domain.values import to_bytes, to_text
from domain.vocabulary.catalogue import STANDARD
from domain.vocabulary.data_quality import RecordWithdrawn
from domain.vocabulary.hub import SealingSessionOpened
from domain.wire import AnySigned, Parsed, Wire
from services.borough.client import BoroughClient
from services.borough.linkage import LinkageKey
from services.borough.speaker import BoroughKeys, Means, Reach, RecipientKey, Speaker
from services.client_ports import (
    OWN_SCOPE,
    BoroughStore,
    Name,
    OpenSession,
    Outgoing,
    Published,
    Refusal,
    State,
)
from services.ports import HubAnswer
from services.preparing import from_signed
from services.trust import Vouched

NOW_MS = 1_700_000_000_000
HOUR_MS = 3_600_000
