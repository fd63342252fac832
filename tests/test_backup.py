"""Backups are checked when written and when used; going back keeps what was there; of old nights some are kept."""

import sqlite3
import stat
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from database_support import of_sqlite
from hypothesis import given
from hypothesis import strategies as st

from crm.store.backup_names import Keep, Named, is_due, stem, surplus

pytestmark = of_sqlite


def names(crm):
    return [each["name"] for each in crm("tag", "list", "--json").json["items"]]


def test_a_backup_brings_back_what_was_there(crm, home):
    """What was written after a backup is gone after restoring it, and the state before the restore is kept too."""
    crm("tag", "add", "before")
    made = crm("backup", "--json").json
    crm("tag", "add", "after")
    restored = crm("restore", made["path"], "--json").json
    assert names(crm) == ["before"]
    crm("restore", restored["kept"])
    assert sorted(names(crm)) == ["after", "before"]


def test_backups_are_private_and_listed_newest_first(crm, home):
    """Backup files are 0600 in a 0700 folder, and the newest is listed first."""
    first = crm("backup", "--json").json["path"]
    second = crm("backup", "--json", now="2026-01-06T17:00:00Z").json["path"]
    assert [each["path"] for each in crm("backup", "--list", "--json").json["items"]] == [second, first]
    assert {stat.S_IMODE(path.stat().st_mode) for path in (home / "backups").iterdir()} == {0o600}
    assert stat.S_IMODE((home / "backups").stat().st_mode) == 0o700


@pytest.mark.parametrize("damage", ["byte", "cut", "text", "empty"])
def test_a_damaged_backup_is_refused_and_nothing_changes(crm, home, damage):
    """A backup that differs from its digest, is cut, or is none ends with 78 and leaves the database alone."""
    crm("tag", "add", "kept")
    path = home / "backups" / "crm-x.db"
    made = crm("backup", "--json").json["path"]
    data = bytearray((home / made).read_bytes())
    (home / made).rename(path)
    (home / made).with_suffix(".sha256").rename(path.with_suffix(".sha256"))
    data[5000] ^= 1
    path.write_bytes({"byte": bytes(data), "cut": bytes(data[:9000]), "text": b"hello", "empty": b""}[damage])
    assert "backup --list" in crm("restore", str(path), code=78).err
    assert names(crm) == ["kept"]


def test_another_database_is_no_backup(crm, tmp_path):
    """A sound SQLite file that this program did not write is refused."""
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()
    assert "no sound backup" in crm("restore", str(other), code=78).err


def test_a_backup_that_is_not_there_is_not_found(crm):
    """Exit 3 and how to list them."""
    assert "backup --list" in crm("restore", "nothing.db", code=3).err


def test_a_damaged_database_names_the_newest_backup_and_can_be_restored(crm, home):
    """A database that is damaged ends commands with 78, names the backup, and the named command mends it."""
    crm("tag", "add", "kept")
    made = crm("backup", "--json").json["path"]
    (home / "crm.db").write_bytes(b"not a database at all" * 500)
    for leftover in ("crm.db-wal", "crm.db-shm"):
        (home / leftover).unlink(missing_ok=True)
    failed = crm("tag", "list", code=78)
    assert f"crm restore {made}" in failed.err
    crm("restore", made)
    assert names(crm) == ["kept"]


def test_an_emptied_database_names_the_backup_and_is_not_filled_anew_unsaid(crm, home):
    """A database file of no bytes, and tables without a revision: the newest backup is named, nothing is built over."""
    made = crm("backup", "--json").json["path"]
    (home / "crm.db").write_bytes(b"")
    assert f"crm restore {made}" in crm("tag", "list", code=78).err
    crm("restore", made)
    with sqlite3.connect(home / "crm.db") as connection:
        connection.execute("DROP TABLE alembic_version")
    connection.close()
    for command in (["tag", "list"], ["init", "--empty"]):
        assert f"crm restore {made}" in crm(*command, code=78).err


def test_a_newer_database_is_left_alone(crm, home):
    """From another version: exit 78, both ways out named, and not a byte changed."""
    made = crm("backup", "--json").json["path"]
    with sqlite3.connect(home / "crm.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'zzz'")
    connection.close()
    before = (home / "crm.db").read_bytes()
    for command in (["tag", "list"], ["tag", "add", "x"], ["init", "--empty"], ["db", "upgrade"]):
        failed = crm(*command, code=78)
        assert "pipx upgrade" in failed.err
        assert f"crm restore {made}" in failed.err
    assert (home / "crm.db").read_bytes() == before


def test_a_database_that_is_damaged_inside_makes_no_backup_and_is_set_aside_by_a_restore(crm, home):
    """Zeroed pages end `crm backup` with 78 and leave nothing; `crm restore` keeps the damaged file beside."""
    for number in range(3):
        crm("tag", "add", f"tag {number}")
    made = crm("backup", "--json").json["path"]
    data = (home / "crm.db").read_bytes()
    (home / "crm.db").write_bytes(data[:8192] + bytes(len(data) - 8192))
    assert "damaged" in crm("backup", code=78).err
    assert len(list((home / "backups").iterdir())) == 2
    kept = crm("restore", made, "--json").json["kept"]
    assert "crm.db.damaged" in kept
    assert len(names(crm)) == 3


