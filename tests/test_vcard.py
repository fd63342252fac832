"""vCards, read and written: what address books really write, damage, hostile text, and the way there and back."""

import contextlib
import io
import re
import time
from datetime import UTC, datetime
from pathlib import Path

import card_samples as samples
import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st

from crm import vcards
from crm.errors import BadValueError
from crm.escaping import for_ics
from crm.exporters import vcard as exporter
from crm.importers import vcard
from crm.models import Contact, ContactMethod
from crm.person_rows import Job, PersonRow, SkippedRow, TieRow, Who
from crm.rows import Method, NoticeRow

SAMPLE = Path(__file__).resolve().parent.parent / "data" / "samples" / "contacts.vcf"


def read(data, encoding=None):
    """All rows of a file."""
    file = io.BytesIO(data if isinstance(data, bytes) else data.encode())
    file.name = "people.vcf"
    return list(vcard.rows(file, encoding=encoding))


def card(*lines, version="3.0", name="FN:Wilma Stern"):
    """A card with these lines."""
    return "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *([name] if name else []), *lines, "END:VCARD", ""])


def persons(data):
    """The people of a file, without what is odd about them."""
    return [row for row in read(data) if isinstance(row, PersonRow)]


def person(*lines, **options):
    """The one person that a card with these lines gives."""
    (row,) = persons(card(*lines, **options))
    return row


# Recognising -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", ["BEGIN:VCARD\r\n", "\ufeffbegin:vcard\n", "\n\nBEGIN:VCARD\n"])
def test_a_file_that_begins_with_a_card_is_recognised(start):
    """A byte order mark, blank lines and case do not hide a card."""
    assert vcard.sniff(f"{start}VERSION:3.0\n".encode())
    assert vcard.sniff(f"\ufeff{start.lstrip(chr(0xFEFF))}VERSION:3.0\n".encode("utf-16-le"))


@pytest.mark.parametrize("start", ["BEGIN:VCALENDAR\n", "# BEGIN:VCARD\n", "Name,Given Name\n", "", "BEGIN:VCARDS\n"])
def test_other_files_are_not_recognised(start):
    """Calendars, tables and text about cards are none."""
    assert not vcard.sniff(start.encode())


# What programs write -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", samples.STYLES)
def test_hundreds_of_people_come_in_as_each_program_writes_them(style):
    """Every name, number, address, job and note of 220 people arrives to the letter."""
    people = samples.people()
    rows = read(samples.vcf(people, style))
    assert len(rows) == len(people)
    for one, row in zip(people, rows, strict=True):
        assert isinstance(row, PersonRow)
        assert row.who.name == one.name
        assert {(way.kind, way.value, way.label) for way in row.methods} == set(one.methods)
        assert row.jobs == ((Job(one.company, one.title),) if one.company else ())
        if style == "android":
            assert row.birthday == (None if (one.birthday or "--").startswith("--") else one.birthday)
        else:
            assert row.birthday == one.birthday
        if style in {"google", "standard"}:
            assert row.tags == one.tags
        if style in {"android", "standard"}:
            assert row.notes == one.notes
        if style == "standard":
            assert (row.place, row.aliases) == (one.place, (one.alias,) if one.alias else ())
            assert row.who.id == f"vcard:{one.uid}"
            assert [way.primary for way in row.methods if way.kind == "email"] in ([], [True])


def test_quoted_printable_with_soft_breaks_is_put_together():
    """2.1: soft line breaks, a blank line after the last one, lower case, and characters cut in half by a break."""
    row = person(
        "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=4D=C3=",
        "=BCller;Jos=C3=A9;;;",
        "NOTE;CHARSET=UTF-8;encoding=quoted-printable:one=0D=0A=",
        "two=",
        "",
        "TEL;CELL;PREF:+49 30 1",
        "EMAIL;INTERNET;HOME:wilma@example.org",
        name=None,
        version="2.1",
    )
    assert (row.who.name, row.notes) == ("José Müller", "one\ntwo")
    assert row.methods == (
        Method("phone", "+49 30 1", "cell", primary=True),
        Method("email", "wilma@example.org", "home"),
    )


def test_a_soft_break_before_the_end_of_a_card_takes_nothing_with_it():
    """A stray = at the end of the last value does not swallow the END of the card."""
    row = person("NOTE;ENCODING=QUOTED-PRINTABLE:tea=", version="2.1")
    assert row.notes in {"tea", "tea="}


def test_latin_1_is_read_where_the_card_or_the_person_says_so():
    """A CHARSET counts for its own line, --encoding for the others; without either, the way out is named."""
    raw = card("NOTE;CHARSET=ISO-8859-1:Köln", version="2.1", name="FN:Jürgen Ast").encode("latin-1")
    with pytest.raises(BadValueError, match=r"line 3 is not UTF-8 \(byte 0xfc\).*--encoding cp1252"):
        read(raw)
    (row,) = read(raw, encoding="cp1252")
    assert (row.who.name, row.notes) == ("Jürgen Ast", "Köln")


