"""Settings of Kafka: where its brokers are, whose certificate we show, how topics are named.

Hub and boroughs use the same names. Nobody goes without a certificate: who may write or read which
topic is a matter of access rules, and those go by certificates.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from domain.errors import HomeNotReady

BROKERS_VARIABLE = "BHR_KAFKA"
CERTIFICATE_VARIABLE = "BHR_KAFKA_CERTIFICATE"
AUTHORITY_VARIABLE = "BHR_KAFKA_AUTHORITY"
PREFIX_VARIABLE = "BHR_KAFKA_PREFIX"
HUB_VARIABLE = "BHR_KAFKA_HUB"
_BROKER = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class KafkaSettings:
    """How a broker is reached.

    `certificate` is a PEM file with our key and certificate, `authority` one of those whose word we
    take for a broker's; `prefix` begins each topic's name, and `hub` is the name in the hub's
    certificate.
    """

    brokers: tuple[str, ...]
    certificate: Path
    authority: Path
    prefix: str = "bhr"
    hub: str = "hub"

    @property
    def group(self) -> str:
        """The group of those who take submissions in."""
        return f"{self.prefix}.intake"

    def submissions(self, ledger: str) -> str:
        """Name the topic of submissions to a ledger."""
        return f"{self.prefix}.submissions.{ledger}"

    def dead_letters(self, ledger: str) -> str:
        """Name the topic of what was not taken of them."""
        return f"{self.prefix}.dead-letters.{ledger}"

    def told(self, participant: str) -> str:
        """Name the topic of what a participant is told, and the group in which it may read that."""
        return f"{self.prefix}.told.{participant}"

    def outbox(self, ledger: str) -> str:
        """Name who tells of a ledger: of two that have this name the broker takes the later."""
        return f"{self.prefix}.outbox.{ledger}"


def configured_kafka() -> KafkaSettings | None:
    """Give the settings where there are any; raises HomeNotReady for a part of them."""
    brokers = os.environ.get(BROKERS_VARIABLE)
    certificate = os.environ.get(CERTIFICATE_VARIABLE)
    authority = os.environ.get(AUTHORITY_VARIABLE)
    if not brokers:
        return None
    if not certificate or not authority:
        raise HomeNotReady(
            f"{BROKERS_VARIABLE} takes {CERTIFICATE_VARIABLE} and {AUTHORITY_VARIABLE} with it"
        )
    return KafkaSettings(
        brokers=tuple(_spelt(_BROKER, brokers.split(","), BROKERS_VARIABLE)),
        certificate=Path(certificate),
        authority=Path(authority),
        prefix=_named(PREFIX_VARIABLE, "bhr"),
        hub=_named(HUB_VARIABLE, "hub"),
    )


def kafka() -> KafkaSettings:
    """Give the settings; raises HomeNotReady where there are none."""
    found = configured_kafka()
    if found is None:
        raise HomeNotReady(f"no Kafka: set {BROKERS_VARIABLE} to HOST:PORT of its brokers")
    return found


def _named(variable: str, otherwise: str) -> str:
    [name] = _spelt(_NAME, [os.environ.get(variable) or otherwise], variable)
    return name


def _spelt(pattern: re.Pattern[str], given: Iterable[str], variable: str) -> list[str]:
    found = [one.strip() for one in given]
    if not all(map(pattern.fullmatch, found)):
        raise HomeNotReady(f"{variable} is not spelled as it should be")
    return found
