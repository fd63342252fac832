"""Monica's JSON export: people, talks, ties and tasks; what has no place is counted; damage is refused."""

import io
import json
from datetime import UTC, date, datetime
from pathlib import Path

import card_samples as samples
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.errors import BadValueError
from crm.importers import monica
from crm.person_rows import Job, PersonRow, SkippedRow, TalkRow, TieRow, TodoRow, Who
from crm.rows import Method, NoticeRow

SAMPLE = Path(__file__).resolve().parent.parent / "data" / "samples" / "monica.json"
TYPES = [
    {"uuid": "t-mail", "properties": {"name": "Email", "protocol": "mailto:", "type": "email"}},
    {"uuid": "t-tel", "properties": {"name": "Phone", "protocol": "tel:", "type": "phone"}},
    {"uuid": "t-in", "properties": {"name": "LinkedIn"}},
    {"uuid": "t-wa", "properties": {"name": "Whatsapp"}},
]


def read(data):
    """All rows of an export."""
    file = io.BytesIO(data if isinstance(data, bytes) else json.dumps(data).encode())
    file.name = "monica.json"
    return list(monica.rows(file))


def collections(**kinds):
    """Collections as Monica writes them."""
    return [{"count": len(values), "type": kind, "values": values} for kind, values in kinds.items()]


def someone(uuid="w", data=(), **properties):
    """A contact of Monica's."""
    return {"uuid": uuid, "properties": {"first_name": uuid.capitalize()} | properties, "data": list(data)}


def export(*people, kind="contact", properties=None, **kinds):
    """An export of these people."""
    account = {
        "uuid": "a",
        "data": collections(**{kind: list(people)}, **kinds),
        "properties": properties or {},
        "instance": {"contact_field_types": TYPES},
    }
    return {"version": "1.0-preview.1", "app_version": "4.1.2", "export_date": "x", "account": account}


def of(kind, rows):
    """The rows of one kind."""
    return [row for row in rows if isinstance(row, kind)]


def props(**values):
    """A record that has nothing but properties."""
    return {"created_at": "2024-01-01T00:00:00Z", "properties": values}


def test_hundreds_of_people_come_in():
    """Every name, job, tag, note, address and birthday of 220 people arrives to the letter."""
    people = samples.people()
    rows = read(samples.monica(people))
    found = of(PersonRow, rows)
    assert len(found) == len(people)
    for one, row in zip(people, found, strict=True):
        assert row.who == Who(one.name, f"monica:{one.uid}")
        assert row.jobs == ((Job(one.company, one.title),) if one.company else ())
        assert (row.tags, row.notes or "", row.birthday) == (one.tags, (one.notes or "").strip(), one.birthday)
        assert {(way.kind, way.value) for way in row.methods} == {way[:2] for way in one.methods}
        assert row.aliases == ((one.alias,) if one.alias else ())
        assert (row.cadence_days, row.added_on) == (30, date(2024, 1, 2))
    assert len(of(TalkRow, rows)) == 74
    assert [row.reason for row in of(SkippedRow, rows)] == ["5 gifts: no place for them here"]


@pytest.mark.parametrize("kind", ["contact", "contacts"])
def test_types_are_read_in_the_singular_and_the_plural(kind):
    """Monica writes `contact`; other programs write `contacts`."""
    plural = "s" if kind == "contacts" else ""
    data = collections(
        **{
            f"call{plural}": [props(called_at="2025-03-04")],
            "addresses" if plural else "address": [props(street="1 Bay Rd", city="Lisbon")],
            "activities" if plural else "activity": ["act"],
        }
    )
    activity = {"uuid": "act", "properties": {"summary": "Walk", "happened_at": "2025-03-05"}}
    activities = {"activities" if plural else "activity": [activity]}
    rows = read(export(someone(data=data), kind=kind, **activities))
    assert of(PersonRow, rows)[0].place == "1 Bay Rd, Lisbon"
    assert [(row.kind, row.note) for row in of(TalkRow, rows)] == [("call", None), ("other", "Walk")]


