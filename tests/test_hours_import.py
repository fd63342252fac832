"""Time that Toggl or Watson tracked comes in once, under the activities that are meant, and nothing is lost unsaid."""

import io
import json
from contextlib import suppress
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_support import Typed, document, undone

from crm import importers
from crm.errors import BadValueError
from crm.person_rows import SkippedRow
from crm.time_rows import TimeRow

SAMPLES = Path(__file__).resolve().parent.parent / "data" / "samples" / "hours"
FILES = sorted(SAMPLES.iterdir())
LOS_ANGELES = ZoneInfo("America/Los_Angeles")
SET_UP = ("hours add 'Building projects' --role projects", "hours add 'Reading/research' --role reading")
CHESS = ("--map", "chess engine=projects")
TOGGL = "User,Email,Client,Project,Task,Description,Billable,Start date,Start time,End date,End time,Duration,Tags\n"
BEGUN = {"id": 7, "start": "2026-01-02T09:00:00-08:00"}


@pytest.fixture
def planned(prepared):
    """Two activities."""
    return prepared(*SET_UP)


def rows(data, form, tz=LOS_ANGELES):
    """What an importer makes of some bytes."""
    return list(importers.time_log(form).rows(io.BytesIO(data), tz=tz))


def entries(crm):
    """When each entry began, and for how long."""
    return [(each["started_at"], each["minutes"]) for each in crm("hours", "entries", "--json").json["items"]]


