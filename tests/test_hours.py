"""Activities, their dated targets, the room of the weekdays, and the time that is logged."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_support import document, undone

from crm.durations import say_duration
from crm.errors import BadValueError
from crm.week_hours import DAY_HOURS, WEEK_HOURS, parse_hours

ACTIVITIES = (
    ("Building projects", "projects"),
    ("Drilling weak skills", "drills"),
    ("Reading/research", "reading"),
    ("Retrieval practice", "retrieval"),
    ("Community/networking", "networking"),
)


@pytest.fixture
def activities(crm):
    """Five activities without targets."""
    for name, role in ACTIVITIES:
        crm("hours", "add", name, "--role", role)


def names(crm):
    """The activities' names by uid."""
    return {each["uid"]: each["name"] for each in crm("hours", "list", "--json").json["items"]}


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("5", 300),
        ("0", 0),
        ("5h", 300),
        ("2.5h", 150),
        ("2,5", 150),
        ("1h30", 90),
        ("1:30", 90),
        ("90m", 90),
        ("168", 10080),
    ],
)
def test_hours_as_people_type_them(typed, minutes):
    """A bare number is hours; units, decimals and minutes are read as well."""
    assert parse_hours(typed, most=WEEK_HOURS) == minutes


@pytest.mark.parametrize(
    "typed", ["", "-1", "five", "2-3", "1e3", "nan", "5h 5h", "25", "9999999", "\u0665", "1.5.5", "h"]
)
def test_what_is_no_number_of_hours_is_refused(typed):
    """Words, ranges, signs, and more than fits in a day are refused."""
    with pytest.raises(BadValueError):
        parse_hours(typed, most=DAY_HOURS)


@given(st.integers(0, WEEK_HOURS * 60))
def test_hours_are_read_back_to_the_minute(minutes):
    """Hours written with minutes, or in decimals as the document tells them, give the same minutes again."""
    written = f"{minutes // 60}h{minutes % 60:02}" if minutes <= DAY_HOURS * 60 and minutes else f"{minutes / 60:.4f}"
    assert parse_hours(written, most=WEEK_HOURS) == minutes
    assert parse_hours(f"{minutes / 60:.4f}", most=WEEK_HOURS) == minutes


@given(st.text(max_size=12))
def test_no_text_breaks_the_reading_of_hours(typed):
    """Any text is either hours within bounds or a bad value."""
    with suppress(BadValueError):
        assert 0 <= parse_hours(typed, most=DAY_HOURS) <= DAY_HOURS * 60


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Building projects", "Building projects"),
        ("building PROJECTS", "Building projects"),
        ("projects", "Building projects"),
        ("proj", "Building projects"),
        ("drills", "Drilling weak skills"),
        ("weak drill", "Drilling weak skills"),
        ("networking", "Community/networking"),
        ("research", "Reading/research"),
        ("h4", "Retrieval practice"),
    ],
)
def test_an_activity_answers_to_name_word_role_and_id(crm, activities, typed, name):
    """Exact name, unique word or its beginning, role, and short id all find the one activity."""
    entry = crm("log-hours", "45m", *typed.split(" "), "--json").json
    assert names(crm)[entry["activity"]] == name


def test_several_activities_are_never_guessed_between(crm, activities):
    """`re` could be reading or retrieval: exit 4, and both are listed."""
    error = crm("log-hours", "45m", "re", "--json", code=4).error
    assert error["candidates"] == ["h3 Reading/research", "h4 Retrieval practice"]


def test_a_role_that_is_also_another_ones_word_is_not_guessed(crm, activities):
    """A word and a role that name different activities are ambiguous."""
    crm("hours", "add", "Projects of others")
    crm("log-hours", "45m", "projects", code=4)


@pytest.mark.parametrize("typed", ["cooking", "", " ", "h99", "..."])
def test_an_unknown_activity_is_not_found(crm, activities, typed):
    """What no activity answers to is exit 3, with the activities there are and the way to add one."""
    error = crm("log-hours", "45m", typed, "--json", code=3).error
    assert "crm hours add" in error["message"]
    assert "Building projects" in error["candidates"]


def test_time_ends_now_unless_said_otherwise(crm, activities):
    """Without --at the time logged ends now; the start is said back with its weekday."""
    assert crm("log-hours", "1h30", "reading", "--json").json["started_at"] == "2026-01-05T15:30:00Z"
    assert "Logged 1 h 30 min of Reading/research from Mon 5 Jan 2026 07:30." in crm("log-hours", "90", "reading").out


@pytest.mark.parametrize(
    ("at", "started_at"),
    [
        ("yesterday 18:00", "2026-01-05T02:00:00Z"),
        ("fri 14:30", "2026-01-02T22:30:00Z"),
        ("sun", "2026-01-04T20:00:00Z"),
        ("today", "2026-01-05T15:00:00Z"),
        ("6:15", "2026-01-05T14:15:00Z"),
        ("2026-01-01", "2026-01-01T20:00:00Z"),
    ],
)
def test_at_looks_back(crm, activities, at, started_at):
    """--at is when it began, looking back; a day without a time begins at noon, today so that it ends now."""
    assert crm("log-hours", "2h", "reading", "--at", at, "--json").json["started_at"] == started_at


