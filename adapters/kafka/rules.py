"""Access rules of a hub's topics, groups and transactions: which there are to be, and which stand.

Names in certificates are what the broker makes of them: the hub's own (`BHR_KAFKA_HUB`), and each
participant's code for those who publish.

    who                                     may
    a participant with a source there       write to the ledger's topic of submissions
    every participant                       read its own topic of what it is told, in a group of
                                            that name
    the hub                                 read submissions, write and read dead letters, be of
                                            its group; write what participants are told, in
                                            transactions of its own

A rule that allows anything else with one of these names, or more of them at once, is taken away.
What denies was put there by an operator, against somebody: it is told of and left, as is what
allows more than this hub's names, which may be another's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    KafkaAdminClient,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
)
from kafka.errors import NoError

from adapters.kafka_settings import KafkaSettings
from domain.errors import HomeNotReady

_KINDS = ("GROUP", "TOPIC", "TRANSACTIONAL_ID")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom topics and rules are to be for: who publishes to each ledger, and who is told."""

    writers: Mapping[str, Collection[str]]
    told: Collection[str]


class Rule(NamedTuple):
    """One rule, in all that makes it another than the next."""

    kind: str
    name: str
    who: str
    may: str
    pattern: str = "LITERAL"
    host: str = "*"
    permission: str = "ALLOW"


def rules_of(settings: KafkaSettings, wanted: Wanted) -> set[Rule]:
    """Give the access rules that there are to be."""
    hub = f"User:{settings.hub}"
    found = {Rule("GROUP", settings.group, hub, "READ")}
    for ledger, bodies in wanted.writers.items():
        topic, letters = settings.submissions(ledger), settings.dead_letters(ledger)
        found.add(Rule("TOPIC", topic, hub, "READ"))
        found |= {Rule("TOPIC", letters, hub, may) for may in ("READ", "WRITE")}
        # Who may write may ask what it is called and where: the broker takes one for the other.
        found |= {Rule("TOPIC", topic, f"User:{body}", "WRITE") for body in bodies}
        found.add(Rule("TRANSACTIONAL_ID", settings.outbox(ledger), hub, "WRITE"))
    for body in wanted.told:
        topic = settings.told(body)
        found.add(Rule("TOPIC", topic, hub, "WRITE"))
        found |= {Rule(kind, topic, f"User:{body}", "READ") for kind in ("GROUP", "TOPIC")}
    return found


def bring_rules(admin: KafkaAdminClient, settings: KafkaSettings, wanted: Wanted) -> Iterator[str]:
    """Bring a broker's rules to what there is to be; gives what was done and what was left."""
    to_be, there = rules_of(settings, wanted), _standing(admin)
    missing = sorted(to_be - there)
    if missing and admin.create_acls(list(map(acl_of, missing)))["failed"]:
        raise HomeNotReady("Kafka refuses these access rules")
    yield from (f"allowed {_spelt(rule)}" for rule in missing)
    for rule in sorted(there - to_be):
        if is_ours(settings, rule) and rule.permission == "ALLOW":
            _take_away(admin, rule)
            yield f"allowed no more {_spelt(rule)}"
        elif is_ours(settings, rule):
            yield f"left as it is, though it denies: {_spelt(rule)}"
        elif _is_wider(settings, rule):
            yield f"left as it is, though it allows more than is ours: {_spelt(rule)}"


def is_ours(settings: KafkaSettings, rule: Rule) -> bool:
    """Say whether a rule is of names that this hub alone gives, and of no other's beside it."""
    if rule.kind not in _KINDS:
        return False
    if rule.name == settings.group:
        return rule.pattern == "LITERAL"
    # No ledger and no body has a dot in its name: what has more of them is another hub's.
    return any(
        rule.name.startswith(one) and "." not in rule.name.removeprefix(one)
        for one in _beginnings(settings)
    )


def _is_wider(settings: KafkaSettings, rule: Rule) -> bool:
    """Say whether a rule allows something with our names, and with others."""
    if rule.kind not in _KINDS or rule.permission != "ALLOW":
        return False
    if rule.pattern == "LITERAL":
        return rule.name == "*"
    return any(one.startswith(rule.name) for one in (settings.group, *_beginnings(settings)))


def _beginnings(settings: KafkaSettings) -> tuple[str, ...]:
    names = (settings.submissions, settings.dead_letters, settings.told, settings.outbox)
    return tuple(one("") for one in names)


def _standing(admin: KafkaAdminClient) -> set[Rule]:
    """Give every rule that stands."""
    found, _ = admin.describe_acls(
        ACLFilter(
            principal=None,
            host=None,
            operation=ACLOperation.ANY,
            permission_type=ACLPermissionType.ANY,
            resource_pattern=ResourcePatternFilter(
                ResourceType.ANY, None, ACLResourcePatternType.ANY
            ),
        )
    )
    return set(map(rule_of, found))


def _take_away(admin: KafkaAdminClient, rule: Rule) -> None:
    """Take this rule away and no other; raises HomeNotReady where it may still stand."""
    for _, taken, error in admin.delete_acls([acl_of(rule)]):
        if error is not NoError or not taken:
            raise HomeNotReady(f"Kafka does not take away what allows {_spelt(rule)}")


def rule_of(acl: ACL) -> Rule:
    """Give a rule as a broker's library has it as ours."""
    return Rule(
        acl.resource_pattern.resource_type.name,
        acl.resource_pattern.resource_name,
        acl.principal,
        acl.operation.name,
        acl.resource_pattern.pattern_type.name,
        acl.host,
        acl.permission_type.name,
    )


def acl_of(rule: Rule) -> ACL:
    """Give a rule as the library has it: to be made, or to be found and taken away."""
    return ACL(
        principal=rule.who,
        host=rule.host,
        operation=ACLOperation[rule.may],
        permission_type=ACLPermissionType[rule.permission],
        resource_pattern=ResourcePattern(
            ResourceType[rule.kind], rule.name, ACLResourcePatternType[rule.pattern]
        ),
    )


def _spelt(rule: Rule) -> str:
    many = "all that begin with " if rule.pattern == "PREFIXED" else ""
    host = "" if rule.host == "*" else f" from {rule.host}"
    who, kind = rule.who.removeprefix("User:"), rule.kind.lower()
    return f"{who} to {rule.may.lower()} {kind} {many}{rule.name}{host}"
