"""Thunderbird's CSV."""

import io
from contextlib import suppress
from pathlib import Path

import book_samples
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.errors import BadValueError
from crm.importers import google, outlook, thunderbird
from crm.person_rows import PersonRow
from crm.rows import Method, NoticeRow

SAMPLES = Path(__file__).parent.parent / "data" / "samples"
NAMES = "First Name,Last Name,Display Name,Nickname,Primary Email"


def read(text, *, encoding=None):
    """The rows of a file; a text is saved as UTF-8."""
    data = text if isinstance(text, bytes) else text.encode()
    return list(thunderbird.rows(io.BytesIO(data), encoding=encoding))


def test_what_stands_in_a_book_is_found():
    """240 people, every line with a comma too many: each fact is what went in."""
    book = book_samples.thunderbird()
    assert read(book.data) == book.rows


def test_thunderbird_alone_recognises_its_files():
    """No other importer takes the file for its own."""
    head = book_samples.thunderbird(3).data
    assert [form.sniff(head) for form in (google, outlook, thunderbird)] == [False, False, True]


def test_the_sample_is_read():
    """Twelve people stand in the sample that comes along."""
    with (SAMPLES / "thunderbird-contacts.csv").open("rb") as file:
        assert thunderbird.sniff(file.read(65_536))
        file.seek(0)
        assert sum(isinstance(row, PersonRow) for row in thunderbird.rows(file)) == 12


@pytest.mark.parametrize(
    ("cells", "name", "aliases"),
    [
        ("Jo,Roe,Jo Roe,,", "Jo Roe", ()),
        ('Jo,Roe,"Roe, Jo",Jojo,', "Jo Roe", ("Roe, Jo", "Jojo")),
        (",,Jo R.,,", "Jo R.", ()),
        ("Jo,,Jo Roe,,", "Jo Roe", ()),
        (",Roe,,,", "Roe", ()),
        (",,,Jojo,j@x.org", "Jojo", ()),
        (",,,,j@x.org", "j@x.org", ()),
        (
            "\u592a\u90ce,\u5c71\u7530,\u5c71\u7530 \u592a\u90ce,,",
            "\u5c71\u7530 \u592a\u90ce",
            ("\u5c71\u7530\u592a\u90ce",),
        ),
        ("\u592a\u90ce,\u5c71\u7530,,,", "\u5c71\u7530 \u592a\u90ce", ("\u5c71\u7530\u592a\u90ce",)),
    ],
)
def test_names(cells, name, aliases):
    """First and last name; what is displayed is another name, or the name where one of them is missing."""
    (person,) = read(f"{NAMES}\r\n{cells}\r\n")
    assert (person.who.name, person.aliases) == (name, aliases)


@pytest.mark.parametrize(
    ("cells", "stored"),
    [("1990,5,9", "1990-05-09"), (",5,9", "--05-09"), ("1604,05,09", "--05-09"), ("1990,,", None), ("1990,2,30", None)],
)
def test_birthdays(cells, stored):
    """Three columns make a day; where they make none, they stay in the notes with a notice."""
    person, *notices = read(f"{NAMES},Birth Year,Birth Month,Birth Day\r\nJo,Roe,,,,{cells}\r\n")
    assert person.birthday == stored
    assert [type(each) for each in notices] == ([] if stored else [NoticeRow])
    assert (person.notes is None) is (stored is not None)


def test_what_has_no_field_is_kept():
    """Pager, screen name and own fields."""
    (person,) = read(f"{NAMES},Pager Number,Screen Name,Custom 1,Department,Notes,\r\nJo,Roe,,,,5,jo,x,Sales,hi,\r\n")
    assert person.methods == (Method("other", "5", "Pager"), Method("other", "jo", "Screen Name"))
    assert person.notes == "hi\nDepartment: Sales\nCustom 1: x"


def test_windows_1252_is_read_when_one_says_so():
    """The older program exports in the encoding of the computer."""
    data = f"{NAMES},\r\nZo\u00eb,Vale,,,,\r\n".encode("cp1252")
    with pytest.raises(BadValueError, match="--encoding cp1252"):
        read(data)
    assert read(data, encoding="cp1252")[0].who.name == "Zo\u00eb Vale"


def test_another_language_is_explained():
    """A German address book, with --format."""
    with pytest.raises(BadValueError, match="English"):
        read("Vorname,Nachname,Anzeigename\r\nJo,Roe,\r\n")


@given(st.integers(0, 3000), st.binary(max_size=30))
def test_damage_anywhere_is_never_a_crash(at, data):
    """Bytes cut and pasted anywhere are read or refused."""
    book = book_samples.thunderbird(5).data
    with suppress(BadValueError):
        read(book[:at] + data + book[at + 5 :])
