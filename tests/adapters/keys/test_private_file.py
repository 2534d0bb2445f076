"""Files for their owner alone: whole or not there, never overwritten, not read if others may."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.keys.private_file import read_private, write_private
from domain.errors import HomeNotReady

CONTENT = b"content of a key file\n" * 20


def test_modes_whatever_the_umask(tmp_path: Path) -> None:
    """File 0600 and folder 0700, also where everything else is open to all."""
    before = os.umask(0)
    try:
        write_private(tmp_path / "keys" / "one", CONTENT)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "keys" / "one").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["one"]
    assert read_private(tmp_path / "keys" / "one", bytes_max=len(CONTENT)) == CONTENT


def test_never_overwrites(tmp_path: Path) -> None:
    """What stands at the place stays, and nothing is left beside it."""
    write_private(tmp_path / "one", CONTENT)
    with pytest.raises(HomeNotReady, match="never overwritten"):
        write_private(tmp_path / "one", b"other")
    assert read_private(tmp_path / "one", bytes_max=1000) == CONTENT
    assert len(list(tmp_path.iterdir())) == 1


def test_does_not_write_through_a_link(tmp_path: Path) -> None:
    """A link somebody put at the place is not followed."""
    (tmp_path / "one").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(HomeNotReady, match="never overwritten"):
        write_private(tmp_path / "one", CONTENT)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("mode", [0o750, 0o707, 0o701, 0o720])
def test_refuses_a_folder_open_to_others(tmp_path: Path, mode: int) -> None:
    """Where others may look in, nothing is written, and the remedy is named."""
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(HomeNotReady, match="chmod 700"):
        write_private(folder / "one", CONTENT)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o610, 0o666])
def test_refuses_a_file_open_to_others(tmp_path: Path, mode: int) -> None:
    """What others may read is not read, and the remedy is named."""
    write_private(tmp_path / "one", CONTENT)
    (tmp_path / "one").chmod(mode)
    with pytest.raises(HomeNotReady, match="chmod 600"):
        read_private(tmp_path / "one", bytes_max=1000)


def test_refuses_what_is_no_plain_file(tmp_path: Path) -> None:
    """A folder, a pipe (without waiting for it) and a missing file are refused."""
    (tmp_path / "folder").mkdir(mode=0o700)
    os.mkfifo(tmp_path / "pipe", 0o600)
    for name, why in (("folder", "plain file"), ("pipe", "plain file"), ("none", "no such file")):
        with pytest.raises(HomeNotReady, match=why):
            read_private(tmp_path / name, bytes_max=1000)


def test_refuses_a_file_that_is_too_long(tmp_path: Path) -> None:
    """No more is read than may be there."""
    write_private(tmp_path / "one", CONTENT)
    with pytest.raises(HomeNotReady, match="too long"):
        read_private(tmp_path / "one", bytes_max=len(CONTENT) - 1)


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    """A path that cannot be is refused in our own words."""
    write_private(tmp_path / "one", CONTENT)
    with pytest.raises(HomeNotReady, match="cannot be written"):
        write_private(tmp_path / "one" / "two", CONTENT)
    with pytest.raises(HomeNotReady, match="cannot be read"):
        read_private(tmp_path / "one" / "two", bytes_max=1000)


KILLED = """
import os, sys, pathlib
from adapters.keys.private_file import write_private

def dying(real, when, before):
    def call(*args, **kwargs):
        global calls
        calls += 1
        if calls == when and before:
            os._exit(9)
        answer = real(*args, **kwargs)
        if calls == when:
            os._exit(9)
        return answer
    return call

folder, content, step = pathlib.Path(sys.argv[1]), b"content of a key file\\n" * 20, 0
while True:
    step += 1
    for before in (True, False):
        child = os.fork()
        if child == 0:
            calls = 0
            for name in ("open", "fsync", "link", "unlink"):
                setattr(os, name, dying(getattr(os, name), step, before))
            write_private(folder / f"{step}-{before}" / "key", content)
            os._exit(0)
        code = os.waitstatus_to_exitcode(os.wait()[1])
    if code == 0:
        sys.exit(print(step))
"""


def test_killed_between_any_two_steps(tmp_path: Path) -> None:
    """Killed before or after any step, the file is whole or not there, and writing again works."""
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        check=True, capture_output=True, text=True, cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert int(done.stdout) > 6
    written = 0
    for folder in tmp_path.iterdir():
        key = folder / "key"
        if not key.exists():
            write_private(key, CONTENT)
        else:
            written += 1
            with pytest.raises(HomeNotReady, match="never overwritten"):
                write_private(key, CONTENT)
        assert read_private(key, bytes_max=len(CONTENT)) == CONTENT
        assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in folder.iterdir())
    assert written > 4
