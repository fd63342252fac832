"""LinkedIn's export: every shape of Connections.csv, and who wrote to whom from messages.csv and Invitations.csv."""

import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from import_support import (
    HEADER,
    INVITATIONS,
    ME,
    MESSAGES,
    OLD_HEADER,
    PREAMBLES,
    Someone,
    archive,
    connections,
    message,
    messages,
    people,
    table,
)

from crm.errors import BadValueError
from crm.importers import linkedin
from crm.importers.linkedin.connections import parse_day
from crm.importers.linkedin.invitations import parse_sent_at
from crm.person_rows import PersonRow, SkippedRow, profile_slug
from crm.rows import NoticeRow

JANE = Someone("Jane", "Roe", "jane-roe", "jane@example.org", "Acme", "VP", "12 Mar 2025")
ME_ = Someone("Morgan", "Vale", "morgan-vale")
KIM = Someone("Kim", "Lee", "kim-lee")


def read(data):
    """The rows of a file with these bytes."""
    return list(linkedin.rows(io.BytesIO(data)))


def found(rows, kind=PersonRow):
    return [row for row in rows if isinstance(row, kind)]


@pytest.fixture
def take(crm, tmp_path):
    """Import bytes as a file of that name."""

    def run(data, name="Connections.csv", *options, code=0):
        path = tmp_path / name
        path.write_bytes(data)
        return crm("import", str(path), *options, "--json", code=code)

    return run


@pytest.mark.parametrize("preamble", PREAMBLES)
@pytest.mark.parametrize("header", [HEADER, OLD_HEADER], ids=["with URL", "without URL"])
@pytest.mark.parametrize("end", ["\r\n", "\n"], ids=["CRLF", "LF"])
def test_every_preamble_and_header_is_read(preamble, header, end):
    """Whatever stands before the header, with or without addresses of profiles, all connections are found."""
    some = list(people(20))
    rows = read(connections(some, header=header, preamble=preamble, end=end))
    assert [row.who.name for row in found(rows)] == [each.name for each in some]
    assert [bool(row.who.id) for row in found(rows)] == [header is HEADER] * len(some)


def test_remarks_below_the_header_are_no_people():
    """Where the remark follows the header, it is read over."""
    text = connections([JANE], preamble="none").decode()
    first, rest = text.split("\r\n", 1)
    data = f'{first}\r\nNotes:,,,,,,\r\n"When exporting your connection data, x",,,,,,\r\n\r\n{rest}'.encode()
    assert [row.who.name for row in read(data)] == ["Jane Roe"]


def test_a_byte_order_mark_and_other_cases_of_the_columns_do_not_matter():
    """Columns are known by name, wherever they stand and however they are written."""
    order = ("Connected On", "company", "LAST NAME", "First  Name", "URL", "Position", "Email Address")
    data = b"\xef\xbb\xbf" + table(order, [["1 Jan 2024", "Acme", "Roe", "Jane", JANE.url, "VP", ""]])
    (row,) = read(data)
    assert (row.who.name, row.jobs[0].organization, row.added_on) == ("Jane Roe", "Acme", date(2024, 1, 1))
    assert row.who.id == "linkedin:jane-roe"


def test_what_says_nothing_of_anybody_is_skipped_with_its_line():
    """Blank rows, closed accounts, hidden members and shifted rows are told with reason and line."""
    data = (
        f"{','.join(HEADER)}\n,,,,,,\n,,,,,,30 Apr 2026\nRestricted,Member,,,,,02 Feb 2022\n"
        "Jane,Roe,,,Acme, Inc.,VP,1 Jan 2024\n"
    ).encode()
    rows = read(data)
    assert [(row.source.line, type(row)) for row in rows] == [(line, SkippedRow) for line in (2, 3, 4, 5)]
    assert [row.reason.split()[0] for row in rows] == ["the", "LinkedIn", "LinkedIn", "it"]


@pytest.mark.parametrize(
    ("cell", "odd"),
    [("JosÃ© MÃ¼ller", True), ("JosÃ©", True), ("José Müller", False), ("SÃO PAULO", False), ("山田", False)],
)
def test_garbled_letters_are_kept_and_told(cell, odd):
    """Letters that went through another encoding stay exactly as they are; their row is named, no other."""
    rows = read(connections([Someone(cell, "", "jose"), JANE]))
    assert [row.who.name for row in found(rows)] == [cell, "Jane Roe"]
    assert [row.subject for row in found(rows, NoticeRow)] == [cell] * odd


