"""`crm calendar`: the files it writes, what it says of them, and how it fails."""

from datetime import UTC, date, datetime, timedelta

import pytest
from database_support import engine_of
from icalendar import Calendar

from crm import models as m
from crm.store import contacts, interactions, records
from crm.store.engine import writing

NOW = datetime(2026, 1, 5, 17, 0, tzinfo=UTC)
NAMES = ["all", "chats", "commitments", "follow-ups", "hours", "reviews", "tasks"]
FILES = [f"{name}.ics" for name in NAMES]


@pytest.fixture
def fill(home):
    """Add a chat with somebody, a promise and a review."""

    def run(name="Jane Roe", due_on=date(2026, 1, 19), review="Week 2"):
        engine = engine_of(home)
        with writing(engine, now=NOW, name="test") as session:
            jane = contacts.add_contact(session, name)
            interactions.add(session, [jane], kind="coffee", state="planned", starts_at=NOW + timedelta(days=2))
            records.add(session, m.Task(title="send the repo", kind="promise", due_on=date(2026, 1, 9)))
            records.add(session, m.Review(name=review, due_on=due_on))

    return run


def test_export_writes_into_the_data_folder(crm, home, fill):
    """Each calendar is a file there, with its number of entries; the second time nothing changes."""
    fill()
    first = crm("calendar", "export")
    assert sorted(each.name for each in (home / "calendars").iterdir()) == FILES
    assert len(Calendar.from_ical((home / "calendars" / "all.ics").read_bytes()).events) == 3
    assert first.err == ""
    assert "written" in first.out
    assert (home / "calendars" / "all.ics").as_uri() in first.out
    second = crm("calendar", "export").out
    assert "written" not in second
    assert second.count("unchanged") == len(FILES)


def test_export_to_a_folder(crm, home, fill, tmp_path, monkeypatch):
    """A folder can be named, also by a path from here; it is made, and its address is whole."""
    fill()
    monkeypatch.chdir(tmp_path)
    out = crm("calendar", "export", "my files").out
    assert sorted(each.name for each in (tmp_path / "my files").iterdir()) == FILES
    assert (tmp_path / "my files" / "all.ics").as_uri() in out
    assert "run this command again" in out
    assert not (home / "calendars").exists()


def test_export_as_json(crm, home, fill):
    """A script gets each file with its path, whether it changed, its entries and problems."""
    fill()
    crm("calendar", "export")
    fill(review="Month 1")
    items = crm("calendar", "export", "--json").json["items"]
    assert [each["path"] for each in items] == [str(home / "calendars" / name) for name in FILES]
    assert items[0] == {
        "name": "all",
        "title": "Networking",
        "path": str(home / "calendars" / "all.ics"),
        "changed": True,
        "entries": 6,
        "problems": [],
    }


def test_empty_calendars_say_what_fills_them(crm, home):
    """With nothing to tell the files are valid, and the command for each is named."""
    out = crm("calendar", "export").out
    for name in FILES:
        assert Calendar.from_ical((home / "calendars" / name).read_bytes()).events == []
    for remedy in ("crm plan start DATE", "crm schedule Jane fri 14:30", "crm log-contact"):
        assert remedy in out


def test_an_entry_that_is_left_out_is_a_warning(crm, fill):
    """It is told once, on standard error, though it would stand in two calendars; the exit code stays 0."""
    fill(due_on=date.max)
    done = crm("calendar", "export", "--json")
    assert done.err.count("warning:") == 1
    assert "Week 2 review" in done.err
    assert [len(each["problems"]) for each in done.json["items"]] == [1, 0, 0, 0, 0, 1, 0]


def test_many_warnings_are_counted(crm, fill):
    """Five are told and the rest counted."""
    for number in range(8):
        fill(due_on=date.max, review=f"R{number}")
    err = crm("calendar", "export").err
    assert len(err.splitlines()) == 6
    assert "and 3 more" in err