def test_utf_16_is_read_with_its_byte_order_mark():
    """Windows programs write UTF-16."""
    (row,) = read(card(name="FN:Łukasz Ćwik").encode("utf-16"))
    assert row.who.name == "Łukasz Ćwik"


def test_a_fold_in_the_middle_of_a_character_is_undone():
    """Programs that fold by octets cut characters in half."""
    raw = card("NOTE:XX").encode().replace(b"XX", "Zo\u00eb".encode()[:3] + b"\r\n " + "Zo\u00eb".encode()[3:])
    assert read(raw)[0].notes == "Zoë"


def test_raw_line_ends_inside_a_value_are_kept_as_such():
    """Google writes a raw blank line into FN, and a literal \\n\\n into N; others break notes without folding."""
    row = person(
        "N:Béla\\n\\nSzabó;Gábor;;;",
        "NOTE:first",
        "second: no property",
        "third",
        name="FN:Gábor Béla\n\nSzabó",
    )
    assert row.who.name == "Gábor Béla Szabó"
    assert row.notes == "first\nsecond: no property\nthird"
    assert person("N:Béla\\n\\nSzabó;Gábor;;;", name=None).who.name == "Gábor Béla Szabó"


def test_blank_lines_between_properties_do_not_count():
    """Some apps write a blank line after every line, others one after a picture."""
    lines = card("PHOTO;ENCODING=b;TYPE=JPEG:/9j/", " AAAA", "TEL:+1 555 0100").replace("\r\n", "\r\n\r\n")
    (row,) = read(lines)
    assert [way.value for way in row.methods] == ["+1 555 0100"]


def test_pictures_sounds_and_keys_are_passed_over():
    """In every form: BASE64 unfolded without indent, ENCODING=b, data: and http: addresses."""
    row = person(
        "PHOTO;BASE64:AAAA",
        "BBBB/+==",
        "LOGO;ENCODING=b:CCCC",
        "SOUND:DDDD",
        "PHOTO:data:image/jpeg;base64,EEEE",
        "item1.PHOTO;VALUE=uri:https://example.org/a.jpg",
        "KEY:FFFF",
        "NOTE:tea",
    )
    assert row == PersonRow(source=row.source, who=Who("Wilma Stern"), notes="tea")


def test_a_card_within_a_card_is_the_agents_own():
    """2.1 allows a whole card as the value of AGENT; it is nobody of the address book."""
    rows = read(card("AGENT:", card(name="FN:Somebody Else").strip(), "NOTE:tea", version="2.1"))
    assert [(row.who.name, row.notes) for row in rows] == [("Wilma Stern", "tea")]


def test_apples_labels_are_read_as_people_see_them():
    """`item1.X-ABLabel:_$!<Work>!$_` labels item1; a label of one's own stays as it is."""
    row = person(
        "item1.TEL;type=pref:+1 555 0100",
        "item1.X-ABLabel:_$!<Mobile>!$_",
        "item2.EMAIL;type=INTERNET:w@example.org",
        "item2.X-ABLabel:Tea Club",
        "item3.X-ABDATE;type=pref:1604-05-09",
        "item3.X-ABLabel:_$!<Anniversary>!$_",
    )
    assert [(way.label, way.primary) for way in row.methods] == [("mobile", True), ("Tea Club", False)]
    assert row.notes == "Anniversary: --05-09"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("BDAY:1990-04-12", "1990-04-12"),
        ("BDAY:19930102", "1993-01-02"),
        ("BDAY;VALUE=date:1990-04-12T00:00:00Z", "1990-04-12"),
        ("BDAY:--0509", "--05-09"),
        ("BDAY:--05-09", "--05-09"),
        ("BDAY;X-APPLE-OMIT-YEAR=1604:1604-05-09", "--05-09"),
        ("BDAY;X-APPLE-OMIT-YEAR=1972:1972-02-29", "--02-29"),
        ("BDAY:1604-05-09", "--05-09"),
        ("BDAY:1900-01-31", "1900-01-31"),
        ("BDAY;VALUE=DATE:", None),
        ("BDAY:", None),
    ],
)
def test_birthdays_in_every_form_are_one_form(line, expected):
    """With a year or without one; an empty one is none, and never today."""
    assert person(line).birthday == expected


@pytest.mark.parametrize("text", ["circa 1800", "1990-13-45", "1985", "03/04/1990"])
def test_a_birthday_that_is_no_clear_day_is_noted(text):
    """It stands in the notes, and a notice says so."""
    row, notice = read(card(f"BDAY;VALUE=text:{text}"))
    assert (row.birthday, row.notes) == (None, f"Birthday: {text}")
    assert isinstance(notice, NoticeRow)
    assert text in notice.text


