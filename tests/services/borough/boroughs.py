"""Boroughs to publish from, and the drafts that they publish."""

from dataclasses import dataclass, field

from adapters.keys import encapsulation, signing
from adapters.keys.cipher import AesGcmCipher
from adapters.keys.encapsulation import HybridEncapsulation
from adapters.keys.signing import Ed25519Signer
from domain.reference.body_keys import KeyPurpose, fingerprint
from domain.vocabulary.assessment import AssessmentStarted
from domain.vocabulary.front_door import ReferralReceived
from domain.vocabulary.parts import RestrictedPart, SharedPart
from services.borough.client import BoroughClient
from services.borough.drafting import Draft, SubjectDraft
from services.borough.linkage import LinkageKey
from services.borough.speaker import BoroughKeys, Means, Reach, RecipientKey, Speaker
from services.copy_ports import Copies, PostingDoor
from services.erasing_ports import ErasingStore, Fences
from services.trust import Vouched
from tests.fakes_borough_store import MemoryBoroughStore, MemoryCopies, MemoryFences
from tests.services.borough.fake_hub import FakeHub

NOW_MS = 1_700_000_000_000
HOUR_MS = 3_600_000
DAY = "2023-04-03"
TIME = "2023-04-02T23:00:00Z"


@dataclass
class MemoryTrust:
    """The `Trust` port."""

    given: list[Vouched] = field(default_factory=list)

    def add(self, vouched: Vouched) -> None:
        """Add a fingerprint."""
        self.given.append(vouched)

    def entries(self) -> tuple[Vouched, ...]:
        """Give everything that is vouched for."""
        return tuple(self.given)


@dataclass
class SteppedClock:
    """A clock that moves when a test says so."""

    now: int = NOW_MS

    def now_ms(self) -> int:
        """Give the time."""
        return self.now


@dataclass
class Patience:
    """Waits as often as it is told to, without waiting; keeps what it was asked for."""

    often: int = 20
    waited: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> bool:
        """Note the wait."""
        self.waited.append(seconds)
        return len(self.waited) <= self.often


@dataclass
class Borough:
    """One borough with everything that its client is made from."""

    hub: FakeHub
    name: str = "havering"
    store: ErasingStore = field(default_factory=MemoryBoroughStore)
    fences: Fences = field(default_factory=MemoryFences)
    door: PostingDoor | None = None
    copies: Copies = field(default_factory=MemoryCopies)
    trust: MemoryTrust = field(default_factory=MemoryTrust)
    clock: SteppedClock = field(default_factory=SteppedClock)
    patience: Patience = field(default_factory=Patience)
    linkage: tuple[LinkageKey, ...] = ()

    def __post_init__(self) -> None:
        """Make its keys, and exchange fingerprints with the hub."""
        seed = self.name.encode().ljust(32, b".")[:32]
        self.signer = Ed25519Signer(seed)
        private, public = encapsulation.generate()
        self.recipient = RecipientKey(public, private)
        self.hub.signing[fingerprint("signing", self.signer.public)] = self.signer.public
        self.hub.listed[self.name] = [("recipient", public), ("signing", self.signer.public)]
        self.vouch("bhr", "hub", self.hub.signer.public)

    def vouch(self, participant: str, purpose: KeyPurpose, public: bytes) -> None:
        """Believe a key of another body."""
        self.trust.add(Vouched(participant, purpose, fingerprint(purpose, public)))

    @property
    def speaker(self) -> Speaker:
        """Give who it speaks for."""
        source = f"/participants/{self.name}/social-care"
        return Speaker(
            self.name, source, self.name, self.name, "bhr-themes@1", "partnership-themes"
        )

    @property
    def keys(self) -> BoroughKeys:
        """Give its keys."""
        return BoroughKeys(self.signer, (self.recipient,), b"d" * 32, self.linkage)

    @property
    def means(self) -> Means:
        """Give its means: real cryptography, a clock and a patience of the test's."""
        cipher = AesGcmCipher(cached=1)  # each part has a key of its own: none comes twice
        return Means(cipher, HybridEncapsulation(), signing.verify, self.clock, self.patience)

    def client(self) -> BoroughClient:
        """Make its client anew, as after a restart."""
        reach = Reach(self.store, self.trust, self.door or self.hub, self.fences, self.copies)
        return BoroughClient(self.speaker, self.keys, self.means, reach)


def child(person: str = "C1", **shared: object) -> SubjectDraft:
    """Draft a child of a referral."""
    return SubjectDraft(
        person,
        "child",
        ReferralReceived.Shared.model_validate({"age_band": "5-9", "sex": "female", **shared}),
        ReferralReceived.Restricted.model_validate(
            {"date_of_birth": "2016-05-04", "local_id": person, "name": f"Child {person}"}
        ),
    )


def referral(person: str = "C1", day: str = DAY, **facts: object) -> Draft:
    """Draft a referral of a child, which is the episode's stream."""
    return Draft(
        kind=ReferralReceived,
        key=(person, day, "1"),
        stream=(person, day, "1"),
        episode=(person, day, "1"),
        time=f"{day}T09:00:00Z",
        facts=ReferralReceived.Facts.model_validate(
            {"referral_date": day, "source_code": "6", **facts}
        ),
        subjects=(child(person),),
    )


def assessment(person: str = "C1", day: str = DAY, number: int = 1, **facts: object) -> Draft:
    """Draft the beginning of an assessment."""
    return Draft(
        kind=AssessmentStarted,
        key=(person, day, str(number)),
        stream=(person, day, str(number), "assessment"),
        episode=(person, DAY, "1"),
        time=f"{day}T09:00:00Z",
        facts=AssessmentStarted.Facts.model_validate({"start_date": day, **facts}),
        subjects=(
            SubjectDraft(
                person, "child", SharedPart(sex="female"), RestrictedPart(local_id=person)
            ),
        ),
    )
