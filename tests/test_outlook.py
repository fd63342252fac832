"""Outlook's CSV."""

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
NAMES = "First Name,Last Name,E-mail Address"


def read(text, *, encoding=None):
    """The rows of a file; a text is saved as UTF-8."""
    data = text if isinstance(text, bytes) else text.encode()
    return list(outlook.rows(io.BytesIO(data), encoding=encoding))


def birthdays(*written):
    """What becomes of birthdays in one file."""
    lines = "".join(f"Jo{at},Roe,,{day}\r\n" for at, day in enumerate(written))
    return [row.birthday for row in read(f"{NAMES},Birthday\r\n{lines}") if isinstance(row, PersonRow)]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_what_stands_in_a_book_is_found(encoding):
    """240 people with every quirk, in each encoding that Outlook writes."""
    book = book_samples.outlook(encoding=encoding)
    rows = read(book.data, encoding="cp1252" if encoding == "cp1252" else None)
    assert rows[: len(book.rows)] == book.rows
    assert [(each.one.name, each.type, each.other.name) for each in rows[len(book.rows) :]] == book.ties


def test_outlook_alone_recognises_its_files():
    """Google's new table begins with the same three columns."""
    head = book_samples.outlook(3).data
    assert [form.sniff(head) for form in (google, outlook, thunderbird)] == [False, True, False]


def test_the_sample_is_read():
    """Twelve people stand in the sample that comes along."""
    with (SAMPLES / "outlook-contacts.csv").open("rb") as file:
        assert outlook.sniff(file.read(65_536))
        file.seek(0)
        assert sum(isinstance(row, PersonRow) for row in outlook.rows(file)) == 12


def test_windows_1252_is_refused_with_the_way_out():
    """The error names the line and the option; with it the same file is read."""
    data = f"{NAMES}\r\nJo,Roe,j@x.org\r\nZo\u00eb,Vale,z@x.org\r\n".encode("cp1252")
    with pytest.raises(BadValueError, match=r"line 3.*--encoding cp1252"):
        read(data)
    assert [row.who.name for row in read(data, encoding="cp1252")] == ["Jo Roe", "Zo\u00eb Vale"]


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        (["3/4/1990", "12/28/1969"], ["1990-03-04", "1969-12-28"]),
        (["3/4/1990"], ["1990-03-04"]),
        (["3/4/1990", "28/12/1969"], ["1990-04-03", "1969-12-28"]),
        (["3/4/1990", "28/12/1969", "12/28/1969"], [None, "1969-12-28", "1969-12-28"]),
        (["0/0/00", "5/9/1604", "12/28/1969 12:00:00 AM"], [None, "--05-09", "1969-12-28"]),
    ],
)
def test_the_order_of_a_slashed_birthday_is_the_files(written, stored):
    """Month first as in the United States, unless the file itself shows another order, or both."""
    assert birthdays(*written) == stored


def test_an_unclear_birthday_stays_in_the_notes():
    """With a notice, since two orders stand in the file."""
    rows = read(f"{NAMES},Birthday\r\nJo,Roe,,3/4/1990\r\nA,B,,13/1/1990\r\nC,D,,1/13/1990\r\n")
    assert rows[0].notes == "Birthday: 3/4/1990"
    assert [row.subject for row in rows if isinstance(row, NoticeRow)] == ["Jo Roe"]


def test_referrers_and_managers_are_ties():
    """`Referred By` is who introduced them; several are separated by semicolons; nobody is tied to themselves."""
    rows = read(f"{NAMES},Referred By,Manager's Name\r\nJo,Roe,,Ana Bell; Ben Cole;Jo Roe,Kim Vale\r\n")
    ties = [row for row in rows if isinstance(row, TieRow)]
    assert [(each.one.name, each.type, each.other.name) for each in ties] == [
        ("Ana Bell", "introduced", "Jo Roe"),
        ("Ben Cole", "introduced", "Jo Roe"),
        ("Kim Vale", "manages", "Jo Roe"),
    ]


def test_all_numbers_have_a_label_and_the_primary_one_is_marked():
    """A number that stands there twice is one; faxes and an Exchange address are neither phone nor e-mail."""
    (person,) = read(
        f"{NAMES},Business Fax,Home Phone 2,Mobile Phone,Primary Phone\r\nJo,Roe,/o=Ex/cn=jo,+1 1,+1 2,+1 3,+1 3\r\n"
    )
    assert person.methods == (
        Method("other", "/o=Ex/cn=jo", "email"),
        Method("phone", "+1 3", "Mobile", primary=True),
        Method("phone", "+1 2", "Home 2"),
        Method("other", "+1 1", "Business Fax"),
    )


def test_categories_become_tags():
    """With and without a blank after the semicolon."""
    (person,) = read(f"{NAMES},Categories\r\nJo,Roe,,Navy;book club; a; Navy;\r\n")
    assert person.tags == ("Navy", "book club", "a")