def test_escapes_are_undone_once():
    r"""`\:` `\,` `\;` `\n` `\\`, and a backslash before anything else stays."""
    row = person("NOTE:a\\,b\\;c\\:d\\ne\\Nf\\\\n C:\\Temp\\", "URL:http\\://www.example.org/")
    assert row.notes == "a,b;c:d\ne\nf\\n C:\\Temp\\"
    assert row.methods[0].value == "http://www.example.org/"


def test_a_comma_in_a_name_stays():
    """Escaped or not, a comma in FN is a part of the name."""
    assert person(name="FN:Stern, Wilma").who.name == "Stern, Wilma"
    assert person(name="FN:Stern\\, Wilma").who.name == "Stern, Wilma"


def test_empty_properties_say_nothing():
    """`item1.ADR:;;;;;;`, `ORG:;` and `N:;;;;` are nothing."""
    row = person(
        "item1.ADR:;;;;;;",
        "ADR:;;\u00a0;;;;",
        "ORG:;",
        "N:;;;;",
        "TEL:",
        "CATEGORIES:myContacts",
        "NICKNAME:",
    )
    assert row == PersonRow(source=row.source, who=Who("Wilma Stern"))


def test_a_line_without_a_name_is_passed_over():
    """Nothing stands before the colon."""
    (row,) = read("BEGIN:VCARD\n:x\nVERSION:3.0\nFN:Wilma Stern\nEND:VCARD\n")
    assert row.who.name == "Wilma Stern"


def test_jobs_are_paired_by_group_and_by_order():
    """An organization goes with the title of its group, else with the one at its place; a role stands for a title."""
    assert person("ORG:Acme;Research", "TITLE:CTO", "ROLE:Leads").jobs == (Job("Acme", "CTO"),)
    assert person("ORG:Acme", "ROLE:Leads").jobs == (Job("Acme", "Leads"),)
    grouped = person("a.ORG:Acme", "b.ORG:Hooli", "b.TITLE:CTO", "a.TITLE:Adviser").jobs
    assert grouped == (Job("Acme", "Adviser"), Job("Hooli", "CTO"))
    assert person("ORG:Acme;Research;Berlin", "TITLE:CTO").notes == "Department: Research, Berlin"


def test_ways_of_all_kinds_are_told_apart():
    """LinkedIn pages are linkedin wherever they stand; chat addresses keep their scheme; javascript: is no page."""
    row = person(
        "URL:https://www.linkedin.com/in/wilma-stern",
        "X-SOCIALPROFILE;type=linkedin;x-user=wilma:http://www.linkedin.com/in/wilma-stern",
        "X-SOCIALPROFILE;type=instagram:x-apple:wilma.stern",
        "X-SOCIALPROFILE;type=mastodon:https://social.example/@wilma",
        "IMPP;X-SERVICE-TYPE=Skype;type=HOME:skype:wilma",
        "X-JABBER:wilma@chat.example",
        "URL:javascript:alert(1)",
        "TEL;VALUE=uri:tel:+1-555-0100;ext=5",
    )
    assert [(way.kind, way.value, way.label) for way in row.methods] == [
        ("linkedin", "https://www.linkedin.com/in/wilma-stern", None),
        ("linkedin", "http://www.linkedin.com/in/wilma-stern", None),
        ("instagram", "wilma.stern", None),
        ("url", "https://social.example/@wilma", "mastodon"),
        ("other", "skype:wilma", "skype"),
        ("other", "wilma@chat.example", "jabber"),
        ("other", "javascript:alert(1)", "url"),
        ("phone", "+1-555-0100 ext. 5", None),
    ]


def test_the_most_preferred_way_is_the_primary_one():
    """TYPE=PREF and the lowest PREF win; of each kind there is one."""
    row = person("TEL;PREF=2:1", "TEL;PREF=1:2", "EMAIL;TYPE=pref:a@example.org", "EMAIL;TYPE=PREF:b@example.org")
    assert [way.primary for way in row.methods] == [False, True, True, False]


def test_addresses_are_one_line_and_the_preferred_one_is_the_place():
    """A second address stands in the notes."""
    row = person(
        "ADR;TYPE=HOME:;Flat 2;12 Elm St.\\nRear;Springfield;IL;62704;USA",
        "ADR;TYPE=WORK,PREF:;;1 Bay Rd;Lisbon;;;",
    )
    assert row.place == "1 Bay Rd, Lisbon"
    assert row.notes == "Address (home): 12 Elm St., Rear, Flat 2, Springfield, IL 62704, USA"


def test_categories_are_tags_but_for_googles_own():
    """2.1 separates them by semicolons too."""
    assert person("CATEGORIES:myContacts,tea\\, green,climbing").tags == ("tea, green", "climbing")
    assert person("CATEGORIES:tea;climbing", version="2.1").tags == ("tea", "climbing")


