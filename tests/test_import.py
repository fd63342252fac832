"""`crm import` of other programs' files: whole or not at all, told row by row, undone by one command."""

import io
import json
import os
import re
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import database_support
import pytest
from database_support import of_sqlite
from hypothesis import given, settings
from hypothesis import strategies as st
from import_support import HEADER, Someone, archive, connections, people, table

from crm import tables
from crm.actions.import_people import import_people
from crm.errors import BadValueError
from crm.importers import linkedin
from crm.rows import Row

WHOLE = bool(os.environ.get("CRM_SOAK"))
TELLS_PEAK = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell the peak")
JANE = Someone("Jane", "Roe", "jane-roe", "jane@example.org", "Acme", "VP")
KIM = Someone("Kim", "Lee", "kim-lee", "", "Globex", "Engineer")


@pytest.fixture
def take(crm, tmp_path):
    """Import bytes as a file of that name."""

    def run(data, *options, name="Connections.csv", code=0):
        path = tmp_path / name
        path.write_bytes(data)
        return crm("import", str(path), *options, "--json", code=code)

    return run


def document(crm):
    """All there is."""
    return crm("export", "json", "--include-private").json | {"exported_at": None}


def changes(result):
    """What became of whom."""
    return [(each["what"], each["name"]) for each in result.json["changes"]]


# Recognising people ------------------------------------------------------------------------------------------------


def test_a_profile_typed_by_hand_is_recognised(crm, take):
    """Somebody whose profile was typed in any form is that person, keeps tier and name, and gains what the file has."""
    crm("contact", "add", "Janie", "--linkedin", "linkedin.com/in/Jane-Roe/")
    told = take(connections([JANE]))
    (change,) = told.json["changes"]
    assert (change["what"], change["ref"]) == ("changed", "c1")
    assert change["details"][0] == "recognised by the same profile"
    (contact,) = document(crm)["contacts"]
    assert (contact["name"], contact["tier"], contact["aliases"]) == ("Janie", "active", ["Jane Roe"])
    assert (contact["organization"], contact["title"]) == ("Acme", "VP")
    assert [way["kind"] for way in contact["methods"]] == ["linkedin", "email"]
    assert take(connections([JANE])).json["counts"] == {"person": {"same": 1}}


def test_an_e_mail_address_is_recognised_whatever_its_case(crm, take):
    """The same address is the same person, though their name is written otherwise."""
    crm("contact", "add", "J. Roe", "--email", "JANE@Example.ORG")
    told = take(connections([JANE]))
    assert told.json["counts"] == {"person": {"changed": 1}}
    assert "e-mail" in told.json["changes"][0]["details"][0]
    assert len(document(crm)["contacts"]) == 1


def test_name_and_organization_are_enough(crm, take):
    """The same name at the same organization is the same person, accents and case aside."""
    crm("contact", "add", "JANE Róe", "--organization", "ACME")
    crm("contact", "tier", "JANE Róe", "none")
    assert take(connections([JANE])).json["counts"] == {"person": {"changed": 1}}


def test_the_full_name_of_one_tended_person_is_enough_and_told(crm, take):
    """Exactly one tended person of that full name is meant, and the report says why."""
    crm("contact", "add", "Jane Roe")
    told = take(connections([JANE]))
    assert told.json["changes"][0]["details"][0] == "recognised by the same full name"
    assert len(document(crm)["contacts"]) == 1


@pytest.mark.parametrize(
    "given",
    [
        [["Jane Roe", "--linkedin", "jane-roe-2"]],
        [["Jane Roe"], ["Jane Roe", "--same-name"]],
    ],
    ids=["another profile", "two of them"],
)
def test_a_namesake_is_new_and_named_as_maybe_the_same(crm, take, given):
    """Where something tells them apart, or several have the name, nobody is guessed; how to merge is told."""
    for each in given:
        crm("contact", "add", *each)
    told = take(connections([JANE])).json
    assert told["counts"] == {"person": {"new": 1}}
    assert len(document(crm)["contacts"]) == len(given) + 1


def test_maybe_the_same_names_the_way_to_merge(crm, take):
    """The report names both ids in the command that makes them one."""
    for _ in range(2):
        crm("contact", "add", "Jane Roe", "--same-name")
    (change,) = take(connections([JANE])).json["changes"]
    assert "maybe the same as Jane Roe c1: crm contact merge c1 c3" in change["details"]