def test_the_first_address_is_the_place_and_the_others_stay():
    """Business before home; details without a field of their own stand below the notes."""
    header = (
        f"{NAMES},Home City,Business Street,Business City,Business Country,Location,Spouse,Anniversary,User 1,Notes"
    )
    (person,) = read(f'{header}\r\nJo,Roe,,York,"1 Road\nHall 2",Leeds,UK,Kent,Kim,0/0/00,x,exactly this\r\n')
    assert person.place == "1 Road, Hall 2, Leeds, UK"
    assert person.notes == "exactly this\nHome address: York\nLocation: Kent\nSpouse: Kim\nUser 1: x"


@pytest.mark.parametrize("marked", ["Private,False", "Normal,True", "Confidential,", "Personal,False"])
def test_notes_of_private_entries_stay_in_the_file(marked):
    """The person comes in with name and e-mail, the notes do not, and a notice says so."""
    person, notice = read(f"{NAMES},Notes,Sensitivity,Private\r\nJo,Roe,j@x.org,hush,{marked}\r\n")
    assert (person.notes, person.methods[0].value) == (None, "j@x.org")
    assert "private" in notice.text


def test_a_normal_entry_keeps_its_notes():
    """Normal and False are what nearly all entries have."""
    (person,) = read(f"{NAMES},Notes,Sensitivity,Private\r\nJo,Roe,,hello,Normal,False\r\n")
    assert person.notes == "hello"


@pytest.mark.parametrize(
    ("header", "encoding"),
    [
        ("Anrede;Vorname;Nachname;E-Mail-Adresse", "utf-8"),
        ("Pr\u00e9nom,Nom,Adresse de messagerie", "utf-8"),
        ("Pr\u00e9nom,Nom,Adresse de messagerie", "cp1252"),
        ("\u540d,\u59d3", "utf-16"),
    ],
)
def test_another_language_is_recognised_and_explained(header, encoding):
    """The error says how to get English columns, instead of that the file is in no known format."""
    data = f"{header}\r\n".encode(encoding)
    assert outlook.sniff(data)
    with pytest.raises(BadValueError, match="English"):
        read(data, encoding=encoding)


def test_rows_without_a_name():
    """E-mail stands for it; a company alone is no person."""
    rows = read(f"{NAMES},Company\r\n,,j@x.org,Acme\r\n,,,Acme\r\n")
    assert rows[0].who.name == "j@x.org"
    assert isinstance(rows[1], SkippedRow)


@pytest.mark.parametrize("end", [b'"Jo', b"Jo,Roe"])
def test_a_file_that_is_cut_off_is_refused(end):
    """Within quotation marks or between them, the line is named."""
    with pytest.raises(BadValueError, match=r"line 2.*(cut off|closed)|cut off in line 2"):
        read(f"{NAMES}\r\n".encode() + end)


@pytest.mark.parametrize(
    ("here", "referred", "expected"),
    [
        (["Jane Marie Roe"], "Jane Roe", "c1"),
        (["Jane Roe"], "Dr. Jane M. Roe Jr.", "c1"),
        (["Janie"], "Jane Roe", "c1"),
        (["Jane Marie Roe", "Jane Ann Roe"], "Jane Roe", "several people have that name"),
        (["Jane Marie Roe"], "Jane", "nobody of that name is among your contacts"),
    ],
)
def test_who_referred_somebody_is_found_without_middle_name_and_title(crm, tmp_path, here, referred, expected):
    """By given and family name or an alias where exactly one person fits; else the row says why it is left out."""
    for name in here:
        crm("contact", "add", name, *(["--alias", "Jane Roe"] if name == "Janie" else []))
    path = tmp_path / "contacts.csv"
    path.write_text(f"{NAMES},Referred By\r\nKim,Lee,kim@example.org,{referred}\r\n")
    changes = crm("import", str(path), "--json").json["changes"]
    ties = crm("export", "json").json["relationships"]
    (told,) = (each for each in changes if each["kind"] == "tie")
    assert (told["ref"] or told["details"][0], len(ties)) == (expected, int(expected == "c1"))


@given(st.integers(0, 4000), st.binary(max_size=30))
def test_damage_anywhere_is_never_a_crash(at, data):
    """Bytes cut and pasted anywhere are read or refused."""
    book = book_samples.outlook(5).data
    with suppress(BadValueError):
        read(book[:at] + data + book[at + 5 :])


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=20), min_size=12))
def test_any_cells_are_read_without_a_crash(cells):
    """Whatever stands in them, somebody comes of it or a reason."""
    out = io.StringIO(newline="")
    columns = (
        *("First Name", "Last Name", "E-mail Address", "Title", "Birthday", "Notes", "Categories", "Referred By"),
        *("Mobile Phone", "Web Page", "Home Street", "Company"),
    )
    csv.writer(out).writerows([columns, cells[:12]])
    taken = [row for row in read(out.getvalue()) if isinstance(row, PersonRow | SkippedRow)]
    assert len(taken) == any(cell.strip() for cell in cells[:12])
