"""Compose gives each process the secrets, rights and folders that it needs, and no others."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.test_deployed import PROCESSES, ROOT, SERVERS, SERVICES

KAFKA_OF_TESTS = ROOT / "tests/kafka_server.py"
HUB = {"passphrase", "passfile"}
KAFKA = {"kafka-hub", "kafka-authority"}
GIVEN: Mapping[str, tuple[set[str], set[str]]] = {
    "serve": (HUB, {"hub-home", "policy:ro"}),
    "project": (HUB, {"hub-home", "policy:ro"}),
    "intake": (HUB | KAFKA, {"hub-home", "policy:ro"}),
    "outbox": (HUB | KAFKA, {"hub-home", "policy:ro"}),
    "witness-barking-and-dagenham": (set(), {"litewitnesses", "policy:ro"}),
    "witness-redbridge": (set(), {"litewitnesses", "policy:ro"}),
    "witness-havering": ({"passphrase"}, {"witness"}),
}
"""The secrets and volumes of each process: what it reads, and nothing else."""


@pytest.mark.parametrize("name", sorted(PROCESSES))
def test_each_process_is_given_what_it_reads(name: str) -> None:
    """No process has another's secrets or folders: what it does not have nobody takes by it."""
    secrets, volumes = GIVEN[name]
    service = SERVICES[name]
    assert set(service.get("secrets", ())) == secrets
    parts = [one.split(":") for one in service["volumes"]]
    assert {":".join([one[0], *one[2:]]) for one in parts} == volumes
    assert {one[1] for one in parts} == {f"/var/lib/bhr/{one[0]}" for one in parts}


def test_who_may_make_roles_and_rules_is_gone_when_the_hub_runs() -> None:
    """The superuser's password and the operator's key are `prepare`'s, which ends before."""
    for secret in ("superuser-passfile", "kafka-operator", "stores"):
        assert [one for one, told in SERVICES.items() if secret in told.get("secrets", ())] == [
            "prepare"
        ]
    assert SERVICES["prepare"]["restart"] == "no"
    assert not {"ports", "healthcheck"} & set(SERVICES["prepare"])
    for name in PROCESSES:
        ended = {"prepare": {"condition": "service_completed_successfully"}}
        assert SERVICES[name]["depends_on"] == ended


def test_the_hub_is_no_super_user_of_kafka() -> None:
    """Its access rules hold for it, as in the tests' own broker; the operator's key is another."""
    users = SERVICES["kafka"]["environment"]["KAFKA_SUPER_USERS"]
    assert users == "User:broker;User:operator"
    assert f"super.users={users}\n" in KAFKA_OF_TESTS.read_text(encoding="utf-8")
    certificates = {
        name: Path(told["environment"]["BHR_KAFKA_CERTIFICATE"]).name
        for name, told in SERVICES.items()
        if name not in SERVERS
    }
    assert certificates.pop("prepare") == "kafka-operator"
    assert set(certificates.values()) == {"kafka-hub"}


def test_every_folder_of_ours_is_the_hub_user_s() -> None:
    """A new volume takes the owner of the image's folder: each one that is mounted is there."""
    made = (ROOT / "Dockerfile").read_text(encoding="utf-8").split("install --directory", 1)[1]
    mounted = {
        one.split(":")[1]
        for name, told in SERVICES.items()
        if name not in SERVERS
        for one in told["volumes"]
    }
    assert mounted <= set(made.split("COPY", 1)[0].split())