def test_a_person_arrives_with_all_that_monica_keeps():
    """Names, ways, places, dates; what has no field of its own stands below the notes."""
    data = collections(
        contact_field=[
            props(data="w@example.org", type="t-mail"),
            props(data="+1 555 0100", type="t-tel"),
            props(data="https://www.linkedin.com/in/wilma", type="t-in"),
            props(data="+1 555 0101", type="t-wa"),
            props(data="https://example.org", type="gone"),
        ],
        note=[props(body="Likes tea."), props(body="Two\nlines")],
        address=[props(name="Home", street="1 Bay Rd", city="Lisbon", postal_code="1100", country="PT")],
    )
    one = someone(
        first_name="Wilma",
        middle_name="A.",
        last_name="Stern",
        nickname="Willa",
        description="Met on a boat",
        job="CTO",
        company="Acme",
        tags=["climbing"],
        last_talked_to="2025-06-01",
        stay_in_touch_frequency=90,
        birthdate={"is_age_based": False, "is_year_unknown": True, "date": "2024-05-09T00:00:00Z"},
        first_met_date={"is_age_based": False, "is_year_unknown": False, "date": "2015-03-01T00:00:00Z"},
        food_preferences="no nuts",
        is_dead=False,
        data=data,
    )
    (row,) = read(export(one))
    assert row.who.name == "Wilma A. Stern"
    assert row.methods == (
        Method("email", "w@example.org"),
        Method("phone", "+1 555 0100"),
        Method("linkedin", "https://www.linkedin.com/in/wilma"),
        Method("other", "+1 555 0101", "whatsapp"),
        Method("url", "https://example.org"),
    )
    notes = "Met on a boat\n\n2024-01-01: Likes tea.\n\n2024-01-01: Two\nlines"
    assert row.notes == f"{notes}\nFirst met: 2015-03-01\nFood preferences: no nuts"
    assert (row.place, row.birthday, row.cadence_days) == ("1 Bay Rd, Lisbon, 1100, PT", "--05-09", 90)
    assert row.last_contact_at == datetime(2025, 6, 1, 12, tzinfo=UTC)


def test_a_birthday_reckoned_from_an_age_is_none():
    """Monica fills such days with 1 January."""
    (row,) = read(export(someone(birthdate={"is_age_based": True, "date": "1980-01-01T00:00:00Z"})))
    assert row.birthday is None


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("boss", ("b", "manages", "a")),
        ("subordinate", ("a", "manages", "b")),
        ("mentor", ("b", "mentors", "a")),
        ("protege", ("a", "mentors", "b")),
        ("friend", ("a", "friend-of", "b")),
        ("colleague", ("a", "works-with", "b")),
        ("cousin", ("a", "knows", "b")),
    ],
)
def test_a_relationship_comes_once_and_the_right_way_round(kind, expected):
    """On the page of `contact_is`, Monica lists `of_contact` as the boss; it keeps each one from both sides."""
    reverse = {"boss": "subordinate", "subordinate": "boss", "mentor": "protege", "protege": "mentor"}.get(kind, kind)
    told = [
        props(type=kind, contact_is="a", of_contact="b"),
        props(type=reverse, contact_is="b", of_contact="a"),
    ]
    (row,) = of(TieRow, read(export(someone("a"), someone("b"), relationship=told)))
    one, verb, other = expected
    assert (row.one.id, row.type, row.other.id) == (f"monica:{one}", verb, f"monica:{other}")


def test_a_relationship_with_nobody_is_skipped_and_who_introduced_whom_is_kept():
    """`first_met_through` is a uuid."""
    rows = read(
        export(
            someone("a", first_met_through="b"),
            someone("b", first_met_through="gone"),
            relationship=[props(type="friend", contact_is="a", of_contact="gone")],
        )
    )
    assert [(row.one.name, row.type, row.other.name) for row in of(TieRow, rows)] == [("B", "introduced", "A")]
    assert [row.name for row in of(SkippedRow, rows)] == ["A"]