def test_an_address_that_is_no_profile_stays_text():
    """A script for an address is neither a profile nor a link; it is kept as text and told."""
    data = table(HEADER, [["Jane", "Roe", "javascript:alert(1)", "", "=cmd|' /C calc'!A0", "<b>VP</b>", "1 Jan 2024"]])
    person, notice = read(data)
    assert [(each.kind, each.value) for each in person.methods] == [("other", "javascript:alert(1)")]
    assert (person.jobs[0].organization, person.jobs[0].title) == ("=cmd|' /C calc'!A0", "<b>VP</b>")
    assert person.who.id is None
    assert notice.subject == "Jane Roe"


@given(st.dates(min_value=date(2003, 5, 5), max_value=date(2099, 12, 31)), st.booleans())
def test_days_are_read_as_linkedin_writes_them(day, padded):
    """`12 Mar 2025` and `1 Jan 2024` are days, with or without a leading zero."""
    text = day.strftime("%d %b %Y")
    assert parse_day(text if padded else text.removeprefix("0")) == day


@pytest.mark.parametrize(
    "text", ["", "12 Mar 25", "31 Feb 2024", "Mar 12 2025", "12/03/2025", "² Mar 2025", "1 Jan 20 24"]
)
def test_what_is_no_day_is_none(text):
    """Nothing else is taken for a day."""
    assert parse_day(text) is None


@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        ("07/22/2026 04:02", "2026-07-22T04:02:00+00:00"),
        ("7/22/26, 4:02 PM", "2026-07-22T16:02:00+00:00"),
        ("12/31/25, 12:00 AM", "2025-12-31T00:00:00+00:00"),
        ("1/2/25, 12:30\u202fPM", "2025-01-02T12:30:00+00:00"),
        ("22/07/2026 04:02", None),
        ("07/22/2026 25:02", None),
        ("7/22/26, 14:02 PM", None),
        ("yesterday", None),
    ],
)
def test_invitations_have_the_month_first_and_utc(text, read_as):
    """Sent At is in the order of the United States, with 12 or 24 hours."""
    at = parse_sent_at(text)
    assert (at and at.isoformat()) == read_as


