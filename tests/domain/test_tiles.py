"""The layout of tiles and bundles, as tlog-tiles names and packs them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import TreeDiffers
from domain.tiles import (
    TileName,
    bundle,
    entries_in,
    entries_path,
    place,
    read_place,
    tiles_of,
    width_of,
)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (TileName(0, 0), "tile/0/000"),
        (TileName(0, 1_234_067), "tile/0/x001/x234/067"),
        (TileName(1, 1_000), "tile/1/x001/000"),
        (TileName(63, 999, 255), "tile/63/999.p/255"),
        (TileName(2, 0, 1), "tile/2/000.p/1"),
    ],
)
def test_paths_are_the_documented_ones(tile: TileName, path: str) -> None:
    """A tile's number stands in groups of three digits, its width behind it when it is partial."""
    assert tile.path() == path


def test_entries_lie_beside_the_tiles() -> None:
    """A bundle has the place of its tile of level 0."""
    assert entries_path(1_234_067, 5) == "tile/entries/x001/x234/067.p/5"


@given(st.integers(0, 10**12), st.integers(1, 256))
def test_a_place_is_read_back(number: int, width: int) -> None:
    """Every place has one spelling, and that one is understood."""
    assert read_place(place(number, width)) == (number, width)


@pytest.mark.parametrize(
    "text",
    [
        *("", "0", "00", "0000", "67", "x067", "x000/067", "001/234", "x001/x234", "x001/234/"),
        *("000.p/0", "000.p/01", "000.p/256", "000.p/1000", "000.p/", "000.p", "000.p/1/"),
        *(
            "/000",
            "000\n",
            "\u0660\u0660\u0660",
            "-01",
            "+01",
            "x1/000",
            "../000",
            "000.p/\u0663",
            "X001/000",
            "x001/" * 5000 + "000",
        ),
    ],
)
def test_any_other_spelling_is_no_place(text: str) -> None:
    """What is not the one spelling names nothing: no tile has two addresses."""
    assert read_place(text) is None


@given(st.text("x0123456789/.p", max_size=12))
def test_noise_is_no_place_or_the_one_spelling(text: str) -> None:
    """Whatever is read as a place is spelt as that place is spelt."""
    found = read_place(text)
    assert found is None or place(*found) == text


def test_tiles_of_the_documented_sizes() -> None:
    """256 entries make a full tile and one hash above; 70 000 make three levels."""
    assert list(tiles_of(0)) == []
    assert list(tiles_of(256)) == [TileName(0, 0), TileName(1, 0, 1)]
    assert [tile for tile in tiles_of(70_000) if tile.width < 256] == [
        *(TileName(0, 273, 112), TileName(1, 1, 17), TileName(2, 0, 1))
    ]
    assert sum(tile.width == 256 for tile in tiles_of(70_000)) == 274


@given(st.integers(0, 200_000), st.integers(0, 3), st.integers(0, 900))
def test_widths_agree_with_the_layout(size: int, level: int, number: int) -> None:
    """A tile's width at a size is what the layout of that size says, and 0 where there is none."""
    widths = {(tile.level, tile.number): tile.width for tile in tiles_of(size)}
    assert width_of(size, level, number) == widths.get((level, number), 0)


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_a_bundle_is_taken_apart_again(entries: list[bytes]) -> None:
    """Entries are packed with their lengths, empty ones too."""
    assert entries_in(bundle(entries)) == entries


def test_a_bundle_is_exact_bytes() -> None:
    """Two bytes of length, then the entry, and so on."""
    assert bundle([b"ab", b""]) == b"\x00\x02ab\x00\x00"


@pytest.mark.parametrize("raw", [b"\x00", b"\x00\x02a", b"\x00\x01ab"])
def test_a_bundle_cut_short_is_refused(raw: bytes) -> None:
    """A length that runs over the end is not read past it."""
    with pytest.raises(TreeDiffers):
        entries_in(raw)


def test_an_entry_too_long_is_refused() -> None:
    """What two bytes cannot count is not packed as something shorter."""
    assert entries_in(bundle([b"x" * 65_535])) == [b"x" * 65_535]
    with pytest.raises(ValueError, match="65535"):
        bundle([b"x" * 65_536])
