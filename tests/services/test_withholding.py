"""What is given to its controller alone: what was taken back, and who is restricted."""

from __future__ import annotations

from domain.errors import NotAuthorised, NotFound
from tests.hub_rig import POLICE_IN_HAVERING
from tests.rig_publisher import Json, Publisher, inner, subjects, token
from tests.services.test_fetching import CONTROLLER, OTHERS, RECIPIENT, Scene, refused, scene

__all__ = ["scene"]


def withdrawal(publisher: Publisher, event: Json, subject: object = None) -> Json:
    """Give a withdrawal of an event by a source, in the event's stream unless told otherwise."""
    facts: Json = {"reason": "should-never-have-been-sent"}
    data: Json = {
        "facts": facts,
        "salts": {"facts": token(), "header": token()},
        "subjects": [],
    }
    stream = str(subject or event["subject"])
    return publisher.event("record-withdrawn", data=data, subject=stream, supersedes=event["id"])


def test_what_was_withdrawn_is_released_to_its_controller_alone(scene: Scene) -> None:
    """From then on no recipient is given it; what was fetched before was fetched."""
    scene.rig.fetching.part(scene.wanted(scene.move), RECIPIENT)
    scene.havering.publish(withdrawal(scene.havering, scene.move))
    refusal = refused(scene, scene.wanted(scene.move), RECIPIENT)
    assert isinstance(refusal, NotAuthorised)
    assert refusal.reason == "event-withdrawn"
    assert isinstance(refused(scene, scene.wanted(scene.move), OTHERS), NotFound)
    assert scene.rig.fetching.part(scene.wanted(scene.move), CONTROLLER)


def test_a_withdrawal_of_something_else_withholds_nothing(scene: Scene) -> None:
    """Another event of the same stream, or the same event by another source."""
    other = {**scene.own, "subject": scene.move["subject"]}
    scene.havering.publish(withdrawal(scene.havering, other))
    police = scene.rig.publisher(POLICE_IN_HAVERING)
    police.publish(withdrawal(police, scene.move))
    assert scene.rig.fetching.part(scene.wanted(scene.move), RECIPIENT)


def test_a_withdrawal_may_stand_in_a_stream_of_its_own(scene: Scene) -> None:
    """Folds go by what it names, and so do fetches."""
    scene.havering.publish(withdrawal(scene.havering, scene.move, token()))
    refusal = refused(scene, scene.wanted(scene.move), RECIPIENT)
    assert isinstance(refusal, NotAuthorised)
    assert refusal.reason == "event-withdrawn"


def restriction(scene: Scene, until: str | None = None, **changes: str) -> Json:
    """Give a restriction on the child whose part is fetched."""
    facts: Json = {"reason": "objection", **({"until": until} if until else {})}
    return about_the_child(scene, "restriction-placed", facts, **changes)


def lift(scene: Scene, placed: Json) -> Json:
    """Give the lift of a restriction."""
    return about_the_child(scene, "restriction-lifted", {"placed": placed["id"]})


def about_the_child(scene: Scene, kind: str, facts: Json, **changes: str) -> Json:
    """Give an event about the child whose part is fetched."""
    event = scene.havering.event(kind, **changes)
    inner(event, "data")["facts"] = facts
    subjects(event)[0].update(pseudonym=subjects(scene.move)[0]["pseudonym"], shared={})
    return event


def check_is_restricted(scene: Scene) -> None:
    """The recipient is refused since the child is restricted; the controller is given the part."""
    refusal = refused(scene, scene.wanted(scene.move), RECIPIENT)
    assert isinstance(refusal, NotAuthorised)
    assert refusal.reason == "subject-restricted"
    assert scene.rig.fetching.part(scene.wanted(scene.move), CONTROLLER)


def test_while_the_child_is_restricted_only_its_controller_is_given_the_part(scene: Scene) -> None:
    """From the restriction's entry on, until it is lifted."""
    placed = restriction(scene)
    scene.havering.publish(placed)
    check_is_restricted(scene)
    scene.havering.publish(lift(scene, placed))
    assert scene.rig.fetching.part(scene.wanted(scene.move), RECIPIENT)


def test_a_restriction_holds_on_its_last_day_and_as_it_was_corrected(scene: Scene) -> None:
    """A correction stands in its place, until it is taken back; a day later it is over."""
    placed = restriction(scene, until="2025-06-14")
    scene.havering.publish(placed)
    assert scene.rig.fetching.part(scene.wanted(scene.move), RECIPIENT)
    corrects = {"subject": str(placed["subject"]), "supersedes": str(placed["id"])}
    again = restriction(scene, until="2025-06-15", **corrects)
    scene.havering.publish(again)
    check_is_restricted(scene)
    gone = withdrawal(scene.havering, again)
    scene.havering.publish(gone)
    assert scene.rig.fetching.part(scene.wanted(scene.move), RECIPIENT)


def test_another_childs_restriction_withholds_nothing(scene: Scene) -> None:
    """A restriction is of whom it names."""
    other = scene.havering.event("restriction-placed")
    inner(other, "data")["facts"] = {"reason": "objection"}
    subjects(other)[0]["shared"] = {}
    scene.havering.publish(other)
    assert scene.rig.fetching.part(scene.wanted(scene.move), RECIPIENT)
