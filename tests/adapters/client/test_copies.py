"""Files that parts are kept in: nobody else's, never over another one, and gone when they go."""

import hashlib
from pathlib import Path

import pytest

from adapters.client.copies import CopyFiles
from domain.errors import HomeNotReady, Unavailable


def test_a_copy_is_its_owner_s_alone_and_goes(tmp_path: Path) -> None:
    """Written for nobody else to read; gone twice is gone."""
    place = tmp_path / "part.json"
    CopyFiles().reserve(str(place))
    assert place.read_bytes() == b""
    CopyFiles().write(str(place), b"content")
    mark = hashlib.sha256(b"content").digest()
    assert CopyFiles().holds(str(place), mark)
    assert place.read_bytes() == b"content"
    assert place.stat().st_mode & 0o077 == 0
    with pytest.raises(HomeNotReady):
        CopyFiles().reserve(str(place))
    linked = tmp_path / "linked"
    linked.hardlink_to(place)
    CopyFiles().destroy(str(place), mark)
    assert not place.exists()
    assert not CopyFiles().holds(str(place), mark)
    assert linked.read_bytes() == bytes(len(b"content"))
    CopyFiles().destroy(str(place), mark)


def test_what_was_not_reserved_is_not_written(tmp_path: Path) -> None:
    """A file that went meanwhile is not made again."""
    with pytest.raises(HomeNotReady):
        CopyFiles().write(str(tmp_path / "part.json"), b"content")
    assert not (tmp_path / "part.json").exists()


def test_a_copy_that_stays_is_said_to_stay(tmp_path: Path) -> None:
    """What cannot be removed is not told as gone."""
    (tmp_path / "part.json").mkdir()
    with pytest.raises(Unavailable):
        CopyFiles().destroy(str(tmp_path / "part.json"), None)


def test_another_file_in_the_place_of_a_copy_is_not_touched(tmp_path: Path) -> None:
    """By its content a copy is known; what was overwritten of it, and not removed, goes as well."""
    place, mark = tmp_path / "part.json", hashlib.sha256(b"content").digest()
    place.write_bytes(b"somebody's own")
    for known in (mark, None):
        assert not CopyFiles().holds(str(place), known)
        CopyFiles().destroy(str(place), known)
    assert place.read_bytes() == b"somebody's own"
    place.write_bytes(bytes(7))
    CopyFiles().destroy(str(place), mark)
    assert not place.exists()
    place.write_bytes(b"half")
    CopyFiles().take_back(str(place))
    assert not place.exists()