def test_today_never_begins_yesterday(crm, activities):
    """Time logged for today just after midnight begins at midnight; more than today has had is refused."""
    entry = crm("log-hours", "30m", "reading", "--at", "today", "--json", now="2026-01-06T08:30:00Z").json
    assert entry["started_at"] == "2026-01-06T08:00:00Z"
    assert "ends 1 h 30 min from now" in crm("log-hours", "2h", "reading", "--at", "today", code=2).err


def test_time_that_is_not_over_is_refused(crm, activities):
    """A start that has passed is not enough; a minute's grace is given, and the ways out are named."""
    refused = crm("log-hours", "1h", "reading", "--at", "2026-01-05 8:30", code=2, now="2026-01-05T17:00:00Z").err
    assert "ends 30 min from now" in refused
    assert "crm timer start" in refused
    crm("log-hours", "31m", "reading", "--at", "2026-01-05 8:30")
    assert "from now" in crm("hours", "edit", "e1", "--duration", "33m", code=2).err
    assert "from now" in crm("hours", "edit", "e1", "--at", "2026-01-05 8:35", code=2).err
    crm("hours", "edit", "e1", "--note", "two papers")


def test_time_over_other_time_is_remarked_on(crm, activities):
    """It is taken all the same, and the other entry is named; touching is not overlapping."""
    crm("log-hours", "2h", "reading", "--at", "2026-01-04 9:00")
    assert crm("log-hours", "1h", "projects", "--at", "2026-01-04 11:00").err == ""
    remark = "It overlaps e1, 2 h of Reading/research from Sun 4 Jan 2026 09:00: crm hours entries\n"
    assert crm("log-hours", "1h", "projects", "--at", "2026-01-04 10:30").err == remark
    assert crm("hours", "edit", "e2", "--at", "2026-01-04 8:30").err == remark


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("2", "reading"), "2h or 2m"),
        (("0h", "reading"), "out of range"),
        (("25h", "reading"), "out of range"),
        (("soon", "reading"), "no duration"),
        (("2h", "reading", "--at", "2026-01-06"), "future"),
        (("2h", "reading", "--at", "1/5/2026"), "2026"),
        (("2h", "reading", "--note", "a\0b"), "NUL"),
        (("2h", "reading", "--note", "a\ud800b"), "character"),
    ],
)
def test_bad_time_is_refused_and_nothing_logged(crm, activities, arguments, says):
    """An unclear duration, a start to come, or text that can't be stored is exit 2, and nothing is written."""
    before = document(crm)
    assert says in crm("log-hours", *arguments, code=2).err
    assert document(crm) == before


@pytest.mark.parametrize("note", ["[bold]x[/]", "a\r\nb", "\x1b[31mred", "'; DROP TABLE plan;--", "אבג", "🦜" * 3000])
def test_notes_are_kept_exactly(crm, activities, note):
    """Whatever a note holds comes back as it was typed."""
    crm("log-hours", "45m", "reading", "--note", note)
    assert crm("export", "json").json["time_entries"][0]["note"] == note


def test_hostile_names_break_no_screen(crm):
    """An activity's name is shown harmlessly on every screen: nothing in it reaches the terminal as a command."""
    name = "\x1b[2J[red]Deep\r\nwork\u202e"
    crm("hours", "add", name)
    crm("hours", "target", "h1", "5")
    for command in (
        ("hours", "list"),
        ("week",),
        ("log-hours", "45m", "h1"),
        ("timer", "start", "h1"),
        ("timer", "status"),
    ):
        printed = crm(*command).out
        assert "\x1b" not in printed
        assert "\u202e" not in printed
        assert "[red]Deep" in printed
    assert crm("hours", "list", "--json").json["items"][0]["name"] == name


def test_a_target_counts_from_its_day(crm, activities):
    """Each target counts from its day on; one of the same day replaces it, the earlier ones stay."""
    crm("hours", "target", "projects", "6")
    crm("hours", "target", "projects", "7")
    told = crm("hours", "target", "projects", "8", "--from", "2026-02-02", "--json").json
    assert [(each["from_on"], each["weekly_hours"]) for each in told["targets"]] == [
        ("2026-01-05", 7),
        ("2026-02-02", 8),
    ]
    assert told["weekly_hours"] == 7
    assert "8 h from Mon 2 Feb 2026" in crm("hours", "list").out


def test_a_target_to_come_is_not_shown_as_todays(crm, activities):
    """Before its first target counts, an activity has none; the list says from when."""
    crm("hours", "target", "projects", "8", "--from", "2026-02-02")
    printed = crm("hours", "list").out
    assert printed.count("8 h") == printed.count("8 h from Mon 2 Feb 2026") == 1


def test_a_new_target_keeps_the_share(crm, activities):
    """A share goes with the activity until another is given."""
    crm("hours", "target", "projects", "6", "--share", "60")
    told = crm("hours", "target", "projects", "7", "--from", "2026-02-02", "--json").json
    assert told["targets"][1]["share_percent"] == 60
    told = crm("hours", "target", "projects", "7", "--from", "2026-02-02", "--share", "55", "--json").json
    assert told["targets"][1]["share_percent"] == 55


