"""What every importer of another program's files keeps to; each is tried on the samples in data/samples."""

import io
from datetime import timedelta
from pathlib import Path

import pytest

from crm import importers
from crm.errors import BadValueError, NotFoundError
from crm.importers import HEAD_BYTES, address_books, load
from crm.person_rows import PersonRow, SkippedRow, TalkRow, TieRow, TodoRow
from crm.rows import NoticeRow

SAMPLES = Path(__file__).resolve().parent.parent / "data" / "samples"
SUFFIXES = {".vcf": "vcard"}
FILES = [path for path in sorted(SAMPLES.iterdir()) if path.suffix in {".csv", ".json", ".vcf"}]
METHODS = {"phone", "email", "linkedin", "instagram", "url", "other"}
NAMED = pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)


def form(path):
    """The format of a sample."""
    return SUFFIXES.get(path.suffix) or path.stem.partition("-")[0]


def read(path):
    """The rows of a sample."""
    with path.open("rb") as file:
        return list(load(form(path)).rows(file))


@pytest.mark.parametrize("name", address_books())
def test_each_format_has_a_sample(name):
    """Somebody who looks for an example of a format finds one."""
    assert [path for path in FILES if form(path) == name]


@NAMED
def test_a_file_is_recognised_by_its_own_importer_only(path):
    """No two formats claim the same file, so that none is read as another."""
    head = path.read_bytes()[:HEAD_BYTES]
    assert [name for name in address_books() if load(name).sniff(head)] == [form(path)]


@pytest.mark.parametrize("name", address_books())
@pytest.mark.parametrize("head", [b"", b"\0" * 100, b"\xff\xfe", b"x,y\n1,2\n", b"{}", b"# Notes\n", b"PK\x03\x04"])
def test_what_is_in_no_format_is_recognised_by_none(name, head):
    """Nothing, noise and other files are nobody's."""
    assert not load(name).sniff(head)


@NAMED
def test_rows_keep_to_what_is_agreed(path):
    """Every row has its file and, but for JSON, its line; people come first, with names and ids of their format."""
    rows = read(path)
    assert any(isinstance(row, PersonRow | TalkRow) for row in rows)
    others = [place for place, row in enumerate(rows) if isinstance(row, TalkRow | TieRow | TodoRow)]
    assert all(not isinstance(row, PersonRow) for row in rows[min(others, default=len(rows)) :])
    for row in rows:
        assert row.source.file == path.name
        assert path.suffix == ".json" or (row.source.line or 0) >= 1
        if isinstance(row, PersonRow):
            assert row.who.name.strip() == row.who.name != ""
            assert row.who.id is None or row.who.id.startswith(f"{form(path)}:")
            assert {each.kind for each in row.methods} <= METHODS
            assert all(len(set(each)) == len(each) for each in (row.methods, row.jobs, row.tags, row.aliases))
        elif isinstance(row, TalkRow):
            assert row.direction in {"in", "out"}
            assert row.starts_at.utcoffset() == timedelta(0)
        elif isinstance(row, SkippedRow):
            assert row.reason
        elif isinstance(row, NoticeRow):
            assert row.level == "warning"


@NAMED
def test_the_same_file_has_the_same_rows(path):
    """Reading a file twice gives the same rows in the same order."""
    assert read(path) == read(path)


@NAMED
def test_a_sample_comes_in_once(crm, path):
    """An import brings the people; the same again brings nothing; undo takes all of it back."""

    def document():
        return crm("export", "json").json | {"exported_at": None}

    if not any(isinstance(row, PersonRow) for row in read(path)):
        crm("import", str(SAMPLES / "linkedin-connections.csv"))
    before = document()
    first = crm("import", str(path), "--json").json
    assert sum(counts.get("new", 0) for counts in first["counts"].values())
    stored = document()
    again = crm("import", str(path), "--json").json
    assert not any(counts.get("new") or counts.get("changed") for counts in again["counts"].values())
    assert document() == stored
    crm("undo")
    after = document()
    changeable = {"revision": None, "updated_at": None}
    for each in (before, after):
        each["contacts"] = [contact | changeable for contact in each["contacts"]]
    assert after == before


@NAMED
@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.97])
def test_a_file_cut_off_anywhere_gives_whole_rows_or_one_error(path, share):
    """What is left of a file that was cut off is never read as somebody else: each row is one of the whole file's."""
    data = path.read_bytes()
    file = io.BytesIO(data[: int(len(data) * share)])
    file.name = str(path)
    known = {getattr(row, "who", None) for row in read(path)}
    try:
        rows = list(load(form(path)).rows(file))
    except BadValueError as error:
        assert error.message  # noqa: PT017 - an error is one of two right answers
        return
    assert {row.who for row in rows if isinstance(row, PersonRow)} <= known


@NAMED
@pytest.mark.parametrize(
    "junk", [b"\0\0\0", b"\xff\xfe\xfa", b'"""', b"\r\r\n\n"], ids=["NUL", "bytes", "quotes", "ends"]
)
def test_damage_is_never_a_crash(path, junk):
    """Bytes that no program writes give rows, skipped rows or one clear error."""
    data = path.read_bytes()
    for share in (0.1, 0.5, 0.9):
        place = int(len(data) * share)
        file = io.BytesIO(data[:place] + junk + data[place:])
        try:
            rows = list(load(form(path)).rows(file))
        except BadValueError as error:
            rows = []
            assert len(error.message.splitlines()) <= 2  # noqa: PT017 - as above
        assert all(row.source.line for row in rows if path.suffix != ".json")


def test_formats_are_the_names_of_the_modules():
    """An importer is found by its file's name; a name there is not is refused with those there are."""
    assert set(address_books()) < set(importers.names())
    with pytest.raises(NotFoundError) as caught:
        load("klingon")
    assert caught.value.candidates == importers.names()