def test_talks_keep_their_day_and_direction_and_no_text_of_messages():
    """A day alone is noon UTC, the same day everywhere; who wrote the first message reached out."""
    data = collections(
        call=[props(called_at="2025-03-04T00:00:00Z", content="The plan", contact_called=True)],
        conversation=[
            props(
                happened_at="2025-03-05", contact_field_type="t-mail", messages=[props(content="x", written_by_me=True)]
            ),
            props(happened_at="2025-03-06T08:30:00Z", messages=[props(content="y", written_by_me=False)]),
            props(happened_at="soon"),
        ],
    )
    rows = read(export(someone(data=data)))
    assert [(row.kind, row.direction, row.starts_at.isoformat(), row.note) for row in of(TalkRow, rows)] == [
        ("call", "in", "2025-03-04T12:00:00+00:00", "The plan"),
        ("email", "out", "2025-03-05T12:00:00+00:00", None),
        ("message", "in", "2025-03-06T08:30:00+00:00", None),
    ]
    assert [row.minutes for row in of(TalkRow, rows)] == [None] * 3
    assert "soon" in of(SkippedRow, rows)[0].reason


def test_tasks_and_reminders_are_things_to_do():
    """A repeating reminder has no day of its own; Monica's own birthday reminders follow from the birthday."""
    data = collections(
        task=[props(title="Send the book", completed=True), props(title="", description="Ask for a talk")],
        reminder=[
            props(title="Write", initial_date="2026-02-03T00:00:00Z", frequency_type="one_time", delible=True),
            props(title="Call", initial_date="2020-02-03", frequency_type="week", frequency_number=2, delible=True),
            props(title="Wish happy birthday", initial_date="2020-05-09", frequency_type="year", delible=False),
            props(title="Old", initial_date="2020-05-09", frequency_type="one_time", inactive=True),
        ],
    )
    rows = read(export(someone(data=data)))
    assert [(row.title, row.due_on, row.done) for row in of(TodoRow, rows)] == [
        ("Send the book", None, True),
        ("Ask for a talk", None, False),
        ("Write", date(2026, 2, 3), False),
        ("Call (every 2 weeks)", None, False),
    ]
    assert "Call" in of(NoticeRow, rows)[0].text
    assert "switched off" in of(SkippedRow, rows)[0].reason


def test_what_is_done_keeps_its_day_and_its_words(crm, tmp_path):
    """A completed task comes in as done on its own day, with its description; one done in days to come is done now."""
    done = {"completed": True, "description": "the blue one"}
    tasks = [
        props(title="Send the book", completed_at="2025-11-03T09:30:00Z", **done),
        props(title="Ask", completed_at="2031-01-01T00:00:00Z", **done),
        props(title="Later", completed_at="2025-11-03T09:30:00Z", completed=False),
    ]
    path = tmp_path / "monica.json"
    path.write_text(json.dumps(export(someone(data=collections(task=tasks)))))
    crm("import", str(path))
    found = {each["title"]: each for each in crm("export", "json").json["tasks"]}
    assert [(each["done_at"], each["note"]) for each in found.values()] == [
        ("2025-11-03T09:30:00Z", "the blue one"),
        ("2026-01-05T17:00:00Z", "the blue one"),
        (None, None),
    ]


