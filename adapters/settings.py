"""Settings, read once from the environment and the command line into frozen values.

`BHR_HOME` is the folder with the homes in it, which are never shared: `hub` (ledgers, key store,
views), `boroughs/<name>` (a borough's own keys, pseudonyms, outbox), and `witness`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import StringConstraints, TypeAdapter, ValidationError

from domain.errors import HomeNotReady
from domain.values import AgreementRef, LaCode, ParticipantCode, PurposeCode, SourceName, Strict

HOME_VARIABLE = "BHR_HOME"
ISSUER_VARIABLES = ("BHR_ISSUER", "BHR_AUDIENCE", "BHR_ISSUER_KEYS")
MIRROR_VARIABLE = "BHR_KEY_MIRROR"
PASSPHRASE_VARIABLE = "BHR_PASSPHRASE"  # noqa: S105 - the name of a variable
PASSPHRASE_FILE_VARIABLE = "BHR_PASSPHRASE_FILE"  # noqa: S105 - the name of a variable
_CODE: TypeAdapter[str] = TypeAdapter(ParticipantCode)


@dataclass(frozen=True, slots=True)
class HubHome:
    """Where the hub keeps what it keeps."""

    folder: Path

    @property
    def ledgers(self) -> Path:
        """One file per ledger. Losing one loses history; a thief gets sealed bytes and sizes."""
        return self.folder / "ledgers"

    def ledger(self, name: str) -> Path:
        """Give where one ledger stands."""
        return self.ledgers / f"{name}.sqlite"

    def key_file(self, purpose: str) -> Path:
        """Give where the key file of a purpose stands."""
        return self.key_files / f"{purpose}.json"

    @property
    def key_store(self) -> Path:
        """Wrapped data keys. Losing it erases everything; a thief needs the key-encryption key."""
        return self.folder / "keys.sqlite"

    @property
    def mirror(self) -> Path | None:
        """The key store's mirror, on another disk, where `BHR_KEY_MIRROR` names one."""
        named = os.environ.get(MIRROR_VARIABLE)
        return Path(named) if named else None

    @property
    def key_files(self) -> Path:
        """Key files, each sealed by the passphrase and to the recovery key."""
        return self.folder / "key-files"

    @property
    def intake_keys(self) -> Path:
        """The keys that what lies in queues is sealed to; the client sends again what they lose."""
        return self.folder / "intake-keys"

    @property
    def views(self) -> Path:
        """The views: rebuilt from the ledgers, never backed up."""
        return self.folder / "views"

    @property
    def spent_links(self) -> Path:
        """Which sign-in links were used. Losing it lets the last minutes' open once more."""
        return self.folder / "spent-links"

    @property
    def public_keys(self) -> Path:
        """The public half of its signing key, to be registered here: boroughs ask for it."""
        return self.folder / "public-keys.json"

    @property
    def trust(self) -> Path:
        """The fingerprints that this body was given by other means."""
        return self.folder / "trust.json"

    @property
    def stores(self) -> Path:
        """Which ledgers are on which servers; where there is none, all of them are files."""
        return self.folder / "stores.json"

    @property
    def custody(self) -> Path:
        """Where its keys are kept beside its key files; where there is none, in these alone."""
        return self.folder / "custody.json"

    @property
    def log(self) -> Path:
        """What its logs are called, said once: a log's name is in all that was ever signed."""
        return self.folder / "log.json"