def test_who_is_related_to_whom_is_told_after_all_people():
    """By name or UID; what the other one is called decides which way round."""
    uid = "f81d4fae-7dec-41d0-a765-00a0c91e6bf6"
    rows = read(
        card(f"RELATED;TYPE=friend:urn:uuid:{uid}", "RELATED;TYPE=me:mailto:w@example.org")
        + card(
            f"UID:urn:uuid:{uid}",
            "item1.X-ABRELATEDNAMES:Wilma Stern",
            "item1.X-ABLabel:_$!<Manager>!$_",
            name="FN:Bela",
        )
    )
    ties = [(row.one.name, row.type, row.other) for row in rows[2:] if isinstance(row, TieRow)]
    bela = Who("Bela", f"vcard:{uid}")
    assert ties == [("Wilma Stern", "friend-of", Who("", f"vcard:{uid}")), ("Wilma Stern", "manages", bela)]


def test_private_cards_keep_their_notes_to_themselves():
    """CLASS:PRIVATE leaves the notes in the file."""
    row, notice = read(card("CLASS:PRIVATE", "NOTE:secret"))
    assert row.notes is None
    assert isinstance(notice, NoticeRow)


# Cards that are no people ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["KIND", "X-ADDRESSBOOKSERVER-KIND"])
def test_a_group_is_no_person_but_a_tag_of_its_members(kind):
    """Wherever in the file the group stands."""
    member = "MEMBER" if kind == "KIND" else "X-ADDRESSBOOKSERVER-MEMBER"
    group = card(f"{kind}:group", f"{member}:urn:uuid:1-A", name="FN:Chess club")
    for cards in ((group, card("UID:1-A")), (card("UID:1-A"), group)):
        rows = read("".join(cards))
        (skipped,) = (row for row in rows if isinstance(row, SkippedRow))
        assert skipped.name == "Chess club"
        assert "group" in skipped.reason
        assert [row.tags for row in rows if isinstance(row, PersonRow)] == [("Chess club",)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("BEGIN:VCARD\nFN:Wilma\nEND:VCARD\n", "no VERSION"),
        ("BEGIN:VCARD\nGroup: \nFirst name:Eddie\nE-Mail 2:e@example.org\nEND:VCARD\n", "no VERSION"),
        ("BEGIN:VCARD\nVERSION:3.0\nTEL:1\nEND:VCARD\n", "no name"),
        ("BEGIN:VCARD\nVERSION:3.0\nFN:\nN:;;;;\nORG:Acme\nX-ABShowAs:COMPANY\nEND:VCARD\n", "organization"),
        ("BEGIN:VCARD\nVERSION:4.0\nKIND:org\nFN:Acme\nEND:VCARD\n", "organization"),
        (
            "BEGIN:VCARD\nVERSION:2.1\nFN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C3\nEND:VCARD\n",
            "line 3 is not UTF-8",
        ),
        ("BEGIN:VCARD\nVERSION:2.1\nFN;ENCODING=QUOTED-PRINTABLE:a=00b\nEND:VCARD\n", "line 3 holds a NUL"),
        ("BEGIN:VCARD\nVERSION:2.1\nFN;CHARSET=idna:a\nEND:VCARD\n", "encoding not known"),
        ("BEGIN:VCARD\nVERSION:3.0\nFN;" + "A=b;" * 5000 + ":a\nEND:VCARD\n", "bytes of parameters"),
    ],
)
def test_what_is_no_person_is_skipped_with_its_line_and_reason(text, reason):
    """And the next card comes in."""
    skipped, row = read(text + card())
    assert isinstance(skipped, SkippedRow)
    assert reason in skipped.reason
    assert skipped.source.line == 1
    assert row.who.name == "Wilma Stern"


def test_a_card_without_an_end_is_skipped_and_the_next_one_comes_in():
    """The reason names the line where the next card begins; stray text between cards is told once."""
    rows = read("BEGIN:VCARD\nVERSION:3.0\nFN:Cato\n" + card() + "stray\nmore\n" + card(name="FN:Dora"))
    assert [getattr(row, "who", None) and row.who.name for row in rows] == [None, "Wilma Stern", None, "Dora"]
    assert "line 4" in rows[0].reason
    assert rows[2].source.line == 8


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (card().encode() + b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Do", r"cut off in line 7.*begins in line 5"),
        (b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Wil\0ma\r\n", r"line 3 holds a NUL"),
        (b"BEGIN:VCARD\nNOTE:" + b"a" * (vcards.MAX_LINE_BYTES + 1), r"line 2 is longer than"),
        (b"BEGIN:VCARD\n" + b"NOTE:aaaaaaaaaaaaaaa\n" * 300_000, r"the card that begins in line 1 is larger"),
        (b"BEGIN:VCARD\nNOTE:" + (b"a" * 100 + b"\n ") * 45_000, r"the card that begins in line 2 is larger"),
    ],
)
def test_a_damaged_file_is_refused_with_its_line(data, message):
    """Cut off, NUL, a line or card without end: one error, and no traceback."""
    with pytest.raises(BadValueError, match=message):
        read(data)