def test_one_first_name_is_nobody_yet(crm, take):
    """A single word is too little to recognise somebody by."""
    crm("contact", "add", "Jane")
    told = take(connections([Someone("Jane", "", "jane-x", "", "Acme", "VP")])).json
    assert told["counts"] == {"person": {"new": 1}}


def test_an_organization_is_found_by_its_alias(crm, take):
    """The file's name for a company may be an alias here; none is made twice."""
    crm("organization", "add", "Acme International", "--alias", "Acme")
    take(connections([JANE, KIM, Someone("Ana", "Diaz", "ana-diaz", "", "ACME", "Clerk")]))
    stored = document(crm)
    assert sorted(each["name"] for each in stored["organizations"]) == ["Acme International", "Globex"]
    assert [each["organization"] for each in stored["contacts"]] == [
        "Acme International",
        "Globex",
        "Acme International",
    ]


# What the person did stays -----------------------------------------------------------------------------------------


def test_whom_the_person_removed_stays_away(crm, take):
    """A removed contact is not brought back by the next file; the report says so."""
    take(connections([JANE, KIM]))
    crm("contact", "remove", "Jane Roe", "--yes")
    told = take(connections([JANE, KIM]))
    assert changes(told) == [("removed", "Jane Roe")]
    assert [each["name"] for each in document(crm)["contacts"]] == ["Kim Lee"]


def test_whom_the_person_forgot_stays_away(crm, take):
    """A forgotten contact is kept away by a key that tells nothing of them, and nothing of them is left here."""
    take(connections([JANE, KIM]))
    crm("contact", "forget", "Jane Roe", "--yes")
    assert changes(take(connections([JANE, KIM]))) == [("removed", "Jane Roe")]
    assert "jane" not in crm("export", "json", "--include-private").out.casefold()


def test_what_the_person_edited_is_kept_and_told_once(crm, take):
    """An edited title stays when the file moves on; the news is told all the same, and once."""
    take(connections([JANE]))
    crm("contact", "edit", "Jane Roe", "--title", "Chief of everything", "--name", "Jane R.")
    moved = Someone("Jane", "Roe", "jane-roe", "jane@example.org", "NewCo", "CTO")
    (change,) = take(connections([moved])).json["changes"]
    assert change["news"]
    assert change["details"][-1] == "kept your position; the file says NewCo CTO"
    (contact,) = document(crm)["contacts"]
    assert (contact["name"], contact["title"]) == ("Jane R.", "Chief of everything")
    assert [each["name"] for each in document(crm)["organizations"]] == ["Acme"]
    assert take(connections([moved])).json["changes"] == []


def test_who_has_another_name_here_is_told_by_it(crm, take):
    """Changed, the same or gone from the file, somebody is listed under the name they have here."""
    take(connections([JANE, KIM]))
    crm("contact", "edit", "Jane Roe", "--name", "Jane Bell")
    moved = Someone("Jane", "Roe", "jane-roe", "jane@example.org", "NewCo", "CTO")
    assert changes(take(connections([moved, KIM]))) == [("changed", "Jane Bell")]
    assert changes(take(connections([moved, KIM]), "--dry-run"))[0] == ("same", "Jane Bell")
    assert changes(take(connections([KIM]))) == [("vanished", "Jane Bell")]


def test_since_when_one_is_connected_stands_in_the_notes(crm, take):
    """Where there are notes already, they stay, and the report says the day; what the person makes of it stays, too."""
    crm("contact", "add", "Kim Lee", "--note", "likes tea")
    told = take(connections([JANE, KIM])).json["changes"]
    since = "Connected on LinkedIn since 12 Mar 2025"
    assert f"kept your notes likes tea; the file says {since}" in told[1]["details"]
    assert since in crm("contact", "show", "Jane Roe").out
    assert [each["notes"] for each in document(crm)["contacts"]] == ["likes tea", since]
    crm("contact", "edit", "Jane Roe", "--note", f"{since}. Met at a fair")
    take(connections([Someone("Jane", "Roe", "jane-roe", "jane@example.org", "Acme", "SVP"), KIM]))
    assert document(crm)["contacts"][1]["notes"] == f"{since}. Met at a fair"
    assert document(crm)["contacts"][1]["last_contact_at"] is None