@dataclass(frozen=True, slots=True)
class BoroughHome:
    """Where a borough keeps what is its own; never on the hub's machine but in a demonstration."""

    folder: Path
    name: str
    feed: str = ""
    """Which of its sources, where it has several: each has settings and a token of its own."""

    @property
    def settings(self) -> Path:
        """What it said of itself and of its hub."""
        return self.folder / f"borough{self._of_feed}.json"

    @property
    def store(self) -> Path:
        """Pseudonyms, outbox, what was last published, acknowledgements."""
        return self.folder / "borough.sqlite"

    @property
    def fences(self) -> Path:
        """What was erased, in keyed tags. A store that is put back heeds it; it stays as it is."""
        return self.folder / "borough-fences.json"

    @property
    def custody(self) -> Path:
        """Where its keys are kept beside its key files; where there is none, in these alone."""
        return self.folder / "custody.json"

    @property
    def key_files(self) -> Path:
        """Key files, each sealed by the passphrase and to the recovery key."""
        return self.folder / "key-files"

    @property
    def trust(self) -> Path:
        """The fingerprints that this body was given by other means."""
        return self.folder / "trust.json"

    def key_file(self, purpose: str) -> Path:
        """Give where the key file of a purpose stands."""
        return self.key_files / f"{purpose}.json"

    @property
    def public_keys(self) -> Path:
        """Its public keys, for the hub to register."""
        return self.folder / "public-keys.json"

    @property
    def token(self) -> Path:
        """The bearer token that it publishes with."""
        return self.folder / f"token{self._of_feed}"

    @property
    def _of_feed(self) -> str:
        return f"-{self.feed}" if self.feed else ""


class BoroughSettings(Strict):
    """What a borough says once of itself and of its hub; kept as `borough.json` in its home."""

    agreement: AgreementRef
    authority: LaCode
    hub: Annotated[str, StringConstraints(pattern=r"^https?://[^\s/?#]+$")]
    ledger: ParticipantCode | None = None
    """The ledger that its source writes to, where it is not its own."""
    participant: ParticipantCode
    purpose: PurposeCode
    source: SourceName


def write_borough(home: BoroughHome, said: BoroughSettings) -> None:
    """Write a borough's settings; its home is made, open to nobody else."""
    home.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.settings.write_bytes(said.canonical() + b"\n")


def read_borough(home: BoroughHome) -> BoroughSettings:
    """Read a borough's settings; raises HomeNotReady."""
    try:
        return BoroughSettings.model_validate_json(home.settings.read_bytes())
    except (OSError, ValidationError):
        raise HomeNotReady(
            f"{home.folder} is no borough's home yet: run `bhr borough init {home.name}`"
        ) from None


@dataclass(frozen=True, slots=True)
class IssuerSettings:
    """An identity provider of the participants' own: its name, our name there, its keys."""

    issuer: str
    audience: str
    keys: Path


def configured_issuer() -> IssuerSettings | None:
    """Give the configured identity provider; raises HomeNotReady when only half of it is set."""
    found = [os.environ.get(name) for name in ISSUER_VARIABLES]
    issuer, audience, keys = found
    if issuer and audience and keys:
        return IssuerSettings(issuer, audience, Path(keys))
    if any(found):
        raise HomeNotReady(f"an identity provider takes all of {', '.join(ISSUER_VARIABLES)}")
    return None


def home() -> Path:
    """Give the folder of all homes: `BHR_HOME`, or `.bhr` in the user's own folder."""
    return Path(os.environ.get(HOME_VARIABLE) or Path.home() / ".bhr")


def hub_home() -> HubHome:
    """Give the hub's home."""
    return HubHome(home() / "hub")


def borough_home(name: str, feed: str = "") -> BoroughHome:
    """Give a borough's home; raises HomeNotReady for what is no code and could be another path."""
    try:
        for code in (name, feed or name):
            _CODE.validate_python(code)
    except ValidationError:
        raise HomeNotReady("a borough's code is small letters, digits and hyphens") from None
    return BoroughHome(home() / "boroughs" / name, name, feed)


def given_passphrase() -> str | None:
    """Give the passphrase of the key files where one is set; an audit can do without."""
    if os.environ.get(PASSPHRASE_FILE_VARIABLE) or os.environ.get(PASSPHRASE_VARIABLE):
        return passphrase()
    return None


def passphrase() -> str:
    """Give the passphrase of the key files: from a file, else from the environment."""
    path = os.environ.get(PASSPHRASE_FILE_VARIABLE)
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").rstrip("\n")
        except (OSError, UnicodeDecodeError):
            raise HomeNotReady(f"{PASSPHRASE_FILE_VARIABLE} names no readable file") from None
    found = os.environ.get(PASSPHRASE_VARIABLE)
    if not found:
        raise HomeNotReady(
            f"no passphrase: set {PASSPHRASE_FILE_VARIABLE} (a file) or {PASSPHRASE_VARIABLE}"
        )
    return found