def written(folder, text, name="log.csv"):
    """A file with that text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def toggl(*lines):
    """A detailed report: project, date, time, duration, and what was done."""
    return TOGGL + "".join(
        f"Jane Roe,jane@example.org,,{project},,{what},No,{day},{at},{day},{at},{duration},\n"
        for project, day, at, duration, what in lines
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_sample_comes_in_once(planned, path):
    """Each format is recognised, brings the same two entries, and brings nothing when it is read again."""
    first = planned("hours", "import", str(path), *CHESS, "--json").json
    assert (first["new"], first["minutes"], first["skipped"]) == (2, 210, [])
    assert entries(planned) == [("2026-01-02T17:00:00Z", 90), ("2026-01-03T22:00:10Z", 120)]
    before = document(planned)
    again = planned("hours", "import", str(path), *CHESS, "--json").json
    assert (again["new"], again["same"]) == (0, 2)
    assert document(planned) == before


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_sample_is_recognised_by_one_format_only(path):
    """No two programs claim the same file, and no address book claims either."""
    head = path.read_bytes()[: importers.HEAD_BYTES]
    found = [form for form in importers.TIME_LOGS if importers.time_log(form).sniff(head)]
    assert found == [path.name.partition("-")[0]]
    assert not [form for form in importers.address_books() if importers.load(form).sniff(head)]


def test_the_same_time_in_another_format_is_not_doubled(planned):
    """The log as JSON and as CSV hold the same entries, though the CSV cuts their ids short."""
    for path in sorted(SAMPLES.glob("watson*")):
        planned("hours", "import", str(path), *CHESS)
    assert len(entries(planned)) == 2


def test_what_the_person_changed_stays(planned):
    """An entry that was mended here is not set back, and one that was removed does not come back."""
    planned("hours", "import", str(SAMPLES / "watson-log.json"), *CHESS)
    planned("hours", "edit", "e1", "--duration", "1h", "--note", "one paper")
    planned("hours", "remove", "e2")
    before = document(planned)
    told = planned("hours", "import", str(SAMPLES / "watson-log.json"), *CHESS, "--json").json
    assert (told["new"], told["same"], told["removed"]) == (0, 1, 1)
    assert document(planned) == before


def test_undo_takes_an_import_back_whole(planned):
    """Undo removes what came, and the file may then be read again."""
    path = str(SAMPLES / "toggl-entries.json")
    undone(planned, "hours", "import", path, "--add-activities")
    assert planned("hours", "import", path, *CHESS, "--json").json["new"] == 2


def test_a_dry_run_writes_nothing(planned):
    """It tells what would become of each project, also of one that no activity is called like."""
    before = document(planned)
    told = planned("hours", "import", str(SAMPLES / "watson-log.csv"), "--dry-run", "--json").json
    assert [(each["name"], each["activity"], each["new"], each["left_out"]) for each in told["projects"]] == [
        ("reading", "Reading/research", 1, 0),
        ("chess engine", None, 0, 1),
    ]
    printed = planned("hours", "import", str(SAMPLES / "watson-log.csv"), "--dry-run").out
    assert "Nothing was written" in printed
    assert '--map "chess engine=ACTIVITY"' in printed
    assert document(planned) == before


def test_a_project_without_an_activity_is_left_out_and_named(planned):
    """Nobody to ask: the rest comes in, and the way to take it is named; nothing at all is exit 1."""
    printed = planned("hours", "import", str(SAMPLES / "watson-log.json")).out
    assert "1 left out" in printed
    assert '--map "chess engine=ACTIVITY"' in printed
    assert len(entries(planned)) == 1


def test_an_import_never_succeeds_with_nothing(crm, tmp_path):
    """No activity fits, no entry stands in the file, or the file is empty: exit 1, and what to do."""
    assert "--add-activities" in crm("hours", "import", str(SAMPLES / "watson-log.json"), code=1).err
    crm("hours", "import", written(tmp_path, "id,start,stop,project,tags\n"), code=1)
    crm("hours", "import", written(tmp_path, "[]"), "--format", "watson", code=1)
    crm("hours", "import", written(tmp_path, " \n"), code=1)
    short = written(tmp_path, toggl(("Essay", "2026-01-02", "9:00:00", "00:00:10", "")))
    assert "half a minute" in crm("hours", "import", short, "--add-activities", code=1).err
    assert entries(crm) == []


def test_activities_are_added_on_request(crm):
    """Each project without an activity becomes one; they are there for the next file."""
    crm("hours", "import", str(SAMPLES / "toggl-detailed.csv"), "--add-activities")
    assert [each["name"] for each in crm("hours", "list", "--json").json["items"]] == ["Reading", "Chess engine"]
    assert len(entries(crm)) == 2


def test_a_person_is_asked_what_a_project_is(planned, monkeypatch):
    """On a terminal each project nobody knows is asked about: an activity, a new one, or none."""
    monkeypatch.setattr("sys.stdin", Typed("cooking\nprojects\n"))
    asked = planned("hours", "import", str(SAMPLES / "toggl-detailed.csv")).err
    assert "Which activity is Chess engine (1 entry, 2 h)?" in asked
    assert "there is no activity" in asked
    assert planned("hours", "entries", "projects", "--json").json["minutes"] == 120


@pytest.mark.parametrize(("typed", "count"), [("+\n", 2), ("\n", 1)])
def test_an_answer_may_add_or_leave_out(planned, monkeypatch, typed, count):
    """`+` adds the project as an activity, Enter leaves it out."""
    monkeypatch.setattr("sys.stdin", Typed(typed))
    planned("hours", "import", str(SAMPLES / "toggl-detailed.csv"))
    assert len(entries(planned)) == count


def test_a_project_is_mapped_whatever_its_name(planned, tmp_path):
    """Case aside, with equals signs in it, or with no name at all."""
    path = written(
        tmp_path,
        toggl(
            ("a=b", "2026-01-02", "9:00", "1:00:00", ""),
            ("", "2026-01-02", "11:00", "0:30:00", ""),
            ("THESIS", "2026-01-02", "1:30 PM", "0:15:00", ""),
        ),
    )
    maps = ("--map", "a=b=reading", "--map", "=projects", "--map", "thesis=reading", "--map", "gone=reading")
    done = planned("hours", "import", path, *maps, "--json")
    assert done.json["new"] == 3
    assert 'no project "gone"' in done.err
    assert entries(planned)[-1] == ("2026-01-02T21:30:00Z", 15)


@pytest.mark.parametrize(("mapping", "code"), [("chess engine", 2), ("chess engine=", 2), ("chess engine=cooking", 3)])
def test_a_mapping_to_nothing_is_refused(planned, mapping, code):
    """A mapping needs a project, an equals sign, and an activity that is there."""
    planned("hours", "import", str(SAMPLES / "watson-log.json"), "--map", mapping, code=code)
    assert entries(planned) == []


def test_a_name_that_could_be_an_id_is_none(planned, tmp_path):
    """A project called `h1` or `1` is not taken for the activity of that id."""
    path = written(
        tmp_path, toggl(("h1", "2026-01-02", "9:00", "1:00:00", ""), ("1", "2026-01-02", "9:30", "1:00:00", ""))
    )
    planned("hours", "import", path, code=1)


def test_time_over_time_is_told_and_kept(planned):
    """What lies over an entry of the same activity from elsewhere comes in, and is named with the way to drop one."""
    planned("log-hours", "2h", "reading", "--at", "2026-01-02 10:00")
    planned("log-hours", "2h", "projects", "--at", "2026-01-02 10:00")
    done = planned("hours", "import", str(SAMPLES / "watson-log.json"), *CHESS)
    assert "1 h 30 min of Reading/research from Fri 2 Jan 2026 09:00, over e1" in done.out
    assert "crm hours remove" in done.out
    assert len(entries(planned)) == 4


def test_bad_entries_are_skipped_with_their_line(planned, tmp_path):
    """The future, no duration, more than a day, or no date: each is named with its line, and the rest comes in."""
    path = written(
        tmp_path,
        toggl(
            ("Reading", "2026-01-02", "9:00", "1:00:00", "good"),
            ("Reading", "2026-02-02", "9:00", "1:00:00", "to come"),
            ("Reading", "2026-01-02", "9:00", "30:00:00", "too long"),
            ("Reading", "2/1/2026", "9:00", "1:00:00", "which day"),
            ("Reading", "2026-01-02", "9:00", "an hour", "how long"),
        ),
    )
    skipped = planned("hours", "import", path, "--json").json["skipped"]
    assert [each["name"] for each in skipped] == ["line 3", "line 4", "line 5", "line 6"]
    assert len(entries(planned)) == 1


def test_it_is_said_which_zone_was_meant(planned):
    """A table has no zone, so the person's is taken, and said; instants need none."""
    said = "its times were taken as those of America/Los_Angeles"
    assert said in planned("hours", "import", str(SAMPLES / "watson-log.csv"), *CHESS, "--dry-run").out
    assert said not in planned("hours", "import", str(SAMPLES / "watson-log.json"), *CHESS, "--dry-run").out