@pytest.mark.parametrize("encoding", ["no-such", "idna", "zip", "a\0b", "unicode_escape"])
def test_only_encodings_of_text_can_be_asked_for(encoding):
    """An encoding nobody writes address books in is refused by name."""
    with pytest.raises(BadValueError, match="there is no encoding"):
        read(card(), encoding=encoding)


@pytest.mark.parametrize(
    "line",
    [
        b"TEL;A" + b"," * 5000 + b'a"b":x',
        b"TEL" + b';"' * 100_000 + b":x",
        b"N:" + b"\\" * 200_001,
        b"a." * 200_000 + b"FN:x",
        b"NOTE;ENCODING=QUOTED-PRINTABLE:" + b"=\n" * 200_000,
        b"NOTE:x\n" + b" \n" * 200_000,
        b"URL:" + b"a-" * 200_000 + b"!",
        b"FN:" + b" \t" * 200_000 + b"x",
        b"item1.X-ABLabel:_$!<" + b">!$_" * 100_000,
    ],
)
def test_hostile_lines_take_no_longer_than_long_ones(line):
    """No line makes the reader try every way of taking it apart."""
    start = time.perf_counter()
    read(b"BEGIN:VCARD\nVERSION:3.0\n" + line + b"\nEND:VCARD\n")
    assert time.perf_counter() - start < 5


@given(st.binary(max_size=300))
def test_any_bytes_give_rows_or_one_clear_error(junk):
    """Whatever stands in a card, nothing else than BadValueError comes out."""
    rows = []
    with contextlib.suppress(BadValueError):
        rows = read(b"BEGIN:VCARD\nVERSION:3.0\nFN:Wilma\n" + junk + b"\nEND:VCARD\n")
    assert all(row.source.line for row in rows if isinstance(row, PersonRow | SkippedRow))


# Writing -----------------------------------------------------------------------------------------------------------

AT = datetime(2026, 1, 5, 17, tzinfo=UTC)
UID = "f81d4fae-7dec-41d0-a765-00a0c91e6bf6"
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=200)


def contact(**values):
    """A contact that is in no database."""
    return Contact(**{"id": 1, "uid": UID, "name": "Wilma Stern", "added_at": AT, "updated_at": AT} | values)


def written(one, *, version="3.0", methods=(), positions=(), tags=(), include_private=False):
    """The card of one contact."""
    told = exporter.Person(one, methods, positions, tags)
    return exporter.card(told, version=version, include_private=include_private)


def exported(crm, folder, *options):
    """The bytes of `crm export vcard`."""
    crm("export", "vcard", "-o", str(folder / "out.vcf"), *options)
    return (folder / "out.vcf").read_bytes()


def safe(text):
    """A text as it comes back: control characters are left out."""
    return for_ics(text)


@pytest.mark.parametrize("version", exporter.VERSIONS)
@given(text=TEXT)
def test_any_note_comes_back_as_it_was(version, text):
    """Escaped, folded, unfolded and read: the same text, control characters aside; and it starts no line of its own."""
    found = written(contact(notes=text, context=text, how_to_reach=text), version=version)
    (row,) = persons(found)
    assert (row.notes or "") == (safe(text) if safe(text).strip(" ;") else "")
    names = re.findall(r"^[^ ;:]+", found, re.MULTILINE)
    assert set(names) <= {
        *("BEGIN", "VERSION", "PRODID", "UID", "REV", "KIND", "FN", "N", "NOTE", "END"),
        *("X-CRM-TIER", "X-CRM-STAGE", "X-CRM-HOW-TO-REACH", "X-CRM-CONTEXT"),
    }


@pytest.mark.parametrize("version", exporter.VERSIONS)
@given(texts=st.lists(TEXT, min_size=5, max_size=5))
def test_any_text_stays_in_its_own_field(version, texts):
    """A name, alias, tag, company and address never run into one another."""
    name, alias, tag, company, place = texts
    found = written(
        contact(name=name, aliases=[alias], place=place), version=version, tags=[tag], positions=[(company, "", True)]
    )
    (row,) = persons(found)

    def one_line(text):
        return re.sub(r"\s*[\r\n\t]\s*", " ", safe(text).strip())

    assert row.who.name == (one_line(name) or "c1")
    assert row.aliases in ((one_line(alias),), ())
    assert [job.organization for job in row.jobs] in ([one_line(company)], [])
    assert (row.place or "") in {one_line(place), ""}