def test_a_way_to_reach_that_the_person_removed_stays_removed(crm, take):
    """An address taken out here is not brought back by the same file, nor by one with other news."""
    take(connections([JANE]))
    crm("contact", "edit", "Jane Roe", "--email", "new@example.org")
    take(connections([Someone("Jane", "Roe", "jane-roe", "jane@example.org", "Acme", "SVP")]))
    (contact,) = document(crm)["contacts"]
    assert [way["value"] for way in contact["methods"] if way["kind"] == "email"] == ["new@example.org"]


def test_imported_people_are_found_and_never_nagged_about(crm, take):
    """At tier none, nobody from a file turns up among those to reach out to."""
    take(connections(people(30)))
    assert crm("next", "--json").json["items"] == []


# Undo, dry run, and not at all -------------------------------------------------------------------------------------


def test_undo_takes_the_whole_import_back(crm, take):
    """After undo the document is what it was, revision and updated_at of known people aside."""
    crm("contact", "add", "Jane Roe", "--email", "jane@example.org")
    before = document(crm)
    take(connections([JANE, *people(220)]))
    assert len(document(crm)["contacts"]) == 221
    crm("undo")
    after = document(crm)
    for each in (before, after):
        for contact in each["contacts"]:
            contact["revision"] = contact["updated_at"] = None
    assert after == before
    assert take(connections([JANE, KIM])).json["counts"] == {"person": {"changed": 1, "new": 1}}


def test_a_dry_run_tells_all_and_writes_nothing(crm, take):
    """New, changed, same and skipped are told with their lines, and the document stays as it was."""
    take(connections([JANE, KIM]))
    before = document(crm)
    moved = Someone("Jane", "Roe", "jane-roe", "jane@example.org", "NewCo", "CTO")
    rows = [each.cells() for each in (moved, KIM, Someone("Ana", "Diaz", "ana-diaz"))]
    told = take(table(HEADER, [*rows, ["", "", "", "", "", "", "1 Jan 2024"]]), "--dry-run")
    assert [(each["what"], each["name"], each["line"]) for each in told.json["changes"]] == [
        ("new", "Ana Diaz", 4),
        ("changed", "Jane Roe", 2),
        ("same", "Kim Lee", 3),
        ("skipped", "", 5),
    ]
    assert document(crm) == before
    assert len(crm("history", "--json").json["items"]) == 1


def test_a_dry_run_before_there_is_a_database_makes_none(bare_crm, bare_home, tmp_path):
    """In a home without a database a dry run works and leaves the home as it was."""
    path = tmp_path / "Connections.csv"
    path.write_bytes(connections([JANE]))
    assert bare_crm("import", str(path), "--dry-run", "--json").json["counts"] == {"person": {"new": 1}}
    assert "crm init" in bare_crm("contact", "list", code=78).err
    bare_crm("import", str(path))
    assert len(bare_crm("contact", "list", "--all", "--json").json["items"]) == 1


@of_sqlite
@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("Connections.csv", connections([])),
        ("Connections.csv", connections([JANE, KIM])[:-4]),
        ("x.json", b'{"format": "networking-crm", "version": 1, "contacts": [{"name": 1}]}'),
        ("x.csv", b"name,tier\r\nJane,boss\r\n"),
        ("x.md", b"# Nothing\n\n\xff"),
    ],
)
def test_an_import_that_fails_before_there_is_a_database_leaves_nothing(bare_crm, bare_home, tmp_path, name, data):
    """Whatever the format, a home that was not there is not there afterwards; a file that comes in makes it."""
    (tmp_path / name).write_bytes(data)
    options = ["--format", {"json": "json", "md": "worksheet"}[name[-4:].lstrip("x.")]] if name[-4:] != ".csv" else []
    with pytest.raises(AssertionError, match=r"ended with [12]"):
        bare_crm("import", str(tmp_path / name), *options)
    assert not bare_home.exists()
    (tmp_path / "Connections.csv").write_bytes(connections([JANE]))
    bare_crm("import", str(tmp_path / "Connections.csv"))
    assert [each.name for each in bare_home.iterdir()] == ["crm.db"]
    assert stat.S_IMODE((bare_home / "crm.db").stat().st_mode) == 0o600
    assert len(bare_crm("contact", "list", "--all", "--json").json["items"]) == 1


