"""Making topics and access rules: what is missing is made, what is too much is taken away.

Run under a certificate that may. Names in certificates are what the broker makes of them: the hub's
own (`BHR_KAFKA_HUB`), and each participant's code for those who publish.

    who                                     may
    a participant with a source there       write to the ledger's topic of submissions
    every participant                       read its own topic of what it is told, in a group of
                                            that name
    the hub                                 read submissions, write and read dead letters, be of
                                            its group; write what participants are told, in
                                            transactions of its own
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass

from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ConfigResource,
    ConfigResourceType,
    KafkaAdminClient,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
)
from kafka.errors import KafkaError, TopicAlreadyExistsError

from adapters.kafka.dead_letters import HEADERS_BYTES_MAX
from adapters.kafka.reaching import BROKER, reach
from adapters.kafka_settings import KafkaSettings
from domain.errors import HomeNotReady, Unavailable
from domain.queued import KEPT_DAYS, LETTERS_KEPT_DAYS, MESSAGE_BYTES_MAX
from domain.told import TOLD_BYTES_MAX, TOLD_KEPT_DAYS

DAY_MS = 86_400_000
SUBMISSIONS_KEPT_MS = KEPT_DAYS * DAY_MS
LETTERS_KEPT_MS = LETTERS_KEPT_DAYS * DAY_MS
TOLD_KEPT_MS = TOLD_KEPT_DAYS * DAY_MS
Rule = tuple[str, str, str, str]
"""Kind of resource, its name, who, what: all of them allow."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom topics and rules are to be for: who publishes to each ledger, and who is told."""

    writers: Mapping[str, Collection[str]]
    told: Collection[str]


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


def rules_of(settings: KafkaSettings, wanted: Wanted) -> set[Rule]:
    """Give the access rules that there are to be."""
    hub = settings.hub
    found: set[Rule] = {("GROUP", settings.group, hub, "READ")}
    for ledger, bodies in wanted.writers.items():
        topic, letters = settings.submissions(ledger), settings.dead_letters(ledger)
        found.add(("TOPIC", topic, hub, "READ"))
        found |= {("TOPIC", letters, hub, may) for may in ("READ", "WRITE")}
        # Who may write may ask what it is called and where: the broker takes one for the other.
        found |= {("TOPIC", topic, body, "WRITE") for body in bodies}
        found.add(("TRANSACTIONAL_ID", settings.outbox(ledger), hub, "WRITE"))
    for body in wanted.told:
        topic = settings.told(body)
        found.add(("TOPIC", topic, hub, "WRITE"))
        found |= {(kind, topic, body, "READ") for kind in ("GROUP", "TOPIC")}
    return found


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
                    *self._bring_rules(admin, rules_of(self._settings, wanted)),
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
                made = {"num_partitions": 1, "replication_factor": self._copies, "configs": told}
                try:
                    admin.create_topics({name: made}, wait_for_metadata=True)
                except TopicAlreadyExistsError:
                    continue
                yield f"made topic {name}"
            elif len(there[name]["partitions"]) != 1:
                raise HomeNotReady(f"the topic {name} has more than one partition: remove it")
            elif self._told(admin, name, told) != dict(told):
                admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, dict(told))])
                yield f"set topic {name}"

    def _told(self, admin: KafkaAdminClient, name: str, told: Mapping[str, str]) -> dict[str, str]:
        """Give what a topic was told of these."""
        found = admin.describe_configs(
            [ConfigResource(ConfigResourceType.TOPIC, name, dict.fromkeys(told))]
        )
        return {one: str(said["value"]) for one, said in found["topic"][name].items()}

    def _bring_rules(self, admin: KafkaAdminClient, wanted: set[Rule]) -> Iterator[str]:
        there = self._rules(admin)
        if missing := sorted(wanted - there):
            made = admin.create_acls(list(map(_acl, missing)))
            if made["failed"]:
                raise HomeNotReady("Kafka refuses these access rules")
        yield from (f"allowed {_spelt(rule)}" for rule in missing)
        surplus = sorted(there - wanted)
        for rule in surplus:
            admin.delete_acls([_filter(rule)])
            yield f"allowed no more {_spelt(rule)}"

    def _rules(self, admin: KafkaAdminClient) -> set[Rule]:
        """Give the rules that stand for what is ours, by the beginning of its name."""
        anything = ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY)
        found, _ = admin.describe_acls(
            ACLFilter(
                principal=None,
                host=None,
                operation=ACLOperation.ANY,
                permission_type=ACLPermissionType.ANY,
                resource_pattern=anything,
            )
        )
        return {
            (
                one.resource_pattern.resource_type.name,
                one.resource_pattern.resource_name,
                one.principal.removeprefix("User:"),
                one.operation.name,
            )
            for one in found
            if one.resource_pattern.resource_name.startswith(f"{self._settings.prefix}.")
        }


def _acl(rule: Rule) -> ACL:
    kind, name, who, may = rule
    return ACL(
        principal=f"User:{who}",
        host="*",
        operation=ACLOperation[may],
        permission_type=ACLPermissionType.ALLOW,
        resource_pattern=ResourcePattern(ResourceType[kind], name),
    )


def _filter(rule: Rule) -> ACLFilter:
    kind, name, who, may = rule
    return ACLFilter(
        principal=f"User:{who}",
        host=None,
        operation=ACLOperation[may],
        permission_type=ACLPermissionType.ANY,
        resource_pattern=ResourcePatternFilter(
            ResourceType[kind], name, ACLResourcePatternType.LITERAL
        ),
    )


def _spelt(rule: Rule) -> str:
    kind, name, who, may = rule
    return f"{who} to {may.lower()} {kind.lower()} {name}"