@pytest.mark.parametrize("version", exporter.VERSIONS)
@given(text=TEXT)
def test_lines_are_short_and_end_as_they_should(version, text):
    """Each line has at most 75 octets, is UTF-8 by itself, and ends with CRLF; nothing else ends a line."""
    data = written(contact(name=f"W {text}", notes=text * 3, place=text), version=version).encode()
    assert data.endswith(b"END:VCARD\r\n")
    for line in data.removesuffix(b"\r\n").split(b"\r\n"):
        assert len(line) <= 75
        assert len(line.decode().splitlines()) == 1


@given(
    kind=st.sampled_from(["email", "phone", "url", "linkedin", "instagram", "other", "fax;x"]), value=TEXT, label=TEXT
)
@settings(max_examples=60)
def test_any_way_to_reach_somebody_comes_back(kind, value, label):
    """With its kind, value and label, surplus blanks and control characters aside."""
    method = ContactMethod(contact_id=1, kind=kind, value=value, label=label, primary=True)
    for version in exporter.VERSIONS:
        (row,) = persons(written(contact(), version=version, methods=[method]))
        value_back = safe(value).strip()
        if value_back:
            (back,) = row.methods
            assert (back.kind, back.value, back.primary) == (kind, value_back, True)
            words = re.sub(r"\s*[\r\n\t]\s*", " ", safe(label).strip())
            assert (back.label or "") in {words, words.strip()} or not words.strip(" ;")


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (("email", "w@example.org", "work"), "EMAIL;TYPE=work,pref:w@example.org"),
        (("phone", "+1 555 0100", "cell"), "TEL;TYPE=cell,pref:+1 555 0100"),
        (("url", "https://example.org/a,b;c", None), "URL;TYPE=pref:https://example.org/a,b;c"),
        (("linkedin", "https://www.linkedin.com/in/w", None), "X-SOCIALPROFILE;TYPE=linkedin,pref:https://www."),
        (("other", "skype:wilma", "chat"), "item1.IMPP;TYPE=pref:skype:wilma"),
        (("other", "knock twice", None), "X-CRM-METHOD;TYPE=pref:other;knock twice"),
    ],
)
def test_ways_are_written_as_phones_know_them(value, name):
    """What the standard has a property for stands in it."""
    kind, text, label = value
    method = ContactMethod(contact_id=1, kind=kind, value=text, label=label, primary=True)
    assert name in written(contact(), methods=[method]).replace("\r\n ", "")


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Wilma Stern", "Stern;Wilma;;;"),
        ("Prince", ";Prince;;;"),
        ("Ana Maria van der Berg", "van der Berg;Ana;Maria;;"),
        ("Dr. Nils Holm Jr.", "Holm;Nils;;Dr.;Jr."),
        ("Nils Holm, Ph.D.", "Holm;Nils;;;Ph.D."),
        ("山田 太郎", "山田;太郎;;;"),
        ("Dr.", ";Dr.;;;"),
        ("X; Y", "Y;X\\;;;;"),
    ],
)
def test_names_are_taken_apart_as_far_as_they_show_it(name, parts):
    """Particles go with the family name; FN has the name itself."""
    lines = written(contact(name=name)).split("\r\n")
    assert f"N:{parts}" in lines
    assert read("\r\n".join(lines))[0].who.name == name


@pytest.mark.parametrize(
    ("version", "birthday", "line"),
    [
        ("3.0", "1990-04-12", "BDAY:1990-04-12"),
        ("3.0", "--02-29", "BDAY;X-APPLE-OMIT-YEAR=1604:1604-02-29"),
        ("4.0", "1990-04-12", "BDAY:19900412"),
        ("4.0", "--02-29", "BDAY:--0229"),
    ],
)
def test_birthdays_are_written_as_each_version_has_them(version, birthday, line):
    """3.0 has no day without a year but Apple's; 4.0 has."""
    found = written(contact(birthday=birthday), version=version)
    assert line in found.split("\r\n")
    assert read(found)[0].birthday == birthday


def test_a_card_keeps_the_uid_it_came_with():
    """Somebody who came from a phone goes back as the same entry; others go by their own uid."""
    assert f"UID:{UID}\r\n" in written(contact())
    assert f"UID:urn:uuid:{UID}\r\n" in written(contact(), version="4.0")
    assert "UID:ABC:ABPerson\r\n" in written(contact(external_ids={"vcard": "ABC:ABPerson"}))
    assert "UID;VALUE=text:ABC:ABPerson\r\n" in written(contact(external_ids={"vcard": "ABC:ABPerson"}), version="4.0")


def test_jobs_but_the_present_one_are_ours():
    """A phone shows one job; the others come back here."""
    found = written(contact(), positions=[("Hooli", "CTO", False), ("Acme", "", True), ("", "Adviser", True)])
    assert "ORG:Acme\r\n" in found
    assert set(read(found)[0].jobs) == {Job("Acme"), Job(None, "Adviser"), Job("Hooli", "CTO", current=False)}