def test_hostile_names_stay_harmless(planned, tmp_path, monkeypatch):
    """Control characters, markup and endless names of projects reach neither screen nor message, nor the question."""
    name = "\x1b[31m[red]\u202e" + "long " * 50
    path = written(tmp_path, toggl((name, "2026-01-02", "9:00", "1:00:00", "")))
    dry = planned("hours", "import", path, "--dry-run")
    refused = planned("hours", "import", path, code=1)
    monkeypatch.setattr("sys.stdin", Typed("reading\n"))
    asked = planned("hours", "import", path)
    for said in (dry.out, refused.err, asked.err, asked.out):
        assert not {"\x1b", "\u202e"} & set(said)
    assert len(refused.err.splitlines()) <= 2


def test_other_peoples_time_is_refused(planned, tmp_path):
    """A report of a whole team is not one's own time."""
    text = toggl(("Reading", "2026-01-02", "9:00", "1:00:00", ""))
    path = written(tmp_path, text + text.splitlines()[1].replace("jane@", "rosa@") + "\n")
    assert "2 people" in planned("hours", "import", path, code=2).err


def test_watsons_ends_that_the_clock_shows_twice():
    """1:50 to 1:10 on the night the clocks go back is twenty minutes; in the spring an hour is left out."""
    autumn, spring = "2025-11-02 01:50:00,2025-11-02 01:10:00", "2026-03-08 01:30:00,2026-03-08 03:30:00"
    text = f"id,start,stop,project,tags\na,{autumn},x,\nb,{spring},x,\n"
    assert [row.seconds for row in rows(text.encode(), "watson")] == [20 * 60, 60 * 60]