def test_what_has_no_place_is_counted_by_kind():
    """One line a kind, whoever it belongs to; users and address books are nobody's loss."""
    data = collections(gift=[props(), props()], debt=[props()], life_event=[props()], photo=["p"])
    rows = read(
        export(
            someone("a", data=data),
            someone("b", data=collections(gift=[props()])),
            photo=[{"uuid": "p"}],
            user=[{"uuid": "u"}],
            properties={"journal_entries": [props(), props()]},
        )
    )
    assert [row.reason.partition(":")[0] for row in of(SkippedRow, rows)] == [
        *("1 debt", "3 gifts", "2 journal entries", "1 life event", "1 photo"),
    ]


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        (someone(first_name=""), "no name"),
        ({"properties": {"first_name": "Ada"}}, "no uuid"),
        (someone(description="half \ud83d"), "half a character"),
        (someone(first_name="a\0b"), "a NUL"),
    ],
)
def test_a_person_who_cannot_be_taken_is_skipped_with_the_reason(person, reason):
    """And the next one comes in."""
    skipped, row = read(export(person, someone("b")))
    assert isinstance(skipped, SkippedRow)
    assert reason in skipped.reason
    assert row.who.name == "B"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (json.dumps(export(someone())).encode()[:-20], "cut off in line 1"),
        (b'{"version": "1.0-preview.1",\n "account": nothing}', "no JSON in line 2"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"account": {"uuid": ' + b"9" * 10_000 + b"}}", "cannot be read"),
        ('{"account": {"uuid": "ü"}}'.encode("latin-1"), "line 1 is not UTF-8"),
        (b"[]", "no export of Monica"),
        (b'{"account": []}', "no export of Monica"),
        (b"", "cut off"),
        (b"\0" * 100, "no JSON"),
    ],
)
def test_a_damaged_file_is_refused(data, message):
    """Cut off, no JSON, too deep, another encoding: one clear error."""
    with pytest.raises(BadValueError, match=message):
        read(data)


def test_a_file_too_large_is_refused(monkeypatch):
    """Before it is taken apart."""
    monkeypatch.setattr(monica, "MAX_BYTES", 1000)
    with pytest.raises(BadValueError, match="larger than 1,000 bytes"):
        read(b'{"account": {}}' + b" " * 1000)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["w", "contact", "2025-03-04"]),
    lambda some: (
        st.lists(some, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["uuid", "properties", "data", "type", "values", "first_name", "tags", "birthdate", "date"]
            ),
            some,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(JSON, JSON, JSON)
def test_any_json_in_any_place_gives_rows_or_one_clear_error(person, field, account):
    """Wrong types anywhere make no traceback."""
    odd = export(
        someone(data=collections(contact_field=[field], call=[field], task=[field], reminder=[field], address=[field])),
        person,
        relationship=[field],
        activity=[person],
    )
    assert of(PersonRow, read(odd))
    try:
        read(odd | {"account": account})
    except BadValueError as error:
        message = error.message
    else:
        message = "Monica"
    assert "Monica" in message


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf", b"\n "])
def test_an_export_is_recognised_by_its_head(start):
    """By its version and account; our own document and other JSON are not Monica's."""
    assert monica.sniff(start + samples.monica(samples.people(3))[:65_536])
    assert not monica.sniff(b'{"format": "networking-crm", "version": 1, "exported_at": "x"}')
    assert not monica.sniff(b'{"version": "1.0-preview.1"}')
    assert not monica.sniff(b"[]")


def test_the_sample_comes_in_whole(crm):
    """People, ties, talks and tasks; a second time changes nothing."""
    first = crm("import", str(SAMPLE), "--json").json
    assert first["format"] == "monica"
    assert first["counts"]["person"] == {"new": 10}
    assert first["counts"]["talk"]["new"] >= 5
    assert first["counts"]["todo"]["new"] >= 3
    assert first["counts"]["tie"]["new"] >= 4
    again = crm("import", str(SAMPLE), "--json").json["counts"]
    assert all("new" not in told and "changed" not in told for told in again.values())
    shown = crm("contact", "show", "Wilma Stern", "--json").json
    assert shown["birthday"] == "--05-09"
    assert shown["stage"] == "met"


def test_a_damaged_file_writes_nothing(crm, tmp_path):
    """Exit 2, and nobody has come in."""
    (tmp_path / "bad.json").write_bytes(samples.monica(samples.people(50))[:-500])
    assert "cut off" in crm("import", str(tmp_path / "bad.json"), "--format", "monica", code=2).err
    assert crm("contact", "list", "--json").json["items"] == []