def test_the_fields_of_ours_come_back():
    """Cadence, last contact, tier, stage and the person's own words; a word that is none is passed over."""
    one = contact(
        tier="inner",
        stage="met",
        context="a; b",
        how_to_reach="ask Bela",
        cadence_min_days=28,
        cadence_max_days=42,
        last_contact_at=AT,
    )
    found = written(one)
    for line in ("X-CRM-TIER:inner", "X-CRM-STAGE:met", "X-CRM-CONTEXT:a\\; b", "X-CRM-HOW-TO-REACH:ask Bela"):
        assert f"{line}\r\n" in found
    (row,) = read(found)
    assert (row.cadence_min_days, row.cadence_days, row.last_contact_at) == (28, 42, AT)
    ours = {"tier": "inner", "stage": "met", "context": "a; b", "how_to_reach": "ask Bela"}
    assert dict(row.ours) == ours
    (other,) = read(found.replace("X-CRM-TIER:inner", "X-CRM-TIER:boss"))
    assert dict(other.ours) == {name: value for name, value in ours.items() if name != "tier"}


def test_private_notes_leave_only_when_asked_for():
    """And a name of nothing but control characters is no empty FN."""
    one = contact(private_notes="hush", name="\x1b\x07")
    assert "hush" not in written(one)
    assert "X-CRM-PRIVATE-NOTE:hush\r\n" in written(one, include_private=True)
    assert "FN:c1\r\n" in written(one)


# There and back ----------------------------------------------------------------------------------------------------


def told(document):
    """The contacts of a document without what differs from home to home."""
    employers = {each["uid"]: each["name"] for each in document["organizations"]}
    apart = ("uid", "ref", "revision", "updated_at", "added_at", "source", "external_ids")
    found = []
    for each in document["contacts"]:
        jobs = [{**job, "organization": employers.get(job["organization"])} for job in each["positions"]]
        kept = {key: value for key, value in each.items() if key not in apart}
        found.append(kept | {"positions": jobs, "tags": sorted(each["tags"])})
    return found


@pytest.mark.parametrize("version", exporter.VERSIONS)
def test_hundreds_of_people_go_out_and_come_back(crm, tmp_path, move, version):
    """Into an empty home they come as they were; into their own they change nothing; the same data, the same bytes."""
    (tmp_path / "in.vcf").write_bytes(samples.vcf(samples.people(), "standard"))
    crm("import", str(tmp_path / "in.vcf"))
    data = exported(crm, tmp_path, "--version", version)
    assert exported(crm, tmp_path, "--version", version) == data
    before = crm("export", "json").json
    assert crm("import", str(tmp_path / "out.vcf"), "--json").json["counts"] == {"person": {"same": 220}}
    assert crm("export", "json").json["contacts"] == before["contacts"]
    move("other")
    crm("import", str(tmp_path / "out.vcf"))
    assert told(crm("export", "json").json) == told(before)


def test_the_export_into_its_own_home_knows_everybody_by_uid(crm, tmp_path):
    """Two people of one name, without anything to tell them apart but their uid, stay two."""
    for _each in range(2):
        crm("contact", "add", "Wilma Stern", "--same-name")
    before = crm("export", "json").json["contacts"]
    exported(crm, tmp_path)
    crm("import", str(tmp_path / "out.vcf"))
    assert crm("export", "json").json["contacts"] == before


@pytest.mark.parametrize("version", exporter.VERSIONS)
def test_another_reader_understands_our_cards(crm, tmp_path, version):
    """vobject reads every card, and the same names, numbers and notes in it."""
    people = samples.people(60)
    (tmp_path / "in.vcf").write_bytes(samples.vcf(people, "standard"))
    crm("import", str(tmp_path / "in.vcf"))
    data = exported(crm, tmp_path, "--version", version).decode()
    found = list(vobject.readComponents(data, validate=version == "3.0"))
    assert len(found) == len(people)
    for one, theirs in zip(people, found, strict=True):
        assert theirs.fn.value == one.name
        for kind, name in (("email", "email"), ("phone", "tel")):
            assert [each.value for each in theirs.contents.get(name, [])] == [
                value for its_kind, value, _label in one.methods if its_kind == kind
            ]
        assert theirs.getChildValue("note") == one.notes
        assert theirs.getChildValue("org") == ([one.company] if one.company else None)


def test_an_export_keeps_tier_and_stage_in_an_empty_home(crm, tmp_path):
    """People who are new come in as they went out; private notes are remembered nowhere in the document."""
    crm("contact", "add", "Wilma Stern", "--context", "the lab", "--how-to-reach", "ask Bela", "--private-note", "hush")
    crm("contact", "tier", "wilma", "inner")
    crm("log-contact", "wilma", "--kind", "coffee")
    exported(crm, tmp_path, "--include-private")
    crm("contact", "remove", "wilma", "--with-history")
    (tmp_path / "out.vcf").write_bytes((tmp_path / "out.vcf").read_bytes().replace(b"UID:", b"UID:other-"))
    crm("import", str(tmp_path / "out.vcf"))
    (one,) = crm("export", "json").json["contacts"]
    assert (one["tier"], one["stage"], one["context"], one["how_to_reach"]) == ("inner", "met", "the lab", "ask Bela")
    assert "hush" not in crm("export", "json", "--include-private").out


