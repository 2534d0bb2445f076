"""`bhr kafka init` makes what is missing, takes away what is too much, leaves what is another's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest
from kafka.admin import (
    ACL,
    ACLFilter,
    ConfigResource,
)
from kafka.errors import ClusterAuthorizationFailedError, KafkaError, NoError

from adapters.kafka import administering
from adapters.kafka.administering import Administering
from adapters.kafka.rules import Rule, Wanted, acl_of, rule_of, rules_of
from domain.errors import HomeNotReady
from tests.adapters.kafka.settings import SETTINGS

WANTED = Wanted({"havering": ("havering",), "redbridge": ("redbridge",)}, ("havering",))


@dataclass
class Topic:
    """A topic of a broker in memory."""

    copies: int
    told: dict[str, str]
    partitions: int = 1


@dataclass
class Broker:
    """A broker in memory, as its administrator sees it."""

    topics: dict[str, Topic] = field(default_factory=dict)
    rules: list[ACL] = field(default_factory=list)
    refuses: type[KafkaError] | None = None
    """What it says to whoever would set a topic, or take a rule away."""

    def close(self) -> None:
        """End."""

    def describe_topics(self) -> list[Mapping[str, object]]:
        """Give the topics."""
        return [
            {
                "name": name,
                "error_code": 0,
                "partitions": [{"replica_nodes": list(range(one.copies))}] * one.partitions,
            }
            for name, one in self.topics.items()
        ]

    def create_topics(self, made: Mapping[str, Mapping[str, object]], **_: object) -> None:
        """Make topics."""
        for name, one in made.items():
            copies, told = one["replication_factor"], one["configs"]
            assert isinstance(copies, int)
            assert isinstance(told, dict)
            self.topics[name] = Topic(copies, dict(told))

    def describe_configs(
        self, asked: Sequence[ConfigResource]
    ) -> Mapping[str, Mapping[str, Mapping[str, Mapping[str, str]]]]:
        """Give what topics were told."""
        return {
            "topic": {
                one.name: {
                    key: {"value": value}
                    for key, value in self.topics[one.name].told.items()
                    if key in one.configs
                }
                for one in asked
            }
        }

    def alter_configs(self, asked: Sequence[ConfigResource]) -> Mapping[str, Mapping[str, str]]:
        """Tell topics."""
        if self.refuses is not None:
            return {"topic": {one.name: str(self.refuses()) for one in asked}}
        for one in asked:
            self.topics[one.name].told.update(one.configs)
        return {"topic": {one.name: "OK" for one in asked}}

    def describe_acls(self, _: ACLFilter) -> tuple[list[ACL], type[KafkaError]]:
        """Give all rules."""
        return list(self.rules), NoError

    def create_acls(self, made: Sequence[ACL]) -> Mapping[str, Sequence[object]]:
        """Make rules."""
        self.rules += made
        return {"succeeded": made, "failed": []}

    def delete_acls(
        self, filters: Sequence[ACLFilter]
    ) -> list[tuple[ACLFilter, list[ACL], type[KafkaError]]]:
        """Take rules away that are all that is asked for."""
        if self.refuses is not None:
            return [(one, [], self.refuses) for one in filters]
        found = []
        for asked in filters:
            gone = [one for one in self.rules if one == asked]
            self.rules = [one for one in self.rules if one != asked]
            found.append((asked, gone, NoError))
        return found

    def there(self) -> set[Rule]:
        """Give all rules as we say them."""
        return set(map(rule_of, self.rules))

    def add(self, rule: Rule) -> None:
        """Add a rule that somebody made."""
        self.rules.append(acl_of(rule))


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    """A broker in memory, on which there is nothing."""
    made = Broker()
    monkeypatch.setattr(administering, "KafkaAdminClient", lambda **_: made)
    monkeypatch.setattr(administering, "reach", lambda _: {})
    return made


def bring(wanted: Wanted = WANTED, copies: int = 3) -> list[str]:
    """Bring the broker to what there is to be."""
    return Administering(SETTINGS, copies=copies).bring(wanted)


def test_the_second_time_nothing_is_done(broker: Broker) -> None:
    """All topics and rules are made once, and what stands as it should is left."""
    done = bring()
    assert len(done) == 5 + len(rules_of(SETTINGS, WANTED))
    assert broker.there() == rules_of(SETTINGS, WANTED)
    assert bring() == []


SUBMISSIONS = SETTINGS.submissions("redbridge")


@pytest.mark.parametrize(
    "rule",
    [
        Rule("TOPIC", SUBMISSIONS, "User:havering", "WRITE"),
        Rule("TOPIC", "bhr.submissions.", "User:havering", "WRITE", pattern="PREFIXED"),
        Rule("TOPIC", SUBMISSIONS, "User:redbridge", "WRITE", host="192.0.2.7"),
        Rule("TOPIC", SUBMISSIONS, "User:redbridge", "ALL"),
        Rule("GROUP", SETTINGS.group, "User:havering", "READ"),
        Rule("TOPIC", SETTINGS.told("nobody"), "User:nobody", "READ"),
    ],
)
def test_what_is_too_much_is_taken_away(broker: Broker, rule: Rule) -> None:
    """Whatever allows more with our names goes, in its own pattern and host; then all is well."""
    bring()
    broker.add(rule)
    [said] = bring()
    assert said.startswith("allowed no more ")
    assert broker.there() == rules_of(SETTINGS, WANTED)
    assert bring() == []


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (Rule("TOPIC", "bhr.test.submissions.havering", "User:havering", "WRITE"), False),
        (Rule("TOPIC", "bhr.told.submissions.havering", "User:havering", "WRITE"), False),
        (Rule("TOPIC", "weather", "User:havering", "WRITE"), False),
        (Rule("CLUSTER", "kafka-cluster", "User:operator", "ALTER"), False),
        (Rule("TOPIC", "bhr.", "User:havering", "WRITE", pattern="PREFIXED"), True),
        (Rule("TOPIC", "*", "User:havering", "WRITE"), True),
        (Rule("TOPIC", SUBMISSIONS, "User:redbridge", "WRITE", permission="DENY"), True),
    ],
)
def test_what_is_not_ours_is_left(broker: Broker, rule: Rule, *, said: bool) -> None:
    """Another hub's rules stay; one that denies, or is wider than ours, stays and is told of."""
    bring()
    broker.add(rule)
    for _ in range(2):
        assert [one.startswith("left as it is") for one in bring()] == [True] * said
    assert broker.there() == {*rules_of(SETTINGS, WANTED), rule}