def test_a_folder_that_cannot_be_written(crm, fill, tmp_path):
    """One line names it and the way out; nothing is written and the file in the way is untouched."""
    fill()
    (tmp_path / "mine").write_text("mine")
    done = crm("calendar", "export", str(tmp_path / "mine"), code=1)
    assert done.out == ""
    assert len(done.err.splitlines()) == 1
    assert str(tmp_path / "mine") in done.err
    assert "choose another" in done.err
    assert (tmp_path / "mine").read_text() == "mine"


def test_a_file_that_cannot_be_written(crm, fill, tmp_path):
    """The others are written and listed; the exit code and the error tell of the one that is not."""
    fill()
    (tmp_path / "files" / "chats.ics").mkdir(parents=True)
    done = crm("calendar", "export", str(tmp_path / "files"), "--json", code=1)
    assert [each["name"] for each in done.json["items"]] == [name for name in NAMES if name != "chats"]
    assert "chats.ics" in done.error["message"]
    assert "The other 6 were written" in done.error["message"]


def test_alarms_can_be_switched_off(crm, home, fill):
    """`calendar.alarms = false` in config.toml leaves them out of every file."""
    fill()
    crm("calendar", "export")
    assert b"BEGIN:VALARM" in (home / "calendars" / "all.ics").read_bytes()
    (home / "config.toml").write_text("[calendar]\nalarms = false\n")
    crm("calendar", "export")
    assert all(b"BEGIN:VALARM" not in (home / "calendars" / name).read_bytes() for name in FILES)


def test_the_list_shows_what_comes_next(crm, home, fill):
    """Each calendar with its next entry said with its weekday; and how to get the files."""
    fill()
    done = crm("calendar", "list")
    assert "Wed 7 Jan 2026 09:00  Coffee with Jane Roe" in done.out
    assert "Mon 19 Jan 2026  Week 2 review" in done.out
    assert "crm calendar export" in done.out
    crm("calendar", "export")
    assert "crm calendar export" not in crm("calendar", "list").out


def test_the_list_as_json(crm, home, fill):
    """Days and instants have keys of their own; a calendar with nothing to come has no next."""
    assert [each["next"] for each in crm("calendar", "list", "--json").json["items"]] == [None] * len(NAMES)
    fill()
    items = {each["name"]: each for each in crm("calendar", "list", "--json").json["items"]}
    assert items["chats"] == {
        "name": "chats",
        "title": "Chats",
        "path": str(home / "calendars" / "chats.ics"),
        "written": False,
        "entries": 1,
        "next": {"summary": "Coffee with Jane Roe", "starts_on": None, "starts_at": "2026-01-07T17:00:00Z"},
    }
    assert items["reviews"]["next"]["starts_on"] == "2026-01-19"


def test_the_list_when_all_is_past(crm, fill):
    """What has been is not what fills a calendar; an empty one names the command that does."""
    assert "nothing yet: crm plan start DATE" in crm("calendar", "list").out
    fill()
    out = crm("calendar", "list", now="2026-02-01T17:00:00Z").out
    assert out.count("nothing to come") == 5


@pytest.mark.parametrize("columns", ["80", "120"])
@pytest.mark.parametrize("name", ["Jane Roe", "\x1b]0;owned\x07[bold]x\u202e\r\n" * 9, "Anna " * 2000])
def test_the_screens_fit(crm, fill, monkeypatch, name, columns):
    """Whatever the names, no line is wider than the terminal and nothing in it moves the cursor."""
    monkeypatch.setenv("COLUMNS", columns)
    fill(name=name, review=name)
    for words in (["list"], ["export"]):
        out = crm("calendar", *words).out
        assert all(line.isprintable() for line in out.split("\n"))
        table = [line for line in out.splitlines() if "file:" not in line and "/" not in line]
        assert max(map(len, table)) <= int(columns)
        assert len(table) < 40


def test_without_a_database(bare_crm, bare_home):
    """The way to one is named, and no file is made."""
    assert "crm init" in bare_crm("calendar", "export", code=78).err
    assert not bare_home.exists()