def test_an_export_keeps_the_span_of_the_cadence_and_who_is_archived(crm, tmp_path, move):
    """In an empty home and, as far as the cadence goes, for those who have none yet; private notes are told of."""
    for name in ("Wilma Stern", "Nils Holm"):
        crm("contact", "add", name, "--private-note", "hush")
    crm("cadence", "wilma", "4w..6w")
    crm("contact", "archive", "nils")
    exported(crm, tmp_path, "--include-private")
    move("other")
    told = crm("import", str(tmp_path / "out.vcf"), "--json").json
    assert [each["subject"] for each in told["notices"]] == ["Wilma Stern", "Nils Holm"]
    assert all("private note" in each["text"] for each in told["notices"])
    wilma, nils = crm("export", "json").json["contacts"]
    assert wilma["cadence"] == {"min_days": 28, "max_days": 42}
    assert (wilma["archived_at"], nils["archived_at"]) == (None, "2026-01-05T17:00:00Z")
    move("third")
    crm("init", "--empty")
    crm("contact", "add", "Wilma Stern")
    crm("import", str(tmp_path / "out.vcf"))
    assert crm("contact", "show", "wilma", "--json").json["cadence"] == {"min_days": 28, "max_days": 42}


@pytest.mark.parametrize("text", ["\t", "\x0b", "\x1b", "\x7f", "\x85", "\u2028", "  ", " \r\n ", " \t\x1b ", ";,\\:"])
def test_the_export_into_its_own_home_is_no_change(crm, tmp_path, text):
    """Whatever blanks and control characters stand in a field, nothing differs, now or after an edit."""
    odd = f"Wil{text}ma"
    crm("contact", "add", odd, "--alias", f"a{text}b", "--organization", f"Ac{text}me", "--title", f"C{text}FO")
    crm("contact", "edit", "c1", "--place", f"p{text}q", "--note", f"n{text}\r\n{text}o", "--phone", f"5{text}5")
    crm("contact", "tag", "c1", f"t{text}u")
    for title in (f"V{text}P", f"C{text}TO"):
        crm("contact", "edit", "c1", "--title", title)
        before = crm("export", "json").json
        for version in exporter.VERSIONS:
            exported(crm, tmp_path, "--version", version)
            told = crm("import", str(tmp_path / "out.vcf"), "--json").json
            assert {what for counts in told["counts"].values() for what in counts} == {"same"}, told["changes"]
        after = crm("export", "json").json
        assert [each["name"] for each in after["tags"]] == [each["name"] for each in before["tags"]]
        for name in ("name", "aliases", "positions", "methods", "notes", "place", "tags"):
            assert [each[name] for each in after["contacts"]] == [each[name] for each in before["contacts"]]


def test_private_notes_are_left_out_with_a_word(crm, tmp_path):
    """Standard error says how many; --include-private takes them along."""
    crm("contact", "add", "Wilma Stern", "--private-note", "hush")
    assert b"hush" not in exported(crm, tmp_path)
    assert b"X-CRM-PRIVATE-NOTE:hush\r\n" in exported(crm, tmp_path, "--include-private")


def test_the_sample_comes_in_whole(crm):
    """Every card of the sample is taken, or skipped with a reason; a second time changes nothing."""
    counts = crm("import", str(SAMPLE), "--json").json["counts"]
    assert counts == {"person": {"new": 10}, "tie": {"new": 2}, "row": {"skipped": 2}}
    again = crm("import", str(SAMPLE), "--json").json["counts"]
    assert again == {"person": {"same": 10}, "tie": {"same": 2}, "row": {"skipped": 2}}
    assert crm("contact", "show", "Gábor Szabó", "--json").json["birthday"] == "--05-09"
    assert crm("contact", "show", "Wilma Stern", "--json").json["tags"] == ["Chess club"]


@pytest.mark.parametrize(
    "data",
    [
        b"BEGIN:VCARD\nVERSION:3.0\nFN:Cut Of",
        b"BEGIN:VCARD\nFN:a\0b\nEND:VCARD\n",
        "BEGIN:VCARD\nFN:Jürgen\n".encode("latin-1"),
    ],
)
def test_a_damaged_file_writes_nothing(crm, tmp_path, data):
    """Exit 2, and the people who stood before the damage have not come in either."""
    (tmp_path / "bad.vcf").write_bytes(card().encode() + data)
    assert "line" in crm("import", str(tmp_path / "bad.vcf"), code=2).err
    assert crm("contact", "list", "--json").json["items"] == []
