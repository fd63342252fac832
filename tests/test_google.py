"""Google Contacts, both forms of its CSV."""

import csv
import io
from contextlib import suppress
from pathlib import Path

import book_samples
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.errors import BadValueError
from crm.importers import google, outlook, thunderbird
from crm.person_rows import PersonRow, SkippedRow, TieRow
from crm.rows import Method, NoticeRow

SAMPLES = Path(__file__).parent.parent / "data" / "samples"
CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=20)
NEW = "First Name,Last Name,Organization Name,Labels,E-mail 1 - Label,E-mail 1 - Value"


def read(text, *, encoding=None):
    """The rows of a file; a text is saved as UTF-8."""
    data = text if isinstance(text, bytes) else text.encode()
    return list(google.rows(io.BytesIO(data), encoding=encoding))


def one(header, cells):
    """The one person of a table with one row."""
    (person,) = (row for row in read(f"{header}\r\n{cells}\r\n") if isinstance(row, PersonRow))
    return person


@pytest.mark.parametrize("make", [book_samples.google_old, book_samples.google_new])
def test_what_stands_in_a_book_is_found(make):
    """240 people with every quirk: each fact is what went in, and who introduced whom follows them."""
    book = make()
    rows = read(book.data)
    assert rows[: len(book.rows)] == book.rows
    assert [(each.one.name, each.type, each.other.name) for each in rows[len(book.rows) :]] == book.ties


@pytest.mark.parametrize("make", [book_samples.google_old, book_samples.google_new])
def test_google_alone_recognises_its_files(make):
    """Outlook's table begins with the same three columns as Google's new one."""
    head = make(3).data
    assert [form.sniff(head) for form in (google, outlook, thunderbird)] == [True, False, False]


def test_the_sample_is_read():
    """Twelve people stand in the sample that comes along."""
    with (SAMPLES / "google-contacts.csv").open("rb") as file:
        assert google.sniff(file.read(65_536))
        file.seek(0)
        people = [row for row in google.rows(file) if isinstance(row, PersonRow)]
    assert len(people) == 12
    assert {each.source.file for each in people} == {"google-contacts.csv"}


def test_columns_are_found_by_name_alone():
    """Another order, another case, blanks around the names, and columns nobody knows."""
    person = one(
        "labels,X, last name ,E-MAIL 2 - value,First Name,e-mail 2 - LABEL,Organization Name",
        "Navy,x,Roe,j@x.org,Jo,Home",
    )
    assert (person.who.name, person.tags) == ("Jo Roe", ("Navy",))
    assert person.methods == (Method("email", "j@x.org", "Home"),)


def test_more_than_nine_numbered_columns_stay_in_order():
    """Twelve e-mail columns are read in the order of their numbers, not of their spelling."""
    header = ",".join(f"E-mail {number} - Value" for number in range(1, 13))
    person = one(f"Name,{header}", "Jo Roe," + ",".join(f"{number}@x.org" for number in range(1, 13)))
    assert [each.value for each in person.methods] == [f"{number}@x.org" for number in range(1, 13)]


@pytest.mark.parametrize(
    ("labels", "tags"),
    [
        ("* myContacts", ()),
        ("* My Contacts ::: * starred", ("starred",)),
        ("* myContacts ::: Navy ::: book club ::: Navy", ("Navy", "book club")),
        ("a ::: ::: b", ("a", "b")),
    ],
)
def test_labels_become_tags(labels, tags):
    """The label that everybody has is dropped, others are kept once each."""
    assert one(NEW, f"Jo,Roe,,{labels},,").tags == tags