def test_the_list_says_why_each_was_made_and_when(crm, home):
    """By hand, at night, before a restore; a file that a person named so is listed without."""
    by_hand = crm("backup", "--json", now="2026-01-02T17:00:00Z").json["path"]
    crm("restore", by_hand, now="2026-01-04T17:00:00Z")
    for name in ("crm-20260105T110000Z-nightly", "crm-mine", "crm-99999999T999999Z"):
        (home / "backups" / f"{name}.db").write_bytes(b"x" * 4096)
    listed = crm("backup", "--list", "--json", now="2026-01-05T17:00:00Z").json["items"]
    assert [(each["kind"], each["made_at"]) for each in listed] == [
        (None, None),
        (None, None),
        ("nightly", "2026-01-05T11:00:00Z"),
        ("before-restore", "2026-01-04T17:00:00Z"),
        ("by-hand", "2026-01-02T17:00:00Z"),
    ]
    shown = crm("backup", "--list").out
    for words in ("before a restore", "by hand", "nightly", "today", "yesterday", "3 days ago", "4 KB", "crm restore"):
        assert words in shown


def test_a_listed_name_is_enough_to_go_back(crm, home):
    """A name without a folder is one of the backups, unless there is such a file here."""
    crm("tag", "add", "kept")
    made = crm("backup", "--json").json["path"]
    crm("tag", "add", "gone")
    crm("restore", made.rpartition("/")[2])
    assert names(crm) == ["kept"]


# Which nightly backups are kept

KEEP = st.builds(Keep, days=st.integers(1, 9), weeks=st.integers(0, 5), months=st.integers(0, 7))
ZONES = st.sampled_from(["America/Los_Angeles", "Pacific/Kiritimati", "UTC"]).map(ZoneInfo)
START = datetime(2025, 11, 1, tzinfo=UTC)
INSTANTS = st.integers(0, 450 * 86_400).map(lambda second: START + timedelta(seconds=second))
LABELS = st.sampled_from(["nightly", "nightly", "nightly", "", "before-restore", "before-upgrade"])
PERIODS = {
    "days": lambda day: day,
    "weeks": lambda day: day.isocalendar()[:2],
    "months": lambda day: (day.year, day.month),
}


def nights(names, now):
    """The nightly ones of the names that are not of the time to come, the oldest first."""
    found = [named for named in map(Named.of, names) if named.label == "nightly" and named.made_at <= now]
    return sorted(found)


@given(made=st.sets(st.tuples(INSTANTS, LABELS), max_size=60), now=INSTANTS, keep=KEEP, tz=ZONES)
def test_rotation_removes_only_what_need_not_stay(made, now, keep, tz):
    """What goes is nightly, past, not the newest, and no period's last among as many as are kept; then nothing else."""
    names = {f"{stem(at, label)}.db" for at, label in made}
    gone = surplus(names, keep, now=now, tz=tz)
    there = nights(names, now)
    assert set(gone) <= {each.name for each in there[:-1]}
    for name in gone:
        made_at = Named.of(name).made_at
        for what, period in PERIODS.items():
            own = period(made_at.astimezone(tz).date())
            later = {period(each.made_at.astimezone(tz).date()) for each in there if each.made_at > made_at}
            assert own in later or len(later) >= getattr(keep, what)
    left = names - set(gone)
    assert len(nights(left, now)) <= max(1, keep.days + keep.weeks + keep.months)
    assert surplus(left, keep, now=now, tz=tz) == []


@given(
    steps=st.lists(st.sampled_from([1, 1, 1, 1, 1, 7, 40, 800, -1, -7, -40, -800]), max_size=60), keep=KEEP, tz=ZONES
)
def test_a_clock_that_jumps_does_not_empty_the_folder(steps, keep, tz):
    """Whatever the clock does: each night is backed up once, and a jump takes no more than a night does."""
    now, names = datetime(2026, 1, 5, 17, tzinfo=UTC), set()
    for step in steps:
        now += timedelta(days=step)
        before = len(names)
        if is_due(names, now=now, at=time(3), tz=tz):
            names.add(f"{stem(now, 'nightly')}.db")
        names -= set(surplus(names, keep, now=now, tz=tz))
        assert not is_due(names, now=now, at=time(3), tz=tz)
        assert len(names) >= min(before, keep.days)


def test_a_year_of_nights_leaves_the_days_weeks_and_months_that_are_asked_for():
    """Of every night of 2026, by 31 December: seven days, four weeks, and the ends of six months."""
    names, tz = set(), ZoneInfo("America/Los_Angeles")
    for day in range(365):
        now = datetime(2026, 1, 1, 11, tzinfo=UTC) + timedelta(days=day)
        names.add(f"{stem(now, 'nightly')}.db")
        names -= set(surplus(names, Keep(7, 4, 6), now=now, tz=tz))
    december = [date(2026, 12, day) for day in (13, 20, *range(25, 32))]
    months = [date(2026, 7, 31), date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 31), date(2026, 11, 30)]
    assert [each.made_at.date() for each in nights(names, now)] == [*months, *december]
