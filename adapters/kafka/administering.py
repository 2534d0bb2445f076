"""Making topics, and bringing access rules to what they are to be (`kafka/rules.py`).

Run under a certificate that may. A topic on several brokers takes a message when two of them have
it: what is acknowledged outlives any one of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing

from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import KafkaError, TopicAlreadyExistsError

from adapters.kafka.dead_letters import HEADERS_BYTES_MAX
from adapters.kafka.reaching import BROKER, reach
from adapters.kafka.rules import Wanted, bring_rules
from adapters.kafka_settings import KafkaSettings
from domain.errors import HomeNotReady, Unavailable
from domain.queued import KEPT_DAYS, LETTERS_KEPT_DAYS, MESSAGE_BYTES_MAX
from domain.told import TOLD_BYTES_MAX, TOLD_KEPT_DAYS

DAY_MS = 86_400_000
SUBMISSIONS_KEPT_MS = KEPT_DAYS * DAY_MS
LETTERS_KEPT_MS = LETTERS_KEPT_DAYS * DAY_MS
TOLD_KEPT_MS = TOLD_KEPT_DAYS * DAY_MS
IN_SYNC = 2
"""So many brokers have a message before it counts as sent, where a topic is on as many."""

_SET = "OK"
"""What the library says of a topic that was told: of any other it gives the broker's words."""


def topics_of(settings: KafkaSettings, wanted: Wanted) -> dict[str, dict[str, str]]:
    """Give the topics that there are to be, each with what it is told.

    Times count from when the broker was given a message, whatever its sender says; a file is begun
    each day, since the broker removes whole files, the one it writes to not among them.
    """
    found = {}
    for ledger in sorted(wanted.writers):
        found[settings.submissions(ledger)] = _told(SUBMISSIONS_KEPT_MS, MESSAGE_BYTES_MAX)
        found[settings.dead_letters(ledger)] = _told(LETTERS_KEPT_MS, MESSAGE_BYTES_MAX)
    for body in sorted(wanted.told):
        found[settings.told(body)] = _told(TOLD_KEPT_MS, TOLD_BYTES_MAX)
    return found


def _told(kept_ms: int, bytes_max: int) -> dict[str, str]:
    return {
        "cleanup.policy": "delete",
        "max.message.bytes": str(bytes_max + 4 * HEADERS_BYTES_MAX),
        "message.timestamp.type": "LogAppendTime",
        "retention.ms": str(kept_ms),
        "segment.ms": str(DAY_MS),
    }


class Administering:
    """Brings a broker to what there is to be."""

    def __init__(self, settings: KafkaSettings, *, copies: int) -> None:
        """Keep each topic on so many brokers."""
        self._settings = settings
        self._copies = copies

    def bring(self, wanted: Wanted) -> list[str]:
        """Make what is missing, and take away what is too much; gives what was done.

        Raises Unavailable, and HomeNotReady for what the broker refuses.
        """
        try:
            with closing(KafkaAdminClient(**reach(self._settings))) as admin:
                return [
                    *self._bring_topics(admin, topics_of(self._settings, wanted)),
                    *bring_rules(admin, self._settings, wanted),
                ]
        except KafkaError as error:
            if getattr(error, "retriable", False) or not getattr(error, "errno", 0):
                raise Unavailable(BROKER) from None
            raise HomeNotReady(f"Kafka refuses this: {type(error).__name__}") from None
        except OSError:
            raise Unavailable(BROKER) from None

    def _bring_topics(
        self, admin: KafkaAdminClient, wanted: Mapping[str, Mapping[str, str]]
    ) -> Iterator[str]:
        there = {one["name"]: one for one in admin.describe_topics() if not one["error_code"]}
        for name, told in wanted.items():
            if name not in there:
                made = {
                    "num_partitions": 1,
                    "replication_factor": self._copies,
                    "configs": _kept_on(self._copies, told),
                }
                try:
                    admin.create_topics({name: made}, wait_for_metadata=True)
                except TopicAlreadyExistsError:
                    continue
                yield f"made topic {name}"
            elif len(there[name]["partitions"]) != 1:
                raise HomeNotReady(f"the topic {name} has more than one partition: remove it")
            else:
                copies = len(there[name]["partitions"][0]["replica_nodes"])
                yield from self._set(admin, name, _kept_on(copies, told))
                if copies != self._copies:
                    yield f"left topic {name} on {copies} brokers, not on {self._copies}"

    def _set(self, admin: KafkaAdminClient, name: str, told: Mapping[str, str]) -> Iterator[str]:
        if self._told(admin, name, told) != dict(told):
            asked = [ConfigResource(ConfigResourceType.TOPIC, name, dict(told))]
            if admin.alter_configs(asked)["topic"][name] != _SET:
                raise HomeNotReady(f"Kafka does not set the topic {name} as it should be")
            yield f"set topic {name}"

    def _told(self, admin: KafkaAdminClient, name: str, told: Mapping[str, str]) -> dict[str, str]:
        """Give what a topic was told of these."""
        found = admin.describe_configs(
            [ConfigResource(ConfigResourceType.TOPIC, name, dict.fromkeys(told))]
        )
        return {one: str(said["value"]) for one, said in found["topic"][name].items()}


def _kept_on(copies: int, told: Mapping[str, str]) -> dict[str, str]:
    """Give what a topic on so many brokers is told."""
    return {**told, "min.insync.replicas": str(min(IN_SYNC, copies))}