@of_sqlite
def test_a_database_that_another_program_made_meanwhile_stays(bare_crm, bare_home, tmp_path, monkeypatch):
    """Exit 75, and not a byte of it is touched."""
    path = tmp_path / "Connections.csv"
    path.write_bytes(connections([JANE]))

    def meanwhile(*arguments, **options):
        (bare_home / "crm.db").write_bytes(b"theirs")
        return import_people(*arguments, **options)

    monkeypatch.setattr("crm.commands.import_.import_people", meanwhile)
    assert "meanwhile" in bare_crm("import", str(path), code=75).err
    assert [each.read_bytes() for each in bare_home.iterdir()] == [b"theirs"]


@of_sqlite
def test_where_nothing_can_be_written_a_dry_run_works_and_the_rest_says_why(crm, home, take, monkeypatch):
    """On a read-only disk or folder the file is tried on a copy; import and forget name the reason."""
    take(connections([JANE]))
    before = {each: each.read_bytes() for each in home.iterdir()}
    monkeypatch.setattr("crm.store.engine.os.access", lambda _path, mode: mode != os.W_OK)
    assert changes(take(connections([JANE, KIM]), "--dry-run")) == [("new", "Kim Lee"), ("same", "Jane Roe")]
    assert {each: each.read_bytes() for each in home.iterdir()} == before
    (home / "crm.db-shm").mkdir()  # so that SQLite cannot make the file, as below a read-only folder
    assert "read-only" in take(connections([KIM]), code=1).error["message"]
    assert "read-only" in crm("contact", "forget", "c1", "--yes", code=1).err


def test_a_dry_run_of_the_own_formats_writes_nothing(crm, take, tmp_path):
    """The document, the table and a worksheet can be tried, too."""
    take(connections([JANE]))
    whole = crm("export", "json").out.encode()
    crm("undo")
    before = document(crm)
    assert take(whole, "--dry-run", name="all.json").json["new"] > 0
    worksheet = b"# My worksheet\n\n## Experts\n\n- Ben Holm (Acme)\n"
    take(worksheet, "--dry-run", "--format", "worksheet", name="mine.md")
    assert document(crm) == before


def test_what_of_an_archive_is_not_read_is_named(crm, tmp_path):
    """In a line of its own, made of nothing but names."""
    path = tmp_path / "all.zip"
    path.write_bytes(archive({"Connections.csv": connections([JANE]), "Skills.csv": b"x", "Ads.csv": b"x"}))
    assert "Not read, since it holds nobody: Skills.csv, Ads.csv\n\n" in crm("import", str(path)).out


def test_all_of_it_can_be_seen(crm, tmp_path):
    """The screen shows the first of each and says how to see the rest; --all shows every one."""
    path = tmp_path / "Connections.csv"
    path.write_bytes(connections(people(40)))
    screen = crm("import", str(path), "--dry-run").out
    assert "and 30 more" in screen
    assert "--all" in screen
    assert "and 30 more" not in crm("import", str(path), "--dry-run", "--all").out


def damaged():
    """Files that no program writes, and what is to be said of each."""
    whole = connections(people(50))
    lines = whole.split(b"\r\n")
    shout = zipfile.ZipInfo("Connections.csv")
    return {
        "cut off in a row": (whole[:-20], "cut off in line 54"),
        "cut off in the day": (whole[:-4], "cut off in line 54"),
        "cut off in quotation marks": (connections([JANE]) + b'"Kim', "line 6"),
        "another encoding": (connections([Someone("José", "Roe", "jose")]).decode().encode("latin-1"), "--encoding"),
        "a NUL": (b"\r\n".join([*lines[:9], lines[9].replace(b",", b"\0", 1), *lines[10:]]), "line 10 holds a NUL"),
        "one long line": (whole + b"x" * 2_000_000, "line 55 is longer"),
        "nothing": (b"", "is empty"),
        "blanks": (b" \r\n" * 50, "is empty"),
        "no columns": (b"Jane,Roe\r\nKim,Lee\r\n", "--format"),
        "columns only": (connections([]), "holds nobody"),
        "nobody with a name": (table(HEADER, [[""] * 7] * 3), "line 2"),
        "a ZIP of something else": (archive({"Photos.csv": b"x"}), "no archive of LinkedIn"),
        "a ZIP cut off": (archive({"Connections.csv": whole})[:-30], "damaged or cut off"),
        "a ZIP that claims too much": (bomb(), "times its size"),
        "a ZIP of 3,000 files": (archive({f"{number}/Connections.csv": b"x" for number in range(3000)}), "3,000 files"),
        "a ZIP in a ZIP": (archive({"Connections.csv": archive({"a": b"x" * 2_000_000})}), "is a ZIP itself"),
        "a ZIP of other columns": (archive({"Connections.csv": b"a,b\r\n1,2\r\n"}), "has the columns of none"),
        "a ZIP that says too little": (liar(), "Connections.csv"),
        "a ZIP with a damaged member": (broken(whole), "damaged"),
        "a locked ZIP": (locked(whole, shout), "password"),
    }