def test_what_still_runs_or_was_deleted_is_left_out():
    """A running timer has no end yet, and a deleted entry is none."""
    running = {"id": 1, "project_id": 2, "start": "2026-01-02T09:00:00Z", "duration": -1767344400}
    deleted = {"id": 2, "project_id": 2, "start": "2026-01-02T09:00:00Z", "duration": 60, "server_deleted_at": "2026"}
    found = rows(json.dumps([running, deleted]).encode(), "toggl")
    assert ["running" in found[0].reason, "deleted" in found[1].reason] == [True, True]
    current = {"id": "current", "project": "x", "start": "2026-01-02T09:00:00Z", "stop": "2026-01-02T10:00:00Z"}
    assert "running" in rows(json.dumps([current]).encode(), "watson")[0].reason


@pytest.mark.parametrize(
    "value",
    [
        {"data": [BEGUN | {"dur": 5400500, "project": "Reading", "user": "Jane"}]},
        [{"project_name": "Reading", "username": "Jane", "time_entries": [BEGUN | {"seconds": 5400}]}],
    ],
)
def test_toggls_reports_are_read_in_both_versions(value):
    """Milliseconds in one list, or seconds in groups: the same entry."""
    (row,) = rows(json.dumps(value).encode(), "toggl")
    assert (row.id, row.project, row.seconds, row.person) == ("7", "Reading", 5400, "Jane")
    assert row.started_at.isoformat() == "2026-01-02T17:00:00+00:00"


def test_notes_hold_what_was_done_and_its_tags(planned):
    """Task, description and tags stand in the note."""
    planned("hours", "import", str(SAMPLES / "toggl-detailed.csv"), *CHESS)
    notes = [each["note"] for each in planned("hours", "entries", "--json").json["items"]]
    assert notes == ["Two papers, with notes [papers]", "Move generator [code, chess]"]


@pytest.mark.parametrize(
    ("text", "arguments", "says"),
    [
        ("a,b\n1,2\n", (), "--format"),
        ("[{", ("--format", "watson"), "cut off"),
        ("[" * 100_000, ("--format", "toggl"), "nested"),
        ("id,start,stop,project,tags\na\0,b\n", (), "NUL"),
        ("id,start,stop,project,tags\n", ("--format", "harsh"), "toggl, watson"),
        ("id,start,stop,project,tags\n", ("--encoding", "klingon"), "encoding"),
    ],
)
def test_what_is_no_log_is_refused(planned, tmp_path, text, arguments, says):
    """Another file, a damaged one, or an unknown format: exit 2, and the way out."""
    assert says in planned("hours", "import", written(tmp_path, text), *arguments, code=2).err


def test_a_file_that_is_not_there_is_not_found(planned):
    """Exit 3, and no traceback."""
    planned("hours", "import", "nowhere.csv", code=3)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
@given(share=st.floats(0, 1), junk=st.sampled_from([b"", b"\0", b"\xff\xfe", b'"', b"\r\r", b"[[", b'{"id":[]}']))
def test_damage_is_never_a_crash(path, share, junk):
    """Wherever a file is cut off or spoiled, there are rows, skipped rows, or one clear error."""
    data, form = path.read_bytes(), path.name.partition("-")[0]
    place = int(len(data) * share)
    for spoilt in (data[:place] + junk, data[:place] + junk + data[place:]):
        with suppress(BadValueError):
            assert all(isinstance(row, TimeRow | SkippedRow) for row in rows(spoilt, form))


def test_an_entry_without_a_line_is_named_by_its_local_start(planned, tmp_path):
    """One that is left out stands beside times as they are on the person's clock; one entry is not entries."""
    frames = [
        {"id": "a" * 32, "project": "Reading", "start": f"{day}T17:00:00Z", "stop": f"{day}T18:00:00Z", "tags": []}
        for day in ("2026-01-02", "2026-03-02")
    ]
    frames[1]["id"] = "b" * 32
    told = planned("hours", "import", written(tmp_path, json.dumps(frames), "watson.json"), "--json").json
    assert [each["name"] for each in told["skipped"]] == ["Mon 2 Mar 2026 09:00"]
    assert "Imported 1 h in 1 entry from watson" in planned("history").out