@pytest.mark.parametrize(
    ("kind", "value", "method"),
    [
        ("E-mail", "no address", Method("other", "no address", "email")),
        ("Phone", "ask Ottoline", Method("other", "ask Ottoline", "phone")),
        ("Website", "https://de.linkedin.com/in/jo-roe/", Method("linkedin", "https://de.linkedin.com/in/jo-roe/")),
        ("Website", "linkedin.com/company/tessera", Method("url", "linkedin.com/company/tessera")),
        ("Website", "https://instagram.com/jo", Method("instagram", "https://instagram.com/jo")),
        ("Website", "javascript:alert(1)", Method("other", "javascript:alert(1)", "url")),
        ("IM", "jo.roe", Method("other", "jo.roe", "IM")),
    ],
)
def test_a_way_has_the_kind_that_its_value_shows(kind, value, method):
    """What cannot be written to, called or opened is kept as it is, and offered as nothing else."""
    assert one(f"Name,{kind} 1 - Value", f"Jo Roe,{value}").methods == (method,)


def test_a_fax_is_no_phone():
    """Nobody is told to call a fax."""
    assert one("Name,Phone 1 - Type,Phone 1 - Value", "Jo Roe,Work Fax,+1 555").methods[0].kind == "other"


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("1990-05-09", "1990-05-09"),
        ("19900509", "1990-05-09"),
        (" --05-09", "--05-09"),
        ("--0229", "--02-29"),
        ("1604-05-09", "--05-09"),
        ("9.5.1990", "1990-05-09"),
        ("12/28/1969", "1969-12-28"),
        ("28/12/1969", "1969-12-28"),
        ("5/5/1990", "1990-05-05"),
        ("May 9 1990", "1990-05-09"),
        ("9 may", "--05-09"),
        ("3/4/1990", None),
        ("1990-02-30", None),
        ("12/28/69", None),
        ("spring", None),
        ("1066-10-14", None),
    ],
)
def test_birthdays(written, stored):
    """Clear ones are stored; the others stay in the notes, and a notice says so."""
    rows = read(f"Name,Birthday,Notes,Phone 1 - Value\r\nJo Roe,{written},hello,\r\n")
    person, *notices = rows
    assert person.birthday == stored
    assert person.notes == ("hello" if stored else f"hello\nBirthday: {written.strip()}")
    assert [type(each) for each in notices] == ([] if stored else [NoticeRow])


def test_details_without_a_field_stand_below_the_notes():
    """Department, events, relatives, own fields and a second address are not lost."""
    header = (
        "Name,Notes,Occupation,Organization 1 - Name,Organization 1 - Department,Event 1 - Type,Event 1 - Value,"
        "Relation 1 - Type,Relation 1 - Value,Custom Field 1 - Label,Custom Field 1 - Value,"
        "Address 1 - Type,Address 1 - Formatted,Address 2 - Type,Address 2 - Formatted"
    )
    row = 'Jo Roe,"first\nsecond",potter,Acme,Sales,Anniversary,2015-06-01,Spouse,Kim,Diet,vegan,'
    person = one(header, row + 'Home,1 Road,* Work,"2 Lane\nYork"')
    assert person.place == "2 Lane, York"
    assert person.notes == (
        "first\nsecond\nHome address: 1 Road\nDepartment: Sales\nOccupation: potter\n"
        "Anniversary: 2015-06-01\nSpouse: Kim\nDiet: vegan"
    )


def test_a_manager_and_a_referrer_are_ties():
    """They follow all people, and name the other one as the person's own row does."""
    rows = read(
        "Name,Relation 1 - Type,Relation 1 - Value,Relation 2 - Type,Relation 2 - Value\r\n"
        "Jo Roe,Manager,Kim Vale,Referred by,Ana ::: Ben\r\nKim Vale,,,,\r\n"
    )
    assert [type(row) for row in rows] == [PersonRow, PersonRow, TieRow, TieRow, TieRow]
    assert [(row.one.name, row.type, row.other) for row in rows[2:]] == [
        ("Kim Vale", "manages", rows[0].who),
        ("Ana", "introduced", rows[0].who),
        ("Ben", "introduced", rows[0].who),
    ]