@pytest.mark.parametrize(
    ("address", "slug"),
    [
        ("https://www.linkedin.com/in/Jane-Roe/", "jane-roe"),
        ("http://de.linkedin.com/in/jane-roe?trk=x", "jane-roe"),
        ("linkedin.com/in/jos%C3%A9", "josé"),
        ("jane-roe", "jane-roe"),
        ("https://www.linkedin.com/company/acme", None),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
def test_one_profile_has_one_slug(address, slug):
    """However its address is written, a profile is the same one."""
    assert profile_slug(address) == slug


def test_two_hundred_connections_come_in_as_they_stand(crm, take):
    """Names, employers, titles, addresses and lines of 240 connections arrive exactly, each at tier none."""
    some = list(people(240))
    told = take(connections(some)).json
    assert told["counts"] == {"person": {"new": 240}}
    stored = crm("export", "json").json["contacts"]
    assert len(stored) == 240
    for number, (each, contact) in enumerate(zip(some, stored, strict=True)):
        assert (contact["name"], contact["tier"], contact["stage"]) == (each.name, "none", "to-contact")
        assert (contact["organization"] or "", contact["title"] or "") == (each.company, each.title)
        ways = [(way["kind"], way["value"]) for way in contact["methods"]]
        assert ways == [("email", each.email)] * bool(each.email) + [("linkedin", each.url)]
        assert contact["external_ids"] == {"linkedin": each.slug}
        assert contact["source"] == {"file": "Connections.csv", "line": number + 5, "inferred": False}


def test_reading_it_again_changes_nothing(crm, take):
    """The same file again is the same throughout; nothing is written, not even to the history."""
    data = connections(people(230))
    take(data)
    before = crm("export", "json").json | {"exported_at": None}
    assert take(data).json["counts"] == {"person": {"same": 230}}
    assert crm("export", "json").json | {"exported_at": None} == before
    assert len(crm("history", "--json").json["items"]) == 1


def test_a_new_job_is_a_reason_to_write(crm, take, tmp_path):
    """The second file tells who moved, keeps the old position as a former one, and says why it matters."""
    take(connections([JANE, KIM]))
    moved = Someone("Jane", "Roe", "jane-roe", "jane@example.org", "NewCo", "CTO", "12 Mar 2025")
    told = take(connections([moved, KIM])).json
    (change,) = told["changes"]
    assert change["news"]
    assert change["details"] == ["Acme VP -> NewCo CTO (a reason to write)"]
    positions = crm("contact", "show", "Jane Roe", "--json").json["positions"]
    assert [(each["title"], each["current"]) for each in positions] == [("VP", False), ("CTO", True)]
    again = crm("import", str(tmp_path / "Connections.csv"))
    assert "Nothing had to be written" in again.out


def test_who_vanished_is_told_once_and_kept(crm, take):
    """Somebody who left the file stays a contact; it is said once, and not of files of another name."""
    take(connections([JANE, KIM]))
    told = take(connections([JANE])).json
    assert [(each["what"], each["name"]) for each in told["changes"]] == [("vanished", "Kim Lee")]
    assert take(connections([JANE])).json["changes"] == []
    assert len(crm("export", "json").json["contacts"]) == 2
    assert take(connections([JANE, KIM])).json["counts"] == {"person": {"same": 2}}


def test_a_profile_with_a_new_address_is_the_same_person(crm, take):
    """Name, employer and day of connection say that the address changed, not the person."""
    take(connections([JANE]))
    renamed = Someone("Jane", "Roe", "jane-roe-vp", "", "Acme", "VP", "12 Mar 2025")
    told = take(connections([renamed])).json
    assert told["counts"]["person"].get("new", 0) == 0
    (contact,) = crm("export", "json").json["contacts"]
    assert contact["external_ids"] == {"linkedin": "jane-roe-vp"}


def test_without_addresses_namesakes_are_told_apart_by_the_day(crm, take):
    """In an old export, a new connection of the same name and another day is another person."""
    old = Someone("Jane", "Roe", "", "", "Acme", "VP", "12 Mar 2015")
    new = Someone("Jane", "Roe", "", "", "Globex", "Clerk", "3 May 2025")
    take(connections([old], header=OLD_HEADER))
    told = take(connections([new, old], header=OLD_HEADER)).json
    assert told["counts"] == {"person": {"new": 1, "same": 1}}
    assert take(connections([old, new], header=OLD_HEADER)).json["counts"] == {"person": {"same": 2}}


def talks(crm):
    """Kind, direction, instant and participants of all interactions."""
    document = crm("export", "json").json
    names = {each["uid"]: each["name"] for each in document["contacts"]}
    return sorted(
        (each["starts_at"], each["direction"], each["kind"], *(names[uid] for uid in each["contacts"]))
        for each in document["interactions"]
    )


def conversations():
    """Two conversations and a group, newest first; drafts and a stranger among them."""
    sam = Someone("Sam", "Poe", "sam-poe")
    return [
        message("1", JANE, [ME_], "2026-01-03 12:00:00 UTC"),
        message("1", ME_, [JANE], "2026-01-02 09:30:00 UTC"),
        message("1", ME_, [JANE], "2026-01-02 09:00:00 UTC"),
        message("1", ME_, [JANE], "2026-01-04 09:00:00 UTC", **{"IS MESSAGE DRAFT": "Yes"}),
        message("2", ME_, [KIM, JANE], "2026-01-01 08:00:00 UTC"),
        message("3", sam, [ME_], "2025-12-01 08:00:00 UTC"),
    ]


@pytest.mark.parametrize(
    "header",
    [MESSAGES, MESSAGES[:10], MESSAGES[:9], (*MESSAGES, "IS CONVERSATION ARCHIVED")],
    ids=["now", "folder only", "no tail", "archived"],
)
def test_messages_give_direction_and_date_and_no_text(crm, take, header):
    """Who wrote, to whom and when is stored, once a day each way; the text is not; strangers are told, not added."""
    take(connections([JANE, KIM]))
    rows = [row for row in conversations() if "IS MESSAGE DRAFT" in header or row["IS MESSAGE DRAFT"] == "No"]
    told = take(messages(rows, header=header), "messages.csv").json
    assert told["counts"]["talk"] == {"new": 4, "skipped": 1}
    assert talks(crm) == [
        ("2026-01-01T08:00:00Z", "out", "linkedin", "Jane Roe"),
        ("2026-01-01T08:00:00Z", "out", "linkedin", "Kim Lee"),
        ("2026-01-02T09:00:00Z", "out", "linkedin", "Jane Roe"),
        ("2026-01-03T12:00:00Z", "in", "linkedin", "Jane Roe"),
    ]
    assert "never read" not in crm("export", "json", "--include-private").out
    jane = crm("contact", "show", "Jane Roe", "--json").json
    assert (jane["stage"], jane["last_contact_at"]) == ("replied", "2026-01-03T12:00:00Z")
    before = talks(crm)
    assert take(messages(rows, header=header), "messages.csv").json["counts"]["talk"] == {"same": 4, "skipped": 1}
    assert talks(crm) == before


def test_older_messages_without_addresses_are_known_by_name(crm, take):
    """Where there are no addresses, a name that one contact has is enough."""
    take(connections([JANE, KIM]))
    header = [name for name in MESSAGES if "URL" not in name]
    assert take(messages(conversations(), header=header), "messages.csv").json["counts"]["talk"]["new"] == 4


def test_imported_messages_never_move_anybody_backwards(crm, take):
    """Whoever one has met stays so, and their last contact stays the later one."""
    take(connections([JANE, KIM]))
    crm("log-contact", "Jane Roe", "--kind", "coffee", "--at", "2026-01-04 10:00")
    before = crm("contact", "show", "Jane Roe", "--json").json
    take(
        messages(
            conversations(),
        ),
        "messages.csv",
    )
    after = crm("contact", "show", "Jane Roe", "--json").json
    assert (after["stage"], after["last_contact_at"]) == (before["stage"], before["last_contact_at"])
    assert crm("export", "json").json["time_entries"] == []


def test_one_conversation_alone_does_not_say_who_is_who(take):
    """Of a single conversation nobody can tell the owner, so it is refused rather than guessed."""
    rows = [message("1", JANE, [ME_], "2026-01-03 12:00:00 UTC")]
    take(connections([JANE]))
    error = take(messages(rows), "messages.csv", code=1).error
    assert "line 2" in error["message"]


def test_invitations_give_direction_and_date(crm, take):
    """An invitation sent went out, a received one came in."""
    take(connections([JANE, KIM]))
    data = table(
        INVITATIONS,
        [
            ["Jane Roe", ME, "07/22/2025 04:02", "Hello!", "INCOMING", JANE.url, ME_.url],
            [ME, "Kim Lee", "7/23/25, 4:02 PM", "", "OUTGOING", ME_.url, KIM.url],
            [ME, "Kim Lee", "7/24/25, 4:02 PM", "", "SIDEWAYS", ME_.url, KIM.url],
        ],
    )
    told = take(data, "Invitations.csv").json
    assert told["counts"] == {"talk": {"new": 2}, "row": {"skipped": 1}}
    assert talks(crm) == [
        ("2025-07-22T04:02:00Z", "in", "linkedin", "Jane Roe"),
        ("2025-07-23T16:02:00Z", "out", "linkedin", "Kim Lee"),
    ]


@pytest.mark.parametrize("folder", ["", "Basic_LinkedInDataExport_07-22-2026/"])
def test_the_archive_is_read_as_it_came(crm, take, folder):
    """From the ZIP, connections come first then messages; other files are named as unread."""
    members = {
        "messages.csv": messages(conversations()),
        "Ad_Targeting.csv": b"Member Age,Company Names\r\n",
        "Connections.csv": connections([JANE, KIM]),
    }
    told = take(archive(members, folder=folder), "Basic_LinkedInDataExport.zip").json
    assert told["counts"] == {"person": {"new": 2}, "talk": {"new": 4, "skipped": 1}}
    assert told["ignored"] == ["Ad_Targeting.csv"]
    crm("undo")
    assert crm("export", "json").json["contacts"] == []


def test_another_file_of_linkedin_is_refused_with_the_way_out():
    """A file of the archive that holds nobody is no Connections.csv."""
    with pytest.raises(BadValueError, match=r"Connections\.csv"):
        read(b"Date,ShareLink\r\n2025-01-01,x\r\n")