def bomb():
    """An archive of 100 kB that unpacks to 100 MB in one line."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as made, made.open("Connections.csv", "w") as member:
        for _ in range(100):
            member.write(b"x" * 1_000_000)
    return data.getvalue()


def liar():
    """An archive whose member is larger than it says."""
    data = bytearray(archive({"Connections.csv": connections(people(50))}))
    place = data.rindex(b"PK\x01\x02") + 24
    data[place : place + 4] = (60).to_bytes(4, "little")
    return bytes(data)


def broken(content):
    """An archive in which some bytes of the member have flipped."""
    data = bytearray(archive({"Connections.csv": content}))
    for place in range(200, 260):
        data[place] ^= 0x55
    return bytes(data)


def locked(content, member):
    """An archive whose member says that it is encrypted."""
    data = bytearray(archive({member.filename: content}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    return bytes(data)


@pytest.mark.parametrize("what", damaged())
def test_a_damaged_or_hostile_file_is_refused_and_nothing_written(crm, take, what):
    """Each is a clear error that says where and what to do, and the document stays as it was."""
    data, expected = damaged()[what]
    crm("contact", "add", "Ben Holm")
    before = document(crm)
    path = "x.zip" if "ZIP" in what else "Connections.csv"
    error = take(data, name=path, code=1 if expected in {"holds nobody", "line 2"} else 2).error
    assert expected in error["message"]
    assert len(error["message"].splitlines()) <= 2
    assert document(crm) == before


@TELLS_PEAK
def test_a_hundred_megabytes_in_one_line_are_refused_quickly(crm, tmp_path):
    """A line without end is given up after its first million characters, before it fills the memory."""
    path = tmp_path / "Connections.csv"
    with path.open("wb") as file:
        file.write(connections([JANE]))
        file.seek(100_000_000)
        file.write(b"\n")
    code, printed, peak = measured(path)
    assert code == 2
    assert "line 6 is longer" in printed
    assert peak < 130_000


def test_another_encoding_can_be_said(crm, take):
    """With its encoding named, a Latin-1 file comes in with its letters."""
    data = connections([Someone("José", "Müller", "jose")]).decode().encode("latin-1")
    take(data, "--encoding", "latin-1")
    assert [each["name"] for each in document(crm)["contacts"]] == ["José Müller"]


@pytest.mark.parametrize("encoding", ["klingon", "rot13", "base64", "\0"])
def test_an_unknown_encoding_is_refused(take, encoding):
    """What is no encoding of text is named, with common ones."""
    assert "cp1252" in take(connections([JANE]), "--encoding", encoding, code=2).error["message"]


def test_an_unknown_format_names_the_known_ones(take):
    """A slip in --format is answered with what there is."""
    message = take(connections([JANE]), "--format", "linkdin", code=2).error["message"]
    assert all(name in message for name in ("linkedin", "google", "vcard", "json", "worksheet"))


HOSTILE = [
    "\x1b[31mred\x1b[0m",
    "[bold]x[/bold]",
    "\u202eevil",
    "a" * 10_000,
    "=cmd|' /C calc'!A0",
    "<script>x</script>",
]


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_names_are_stored_exactly_and_shown_harmlessly(crm, tmp_path, name):
    """Whatever a name holds, it is stored as it is, and no screen obeys it."""
    path = tmp_path / "Connections.csv"
    path.write_bytes(connections([Someone(name, "", "x-y-z", "", name, name)]))
    screen = crm("import", str(path), "--dry-run").out + crm("import", str(path)).out
    assert not any(each in screen for each in ("\x1b[31m", "\u202e"))
    assert len(screen) < 8000
    (contact,) = document(crm)["contacts"]
    assert (contact["name"], contact["organization"], contact["title"]) == (name, name, name)


@given(
    st.lists(
        st.tuples(*[st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)] * 3),
        min_size=1,
        max_size=8,
    )
)
@settings(max_examples=60)
def test_every_text_that_csv_can_hold_is_read_back(rows):
    """Commas, quotation marks, line ends and letters of every script arrive as written, blanks at the ends aside."""
    data = table(HEADER, [[first, last, "", "", company, "", "1 Jan 2024"] for first, last, company in rows])
    read = list(tables.records(io.BytesIO(data), lambda names: "first name" in names))
    assert [(each["First Name"], each["Last Name"], each["Company"]) for each in read] == [
        tuple(cell.strip() for cell in row) for row in rows
    ]


@given(st.integers(min_value=0, max_value=400), st.binary(min_size=1, max_size=4))
@settings(max_examples=60)
def test_any_damage_is_read_or_refused_with_a_message(place, junk):
    """Bytes thrown into a file give rows or one clear error, never a crash."""
    whole = connections(people(6))
    data = whole[:place] + junk + whole[place + len(junk) :]
    try:
        found = list(linkedin.rows(io.BytesIO(data)))
    except BadValueError as error:
        found = [error.message]
    assert all(isinstance(each, Row) or "line" in each or "Connections.csv" in each for each in found)


# Thirty thousand ---------------------------------------------------------------------------------------------------

MEASURE = """
import sys, typer
from crm import boundary, cli
code = boundary.run(typer.main.get_command(cli.root), ["import", sys.argv[1], "--json"])
with open("/proc/self/status") as status:
    print(*(line.split()[1] for line in status if line.startswith("VmHWM:")), file=sys.stderr)