def test_whoever_has_no_name_is_called_by_what_stands_for_it():
    """Nickname, filing name, else e-mail; an organization or a number alone is no person, with line and reason."""
    header = "First Name,Last Name,Nickname,File As,Organization Name,Labels,E-mail 1 - Value,Phone 1 - Value\r\n"
    rows = read(f"{header},,Jojo,,,,j@x.org,\r\n,,,Roe,,,,\r\n,,,Acme,Acme,,i@x.org,\r\n,,,,Acme,,,555\r\n,,,,,,,\r\n")
    assert [row.who.name for row in rows[:3]] == ["Jojo", "Roe", "i@x.org"]
    (skipped,) = rows[3:]
    assert isinstance(skipped, SkippedRow)
    assert skipped.source.line == 5
    assert "no name" in skipped.reason


def test_a_row_that_a_stray_comma_has_moved_is_skipped():
    """More cells than columns: nobody knows which cell is which."""
    rows = read("Name,Phone 1 - Value\r\nJo, Roe,+1 555\r\nKim Vale,+1 556\r\n")
    assert [type(row) for row in rows] == [SkippedRow, PersonRow]
    assert "not quoted" in rows[0].reason


def test_notes_of_private_entries_stay_in_the_file():
    """The person comes in, the notes do not, and a notice says so."""
    person, notice = read("Name,Sensitivity,Notes,Hobby,Phone 1 - Value\r\nJo Roe,Private,hush,chess,\r\n")
    assert person.notes is None
    assert (notice.subject, "private" in notice.text) == ("Jo Roe", True)


def test_garbled_letters_are_kept_and_said():
    """A name that went through another encoding stays as it is, with a warning."""
    person, notice = read("Name,Phone 1 - Value\r\nZo\u00c3\u00ab Vale,1\r\n")
    assert person.who.name == "Zo\u00c3\u00ab Vale"
    assert "garbled" in notice.text


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda data: data[: len(data) // 2].rpartition(b"\n")[0] + b'\n"Jo', "cut off"),
        (lambda data: data.replace(b"Orrell", b"Orr\0ell", 1), "NUL"),
        (lambda data: data.decode().encode("cp1252", "ignore"), "--encoding cp1252"),
        (lambda data: data + b"x" * 2_000_000, "longer than"),
        (lambda data: data.replace(b"-", b"_"), "columns"),
    ],
)
def test_a_damaged_file_is_refused(spoil, message):
    """Cut off, a NUL, another encoding, one endless line, no header: an error that says what to do."""
    with pytest.raises(BadValueError, match=message):
        read(spoil(book_samples.google_old(60).data))


def test_the_encoding_one_names_is_used():
    """A spreadsheet saved it as Windows-1252."""
    (person,) = read("Name,Phone 1 - Value\r\nZo\u00eb Vale,1\r\n".encode("cp1252"), encoding="cp1252")
    assert person.who.name == "Zo\u00eb Vale"


@given(st.lists(st.lists(CELLS, min_size=16, max_size=16), max_size=4))
def test_any_cells_are_read_without_a_crash(table):
    """Whatever stands in the cells: every row that is not blank becomes somebody or is skipped, in the file's order."""
    columns = (
        *("Name", "Given Name", "Family Name", "Birthday", "Notes", "Group Membership", "E-mail 1 - Type"),
        *("E-mail 1 - Value", "Phone 1 - Value", "Website 1 - Value", "Address 1 - Formatted", "Relation 1 - Type"),
        *("Relation 1 - Value", "Name Prefix", "Nickname", "Organization 1 - Name"),
    )
    out = io.StringIO(newline="")
    csv.writer(out).writerows([columns, *table])
    rows = read(out.getvalue())
    taken = [row for row in rows if isinstance(row, PersonRow | SkippedRow)]
    assert len(taken) == sum(any(cell.strip() for cell in cells) for cells in table)
    assert all(row.who.name.strip() for row in taken if isinstance(row, PersonRow))
    assert [row.source.line for row in taken] == sorted(row.source.line for row in taken)


@given(st.integers(0, 4000), st.binary(max_size=30))
def test_damage_anywhere_is_never_a_crash(at, data):
    """Bytes cut and pasted anywhere are read or refused."""
    book = book_samples.google_new(5).data
    with suppress(BadValueError):
        read(book[:at] + data + book[at + 5 :])