def test_a_denial_is_not_taken_for_the_right(broker: Broker) -> None:
    """Where only a denial stands, the right is made beside it."""
    [rule] = [one for one in rules_of(SETTINGS, WANTED) if one.who == "User:redbridge"]
    denied = rule._replace(permission="DENY")
    broker.add(denied)
    bring()
    assert broker.there() == {*rules_of(SETTINGS, WANTED), denied}


def test_what_could_not_be_taken_away_is_not_called_gone(broker: Broker) -> None:
    """Where the broker refuses, the command ends in a refusal."""
    bring()
    broker.add(Rule("TOPIC", SUBMISSIONS, "User:havering", "WRITE"))
    broker.refuses = ClusterAuthorizationFailedError
    with pytest.raises(HomeNotReady):
        bring()


@pytest.mark.parametrize(("copies", "in_sync"), [(1, "1"), (2, "2"), (3, "2")])
def test_what_is_acknowledged_is_on_two_brokers(broker: Broker, copies: int, in_sync: str) -> None:
    """Where a topic is on several brokers two must have a message before it counts as sent."""
    bring(copies=copies)
    assert {one.told["min.insync.replicas"] for one in broker.topics.values()} == {in_sync}


def test_a_topic_that_was_told_otherwise_is_set_right(broker: Broker) -> None:
    """A setting that somebody changed is changed back, once."""
    bring()
    broker.topics[SUBMISSIONS].told["retention.ms"] = "1"
    assert bring() == [f"set topic {SUBMISSIONS}"]
    assert broker.topics[SUBMISSIONS].told["retention.ms"] == str(7 * 86_400_000)
    assert bring() == []


def test_a_topic_that_cannot_be_set_is_not_called_set(broker: Broker) -> None:
    """Where the broker refuses, the command ends in a refusal."""
    bring()
    broker.topics[SUBMISSIONS].told["retention.ms"] = "1"
    broker.refuses = ClusterAuthorizationFailedError
    with pytest.raises(HomeNotReady):
        bring()


def test_a_topic_on_fewer_brokers_is_told_of(broker: Broker) -> None:
    """It is left where it is, takes messages still, and is named each time."""
    bring(copies=1)
    topics = sorted(broker.topics)
    assert sorted(bring(copies=3)) == [f"left topic {one} on 1 brokers, not on 3" for one in topics]
    assert {one.told["min.insync.replicas"] for one in broker.topics.values()} == {"1"}


def test_more_than_one_partition_is_refused(broker: Broker) -> None:
    """A queue has one order: a topic that was made with several partitions is no queue."""
    bring()
    broker.topics[SUBMISSIONS].partitions = 2
    with pytest.raises(HomeNotReady, match="more than one partition"):
        bring()