sys.exit(code)
"""


def measured(path):
    """The exit code of an import in a process of its own, what it printed, and its peak memory in kB."""
    done = subprocess.run([sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=False)
    *errors, peak = done.stderr.splitlines()
    return done.returncode, done.stdout or "".join(errors), int(peak)


@TELLS_PEAK
@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_the_memory_does_not_grow_with_the_file(crm, tmp_path):
    """Ten times the rows need about the same memory; the same file again changes nothing; undo takes all back."""
    few, many = (3000, 30_000) if WHOLE else (300, 3000)
    before = document(crm)
    peaks = []
    for count in (few, many):
        path = tmp_path / "Connections.csv"
        path.write_bytes(connections(people(count)))
        _code, printed, peak = measured(path)
        assert json.loads(printed)["counts"] == {"person": {"new": count}}
        peaks.append(peak)
        assert json.loads(measured(path)[1])["counts"] == {"person": {"same": count}}
        crm("undo")
        assert document(crm) == before
    assert peaks[1] < peaks[0] * 1.15, peaks


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_killed_in_the_middle_it_has_written_nothing(crm, home, tmp_path):
    """`kill -9` while rows go in leaves the document as it was, and the import can be done again."""
    path = tmp_path / "Connections.csv"
    path.write_bytes(connections(people(30_000 if WHOLE else 4000)))
    crm("contact", "add", "Ben Holm")
    before = document(crm)
    running = subprocess.Popen(
        [sys.executable, "-c", MEASURE, str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    while running.poll() is None and not database_support.is_written_to(home):
        pass  # until rows have gone as far as the disk; nothing waits for a fixed time
    running.kill()
    assert running.wait() == -9
    running.communicate()
    assert document(crm) == before
    assert all(each["ok"] for each in crm("doctor", "--json").json["items"])


def test_a_bar_shows_on_a_terminal_how_long_it_takes(crm, tmp_path):
    """On a terminal, a file of more than a thousand rows has a bar with the rows done; a pipe gets none."""
    path = tmp_path / "Connections.csv"
    path.write_bytes(connections(people(1600)))
    main, other = os.openpty()
    command = [sys.executable, "-m", "crm", "import", str(path), "--dry-run"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=other, env={**os.environ, "TERM": "xterm"}
    ) as running:
        out = running.communicate()[0]
    os.close(other)
    shown = os.read(main, 100_000).decode()
    os.close(main)
    assert b"1,600 people" in out
    assert re.search("1,[56]00 rows", shown)
    piped = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "rows" not in piped.stderr
