"""Compose file, Procfile and settings are in step: the same processes, commands and variables."""

import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from honcho import environ  # type: ignore[import-untyped]  # it says nothing of its types
from psycopg.conninfo import conninfo_to_dict

from adapters.stores_settings import Stores
from tests.postgres_server import LOGINS
from tests.postgres_server import SETTINGS as SETTINGS_OF_TESTS

ROOT = Path(__file__).parent.parent
COMPOSED = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES = COMPOSED["services"]
SERVERS = {"kafka", "postgres"}
ONCE = {"prepare"}
PROCESSES: Mapping[str, str] = dict(
    environ.parse_procfile((ROOT / "Procfile").read_text(encoding="utf-8")).processes
)
LOCAL: Mapping[str, str] = environ.parse((ROOT / "Procfile.env").read_text(encoding="utf-8"))
SETTINGS = ("kafka_settings", "log_settings", "settings", "telemetry_settings")
OURS = re.compile(r"UP_[A-Z_]+")
"""Folders that only the commands of these files name."""
SETTING = re.compile(r"^([A-Z_]+)=(\S+)$")


def read_by_settings() -> set[str]:
    """Give every variable that a settings module reads."""
    found: set[str] = set()
    for name in SETTINGS:
        module = import_module(f"adapters.{name}")
        for constant, value in vars(module).items():
            if constant.endswith("_VARIABLE"):
                found.add(value)
            if constant.endswith("_VARIABLES"):
                found.update(value)
    return found


def process(name: str) -> tuple[dict[str, str], list[str]]:
    """Give a process of the Procfile: the variables it sets for itself, and its words."""
    words = shlex.split(PROCESSES[name])
    own = {m[1]: m[2] for m in map(SETTING.match, words) if m}
    return own, [word for word in words if not SETTING.match(word)]


def spelt(word: str, environment: Mapping[str, str]) -> str:
    """Give a word with its variables filled in, as a shell would."""
    return re.sub(r"\$([A-Z_]+)", lambda found: environment[found[1]], word)


def test_the_same_processes() -> None:
    """What compose runs beside the servers is what the Procfile runs."""
    assert set(SERVICES) - SERVERS - ONCE == set(PROCESSES)


@pytest.mark.parametrize("name", sorted(PROCESSES))
def test_the_same_command_and_variables(name: str) -> None:
    """Each process has one command and the same variables in both; folders differ alone."""
    service, (own, words) = SERVICES[name], process(name)
    environment = service["environment"]
    assert [spelt(word, environment) for word in words] == service["command"]
    assert set(environment) == set(LOCAL) | set(own)
    for variable, value in own.items():
        assert environment[variable] == spelt(value, environment)


def test_every_variable_is_one_that_settings_read() -> None:
    """No variable is set that nothing reads, in either file."""
    named = {variable for one in SERVICES.values() for variable in one.get("environment", {})}
    named |= set(LOCAL)
    ours = {variable for variable in named if variable.startswith("BHR_")}
    assert ours <= read_by_settings()
    assert {one for one in named if not one.startswith(("BHR_", "KAFKA_", "POSTGRES_"))} == {
        one for one in named if OURS.fullmatch(one)
    }
    assert "BHR_PASSPHRASE" not in named


def test_no_two_processes_share_a_port() -> None:
    """Everything is on one machine's loopback address, each on a port of its own."""
    text = (ROOT / "Procfile").read_text(encoding="utf-8")
    ports = re.findall(r"(?:127\.0\.0\.1:|--port |witness )(\d{4})", text)
    assert len(ports) == len(set(ports)) == len(PROCESSES) + 1


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_is_confined(name: str) -> None:
    """Read-only root, no capabilities, no new rights, nobody's root, and its health is asked."""
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert ("healthcheck" in service) == (name not in ONCE)
    if name in PROCESSES:
        assert "USER hub" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_secrets_come_by_file() -> None:
    """Every secret is a file, none stands in the compose file, and each is given to somebody."""
    given = {one for service in SERVICES.values() for one in service.get("secrets", ())}
    assert given == set(COMPOSED["secrets"])
    assert all(set(one) == {"file"} for one in COMPOSED["secrets"].values())
    named = {variable for one in SERVICES.values() for variable in one.get("environment", {})}
    secret = {one for one in named if re.search("PASS|TOKEN|SECRET", one)}
    assert secret
    assert all(one.endswith("_FILE") for one in secret)


def test_the_server_of_keys_forgets_as_the_erasing_tests_have_it() -> None:
    """Compose's PostgreSQL recycles no log of what was destroyed, as the server of the tests."""
    asked = SERVICES["postgres"]["command"][1:]
    assert asked[::2] == ["-c"] * len(asked[1::2])
    told = dict(one.split("=", 1) for one in asked[1::2])
    assert told["wal_recycle"] == SETTINGS_OF_TESTS["wal_recycle"] == "off"
    assert not {"wal_keep_size", "archive_mode", "wal_level"} & set(told)


def test_volumes_are_named() -> None:
    """What is kept is in named volumes, each of which somebody has."""
    used = {
        one.split(":")[0]
        for service in SERVICES.values()
        for one in service.get("volumes", ())
        if not one.startswith("./")
    }
    assert used == set(COMPOSED["volumes"])


def test_tmpfs_belongs_to_whoever_writes_there() -> None:
    """Where an image has a folder of its user's, a tmpfs in its place is that user's too."""
    for name in SERVICES:
        for one in SERVICES[name]["tmpfs"]:
            where, _, options = one.partition(":")
            ours = where in {"/tmp", "/var/run/postgresql"}  # noqa: S108 - anybody's, in each image
            assert options == ("" if ours else "uid=1000,gid=1000"), f"{name}: {one}"