@pytest.mark.parametrize(
    "arguments",
    [
        ("projects", "169"),
        ("projects", "some"),
        ("projects", "5", "--share", "101"),
        ("projects", "5", "--share", "nan"),
    ],
)
def test_a_target_out_of_range_is_refused(crm, activities, arguments):
    """More than a week holds, no number, or more than the whole is exit 2."""
    crm("hours", "target", *arguments, code=2)


@pytest.mark.parametrize("day", ["monday", "Mon", "MONDAY", "monda"])
def test_room_is_said_by_weekday(crm, day):
    """A weekday may be cut short; its room is told in hours, and told again it changes."""
    crm("hours", "available", day, "3")
    told = crm("hours", "available", day, "2.5", "--best-time", "evening", "--json").json
    assert (told["weekday"], told["hours"], told["best_time"]) == (0, 2.5, "evening")
    assert crm("export", "json").json["availability"]["monday"]["hours"] == 2.5


def test_room_keeps_what_is_not_said_again(crm):
    """New hours leave best time and notes as they were; 0 hours is an answer."""
    crm("hours", "available", "sat", "4", "--best-time", "morning", "--notes", "not every other week")
    told = crm("hours", "available", "sat", "0", "--json").json
    assert (told["hours"], told["best_time"], told["notes"]) == (0, "morning", "not every other week")


@pytest.mark.parametrize("arguments", [("someday", "2"), ("mo", "2"), ("mon", "24.5"), ("mon", "2-3"), ("", "2")])
def test_room_out_of_range_is_refused(crm, arguments):
    """A day has 24 hours, and a weekday a name."""
    crm("hours", "available", *arguments, code=2)


def test_the_list_says_what_does_not_add_up(crm, activities):
    """Shares that miss 100 %, projects outside 50 to 70 %, and more hours than there is room are remarked on."""
    crm("hours", "target", "projects", "6", "--share", "80")
    crm("hours", "target", "reading", "2", "--share", "15")
    crm("hours", "available", "mon", "5")
    remarks = crm("hours", "list", "--json").json["remarks"]
    assert [any(part in each for each in remarks) for part in ("95 %", "84 %", "8 h a week")] == [True] * 3


def test_the_list_is_quiet_when_all_adds_up(crm, activities):
    """Shares of 100 % with projects at 60 %, within the room, need no remark."""
    crm("hours", "target", "projects", "6", "--share", "60")
    crm("hours", "target", "reading", "4", "--share", "40")
    crm("hours", "available", "sat", "10")
    found = crm("hours", "list", "--json").json
    assert found["remarks"] == []
    assert found["availability"]["saturday"]["hours"] == 10
    assert [each["weekly_hours"] for each in found["items"]] == [6, None, 4, None, None]


def test_projects_are_weighed_by_hours_where_there_are_no_shares(crm, activities):
    """Without shares the hours themselves tell what part the projects take."""
    crm("hours", "target", "projects", "1")
    crm("hours", "target", "reading", "3")
    assert "25 %" in crm("hours", "list").out


def test_an_empty_list_says_what_to_type(crm):
    """Without activities and room the next commands are named."""
    printed = crm("hours", "list").out
    assert "crm hours add" in printed
    assert "crm hours available monday 2h" in printed


@pytest.mark.parametrize("name", ["", "  ", "building PROJECTS", "a\0b"])
def test_an_activity_needs_a_name_of_its_own(crm, activities, name):
    """A blank, taken or unstorable name is refused."""
    crm("hours", "add", name, code=2)


def test_an_unknown_role_is_a_usage_error(crm):
    """Roles are a fixed vocabulary."""
    crm("hours", "add", "Sleep", "--role", "dreams", code=2)


@pytest.mark.parametrize(
    "command",
    [
        ("hours", "add", "Writing"),
        ("hours", "target", "projects", "6", "--share", "60"),
        ("hours", "available", "mon", "2h", "--notes", "late"),
        ("log-hours", "1h30", "projects", "--note", "chess engine"),
    ],
)
def test_every_write_can_be_undone(crm, activities, command):
    """Undo brings the document back to what it was before."""
    undone(crm, *command)


def test_replaced_targets_and_room_can_be_undone(crm, activities):
    """Undo of a change in place brings the former value back."""
    crm("hours", "target", "projects", "6")
    undone(crm, "hours", "target", "projects", "7")
    crm("hours", "available", "mon", "2")
    undone(crm, "hours", "available", "mon", "3", "--best-time", "evening")


def test_history_tells_what_was_logged(crm, activities):
    """The journal names each write in words."""
    crm("log-hours", "1h30", "projects")
    assert f"Logged {say_duration(90)} of Building projects" in crm("undo").out


def test_one_activity_without_a_target_is_one(crm):
    """The gap counts in good English."""
    crm("hours", "add", "Reading", "--role", "reading")
    texts = [each["text"] for each in crm("gaps", "--all", "--json").json["items"]]
    assert "Reading has no weekly target" in texts