def test_a_server_that_is_slow_to_start_is_waited_for() -> None:
    """What others wait for to be healthy is given minutes: `up` gives up on what is not."""
    for name in SERVICES["prepare"]["depends_on"]:
        assert re.fullmatch(r"[2-9]m", SERVICES[name]["healthcheck"]["start_period"])


def test_the_image_is_built_from_what_it_runs_on() -> None:
    """What the Dockerfile copies is let through to it, and of the locks that without tools."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    let_through = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in let_through
    assert {one[1:] for one in let_through if one.startswith("!")} == {
        *("adapters", "domain", "projections", "services"),
        *("pyproject.toml", "runtime.lock"),
    }
    assert "COPY runtime.lock" in text
    assert "requirements.lock" not in text


def secrets_made(to: Path) -> str:
    """Run the script that makes secrets with nobody to hand them to; gives what `to` holds."""
    tools = to.parent / "tools"
    tools.mkdir()
    (tools / "chown").write_text('#!/bin/sh\necho "$@" >>"$CHOWNED"\n', encoding="utf-8")
    (tools / "chown").chmod(0o700)
    found = f"{tools}:{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
    subprocess.run(
        [ROOT / "adapters/command_line/secrets.sh", to],
        env={"PATH": found, "CHOWNED": str(to.parent / "chowned")},
        check=True,
        capture_output=True,
    )
    return (to.parent / "chowned").read_text(encoding="utf-8")


def test_secrets_are_made_for_whoever_reads_them(tmp_path: Path) -> None:
    """Each secret that compose names is made, read by its user alone, and fits its neighbours."""
    folder = tmp_path / "secrets"
    owned = {
        name: line.split()[0]
        for line in secrets_made(folder).splitlines()
        for name in line.replace(".new", "").split()[1:]
    }
    needed = {Path(one["file"]).name for one in COMPOSED["secrets"].values()}
    assert needed <= {one.name for one in folder.iterdir()}
    for name in needed:
        mode = (folder / name).stat().st_mode & 0o777
        assert mode == (0o400 if name in owned else 0o444), name
    assert needed - set(owned) == {"recovery.pub", "kafka-authority.pem"}
    assert owned["passphrase"] == "10001"
    assert "--uid 10001" in (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert owned["kafka-broker.pem"] == "1000"
    for user, service in (("10001", "intake"), ("999", "postgres"), ("1000", "kafka")):
        given = {
            Path(COMPOSED["secrets"][one]["file"]).name for one in SERVICES[service]["secrets"]
        }
        assert {owned[one] for one in given & set(owned)} == {user}
    stores = Stores.model_validate_json((folder / "stores.json").read_bytes())
    script = (ROOT / "adapters/ledger/logins.sh").read_text(encoding="utf-8")
    for server in (stores.others, stores.keys, stores.views):
        assert server is not None
        for use, conninfo in server.model_dump().items():
            told = conninfo_to_dict(conninfo)
            assert f"CREATE DATABASE {told['dbname']};" in script
            assert (told["user"] == "postgres") == (use == "make")
            assert use == "make" or f"CREATE ROLE {told['user']} LOGIN" in script
            passfile = "superuser-passfile" if use == "make" else "passfile"
            assert told["passfile"] == f"/run/secrets/{passfile}"
    superuser = (folder / "postgres-password").read_text(encoding="utf-8").strip()
    holding = {one.name for one in folder.iterdir() if one.is_file() and superuser in read(one)}
    assert holding == {"postgres-password", "superuser-passfile"}


def read(file: Path) -> str:
    """Give a file's text."""
    return file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "script",
    [
        "adapters/command_line/prepare.sh",
        "adapters/command_line/secrets.sh",
        "adapters/ledger/logins.sh",
        "adapters/witnesses/litewitness.sh",
    ],
)
def test_scripts_can_be_run(script: str) -> None:
    """What these files name is there, and may be run."""
    assert (ROOT / script).stat().st_mode & 0o111
    text = "".join(
        (ROOT / one).read_text(encoding="utf-8") for one in ("docker-compose.yml", "Procfile")
    )
    assert script in text


def test_a_new_server_has_every_role_with_a_login() -> None:
    """Whatever role `stores.json` may name somebody in, the script makes it, and who is in it."""
    script = (ROOT / "adapters/ledger/logins.sh").read_text(encoding="utf-8")
    for role, _ in LOGINS:
        assert f"CREATE ROLE {role} NOLOGIN;" in script
        assert f"LOGIN PASSWORD :'password' IN ROLE {role};" in script


def test_a_trial_is_prepared_with_the_witnesses_that_run() -> None:
    """Each litewitness has the folder, name and port in the Procfile that the policy is made of."""
    script = (ROOT / "adapters/command_line/prepare.sh").read_text(encoding="utf-8")
    found = [process(name)[1] for name in sorted(PROCESSES) if "litewitness.sh" in PROCESSES[name]]
    assert len(found) == 2
    for _, folder, name, port in found:
        borough = Path(folder).name
        assert f'"$litewitnesses/{borough}" {name})' in script
        assert re.search(rf"witness {borough} \$\w+ http://127\.0\.0\.1:{port}\b", script)
    assert "--port 8431" in PROCESSES["witness-havering"]
    assert "http://127.0.0.1:8431" in script
    prepared = SERVICES["prepare"]
    assert prepared["command"][-1].endswith(f" {prepared['environment']['UP_LITEWITNESSES']}")
