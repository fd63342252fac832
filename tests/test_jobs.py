"""What the daemon does besides reminding: a backup each night that is known to be good, and pruning."""

import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from database_support import engine_of, of_sqlite
from hypothesis import given
from hypothesis import strategies as st
from plan_support import document
from reminder_support import DAY, HOUR, LOS_ANGELES, MONDAY, World

from crm import models as m
from crm.errors import CrmError
from crm.models.words import DeliveryState, ReminderState
from crm.settings import load
from crm.store import backups, copying, outbox, proven
from crm.store.backup_names import Keep, Named, is_due, next_night, night_of
from crm.store.engine import writing
from crm.store.shape import table_of
from reminders.jobs import jobs
from reminders.jobs.prune import Prune

MINUTE = timedelta(minutes=1)
ZONES = ["America/Los_Angeles", "Europe/Berlin", "Asia/Kathmandu", "Pacific/Apia", "Australia/Lord_Howe"]


def job(home, name):
    """One of the daemon's jobs in this home."""
    (found,) = (each for each in jobs(engine_of(home), load) if each.name == name)
    return found


@pytest.fixture
def backup(home):
    """The nightly backup as the daemon has it."""
    return job(home, "backup")


def made(home):
    """The names of the backups in this home, the oldest first."""
    return sorted(path.name for path in (home / "backups").glob("*.db"))


def keep(home, *, days=7, weeks=4, months=6):
    """Configure how many nightly backups are kept."""
    text = f"[backup]\nkeep_days = {days}\nkeep_weeks = {weeks}\nkeep_months = {months}\n"
    (home / "config.toml").write_text(text, encoding="utf-8")


# When


def test_a_night_has_one_backup_however_often_the_job_is_asked(backup, home):
    """Asked every half hour for two days it backs up at once, and then each night from 03:00 on the person's clock."""
    told = [line for n in range(96) if (line := backup.run(MONDAY + n * 30 * MINUTE))]
    stamps = ["20260105T170000Z", "20260106T110000Z", "20260107T110000Z"]
    assert made(home) == [f"crm-{stamp}-nightly.db" for stamp in stamps]
    assert [stamp in line for stamp, line in zip(stamps, told, strict=True)] == [True] * 3


def test_a_machine_that_was_off_at_night_backs_up_when_it_starts(backup, home):
    """Off from Monday to Thursday: one backup at once, none for the nights between; a new start changes nothing."""
    assert backup.run(MONDAY)
    assert job(home, "backup").run(MONDAY + 3 * DAY)
    assert job(home, "backup").run(MONDAY + 3 * DAY + HOUR) is None
    assert len(made(home)) == 2


@pytest.mark.parametrize("back", [MINUTE, HOUR, 12 * HOUR, 3 * DAY, 400 * DAY])
def test_a_clock_that_is_set_back_neither_repeats_a_night_nor_ends_backups(backup, home, back):
    """Backups from the time to come neither stand for a night of now nor are made again when it comes."""
    for hour in range(0, 48, 12):
        backup.run(MONDAY + hour * HOUR)
    before = made(home)
    for hour in range(0, 48, 12):
        backup.run(MONDAY + 36 * HOUR - back + hour * HOUR)
    nights = [night_of(Named.of(name).made_at, time(3), LOS_ANGELES) for name in made(home)]
    asked_for = {night_of(MONDAY + (36 + hour) * HOUR - back, time(3), LOS_ANGELES) for hour in range(0, 48, 12)}
    assert len(set(nights)) == len(nights)
    assert asked_for <= set(nights)
    assert set(before) <= set(made(home))


def test_when_it_is_next_due_is_told(backup):
    """Now, while the night's backup is missing; else the next night at its hour."""
    assert backup.next_at(MONDAY) == MONDAY
    backup.run(MONDAY)
    assert backup.next_at(MONDAY) == datetime(2026, 1, 6, 11, tzinfo=UTC)


@given(
    at=st.times(),
    zone=st.sampled_from(ZONES),
    start=st.integers(0, 7000).map(lambda days: datetime(2011, 1, 1, tzinfo=UTC) + days * DAY)
    | st.just(datetime(2011, 12, 29, tzinfo=UTC)),
)
def test_each_local_day_is_one_night_on_dst_days_too(at, zone, start):
    """Nights follow one another in every zone, each begins when it was announced, and is due until it has a backup."""
    tz, at = ZoneInfo(zone), at.replace(microsecond=0)
    instants = [start + n * 30 * MINUTE for n in range(150)]
    for earlier, later in pairwise(instants):
        passed = night_of(later, at, tz) - night_of(earlier, at, tz)
        assert timedelta() <= passed <= 2 * DAY  # two where a zone leaves a day out, as Apia did
        begun = next_night(earlier, at, tz) <= later
        assert begun == (passed > timedelta())
        assert begun == is_due([f"crm-{earlier:%Y%m%dT%H%M%SZ}-nightly.db"], now=later, at=at, tz=tz)


# A backup that counts is known to be good


def everything(crm):
    """The document with its private notes and revisions, and the history."""
    told = crm("export", "json", "--include-private").json
    del told["exported_at"]
    return told, crm("history", "-n", "100", "--json").json


def test_it_brings_back_what_was_there(backup, crm, home, monkeypatch):
    """Restored into another, empty home it gives the same document, history and search, from either database."""
    crm("contact", "add", "Zoë Roe", "--private-note", "likes tulips")
    crm("contact", "add", "Gone Person")
    crm("contact", "remove", "Gone Person", "--yes")
    before = everything(crm)
    assert "found the same" in backup.run(MONDAY)
    (name,) = made(home)
    monkeypatch.delenv("CRM_DATABASE_URL", raising=False)
    monkeypatch.setenv("CRM_HOME", str(home / "other"))
    crm("restore", str(home / "backups" / name))
    assert everything(crm) == before
    assert crm("find", "tulips", "--include-private", "--json").json["items"]


def test_a_copy_of_postgresql_goes_back_with_db_copy(crm, home, postgres_url, blank_postgres_url, monkeypatch):
    """A nightly copy of PostgreSQL, restored into a SQLite home and copied from there, is the same database again."""
    monkeypatch.setenv("CRM_DATABASE_URL", postgres_url)
    crm("contact", "add", "Jane Roe")
    before = everything(crm)
    assert job(home, "backup").run(MONDAY)
    (name,) = made(home)
    with monkeypatch.context() as between:
        between.delenv("CRM_DATABASE_URL")
        between.setenv("CRM_HOME", str(home / "other"))
        crm("restore", str(home / "backups" / name))
        crm("db", "copy", blank_postgres_url)
    monkeypatch.setenv("CRM_DATABASE_URL", blank_postgres_url)
    assert everything(crm) == before


def test_who_writes_meanwhile_is_no_fault_of_the_backup(backup, crm, home, monkeypatch):
    """What is written while it is made is in the database and not in the backup, which is of one moment and counts."""
    crm("tag", "add", "before")

    def after_a_write(original):
        def call(*arguments, **options):
            if len(written) < 2:
                written.append(crm("tag", "add", f"meanwhile {len(written)}"))
            return original(*arguments, **options)

        return call

    written = []
    for module, name in ((proven, "_copy_file"), (proven, "_copy_rows"), (copying, "digest_of")):
        monkeypatch.setattr(module, name, after_a_write(getattr(module, name)))
    assert backup.run(MONDAY)
    assert len(written) == 2
    (there,) = made(home)
    with closing(sqlite3.connect(home / "backups" / there)) as connection:
        assert connection.execute("SELECT name FROM tag").fetchall() == [("before",)]


@pytest.fixture
def lossy(monkeypatch):
    """From now on, what is restored lacks its tags; `lossy.undo()` ends it."""
    restore = backups.restore

    def lose(engine, path, folder, *, now):
        kept = restore(engine, path, folder, now=now)
        with writing(engine, now=now, name="test") as session:
            session.connection().execute(sa.delete(table_of(m.Tag)))
        return kept

    with monkeypatch.context() as patch:
        patch.setattr(backups, "restore", lose)
        yield patch


def test_a_backup_that_brings_back_something_else_is_none(backup, crm, home, lossy):
    """It is named and not kept, no older one goes because of it, and it is tried again an hour later."""
    keep(home, days=1, weeks=0, months=0)
    crm("tag", "add", "x")
    older = "crm-20260104T110000Z-nightly.db"
    (home / "backups").mkdir(mode=0o700)
    (home / "backups" / older).write_bytes(b"")
    with pytest.raises(CrmError, match="crm-20260105T170000Z-nightly does not bring back"):
        backup.run(MONDAY)
    assert [path.name for path in (home / "backups").iterdir()] == [older]
    assert backup.run(MONDAY + 59 * MINUTE) is None
    lossy.undo()
    assert f"removed {older}" in backup.run(MONDAY + HOUR)
    assert made(home) == ["crm-20260105T180000Z-nightly.db"]


def test_a_damaged_database_is_told_and_takes_no_backup_away(backup, crm, home):
    """Bytes of the database that are wrong make an error, not a backup."""
    if engine_of(home).dialect.name != "sqlite":
        pytest.skip("SQLite's own: this is about its file")
    for number in range(200):
        crm("tag", "add", f"tag {number}") if number % 50 == 0 else None
    data = bytearray((home / "crm.db").read_bytes())
    data[4096:] = bytes(len(data) - 4096)
    (home / "crm.db").write_bytes(data)
    with pytest.raises(CrmError):
        backup.run(MONDAY)
    assert made(home) == []
    assert list((home / "backups").iterdir()) == []


def test_what_a_killed_daemon_began_is_swept(backup, home):
    """Parts of a backup that was cut off go with the next; what a person's command is writing stays."""
    folder = home / "backups"
    folder.mkdir(mode=0o700)
    begun = "crm-20260104T110000Z-nightly"
    for ending in (".partial", ".partial-journal", ".restored.partial", ".restored.partial-wal"):
        (folder / f"{begun}{ending}").write_bytes(b"x")
    (folder / "crm-20260105T165959Z.partial").write_bytes(b"x")
    assert backup.run(MONDAY)
    name = "crm-20260105T170000Z-nightly"
    left = {path.name for path in folder.iterdir()}
    assert left == {f"{name}.db", f"{name}.sha256", "crm-20260105T165959Z.partial"}


@pytest.fixture
def small_disk(home):
    """The folder of backups on a disk of 8 MB."""
    folder = home / "backups"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m,mode=700", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk can be mounted by root only")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@of_sqlite
@pytest.mark.parametrize("room", [0.1, 0.9, 1.2, 1.9])
def test_a_full_disk_leaves_nothing_half_written_and_removes_nothing(small_disk, backup, crm, home, room):
    """With room for a part of the backup, or for it and a part of its proof: an error, and what was there stays."""
    keep(home, days=1, weeks=0, months=0)
    crm("tag", "add", "x")
    backup.run(MONDAY)
    before = {path.name: path.read_bytes() for path in small_disk.iterdir()}
    size = max(map(len, before.values()))
    used = sum(-(-len(each) // 4096) * 4096 for each in before.values())
    (small_disk / "filler").write_bytes(b"x" * int(8 * 1024**2 - used - room * size))
    with pytest.raises(CrmError, match="full"):
        backup.run(MONDAY + DAY)
    if room < 1:
        assert "is full" in crm("backup", code=1).err
    (small_disk / "filler").unlink()
    assert {path.name: path.read_bytes() for path in small_disk.iterdir()} == before
    assert backup.run(MONDAY + DAY + HOUR)
    assert len(made(home)) == 1


# Which are kept


def test_older_nights_go_and_what_a_person_made_stays(backup, home):
    """Of three nights the last two stay as configured, read anew each time; a backup by hand is never removed."""
    kept = {"crm-20250105T170000Z.db", "crm-20250106T170000Z-before-upgrade.db", "crm-nightly.db", "mine-nightly.db"}
    (home / "backups").mkdir(mode=0o700)
    for name in kept:
        (home / "backups" / name).write_bytes(b"")
    told = []
    for day in range(3):
        keep(home, days=9 if day == 0 else 2, weeks=0, months=0)
        told.append(backup.run(MONDAY + day * DAY))
    assert "removed crm-20260105T170000Z-nightly.db" in told[-1]
    assert set(made(home)) == kept | {"crm-20260106T170000Z-nightly.db", "crm-20260107T170000Z-nightly.db"}


@of_sqlite
@pytest.mark.parametrize("ahead", [False, True])
def test_the_last_sound_backup_is_never_removed(backup, home, ahead):
    """The nights that are to be kept are damaged: the newest sound one stays, whatever is dated in the future."""
    folder = home / "backups"
    keep(home, days=9)
    for day in range(5):
        backup.run(MONDAY + day * DAY)
    for night in made(home)[3:]:
        (folder / night).write_bytes(b"x" * 4096)
    if ahead:
        (folder / "crm-20270105T170000Z-nightly.db").write_bytes((folder / made(home)[0]).read_bytes())
    before = made(home)
    gone = proven.rotate(folder, Keep(2, 0, 0), now=MONDAY + 4 * DAY, tz=ZoneInfo("Europe/Berlin"))
    assert gone == before[:2]
    assert made(home) == before[2:]


def test_nothing_is_removed_while_the_configuration_is_wrong(home):
    """A config.toml that cannot be read does not shorten how long backups and history are kept."""
    (home / "backups").mkdir(mode=0o700)
    for day in range(1, 30):
        (home / "backups" / f"crm-202511{day:02}T110000Z-nightly.db").write_bytes(b"")
    lenient = {each.name: each for each in jobs(engine_of(home), lambda: load(lenient=True))}
    (home / "config.toml").write_text("[backup]\nkeep_days = many\n")
    assert lenient["backup"].run(MONDAY)
    assert len(made(home)) == 30
    assert lenient["prune"].run(MONDAY) is None


# Pruning

LONG = 500 * DAY
TODAY = date(2026, 1, 5)
REMINDERS, DELIVERIES = table_of(m.Reminder), table_of(m.Delivery)


@pytest.fixture
def world(home):
    """The home's world."""
    return World.at(home)


def prune(world, now, *, newest=0):
    """Prune, the newest too if they are old."""
    return Prune(world.engine, load, newest).run(now)


def said_and_done(world, title="Write to Jane Roe"):
    """A task that was said on Monday, done on Tuesday, and whose reminder is cancelled since."""
    task = world.task(title, TODAY)
    world.tick()
    world.change(task, MONDAY + DAY, done_at=MONDAY + DAY)
    world.tick(MONDAY + DAY)
    return task


def counts(world):
    """How many reminders, deliveries and attempts there are."""
    return len(world.reminders()), len(world.deliveries()), len(world.attempts())


def test_what_was_settled_long_ago_goes_with_all_that_hangs_on_it(world):
    """After reminders.keep_days, and the week that rules look back, a reminder that was done with is gone."""
    said_and_done(world)
    assert prune(world, MONDAY + 400 * DAY) is None
    assert counts(world) == (1, 1, 1)
    assert prune(world, MONDAY + 408 * DAY) == "removed 1 old reminders and 0 old tries of others"
    assert counts(world) == (0, 0, 0)


@pytest.mark.parametrize("reminder", list(ReminderState))
@pytest.mark.parametrize("delivery", list(DeliveryState))
def test_only_what_is_over_everywhere_goes(world, reminder, delivery):
    """What is open, or on a channel still to be sent, being sent, or of unknown fate, stays however old it is."""
    said_and_done(world)
    with world.writing() as session:
        session.connection().execute(sa.update(REMINDERS).values(state=reminder.value))
        session.connection().execute(sa.update(DELIVERIES).values(state=delivery.value))
    prune(world, MONDAY + LONG)
    waits = {DeliveryState.SCHEDULED, DeliveryState.RETRYABLE, DeliveryState.EXECUTING, DeliveryState.UNKNOWN}
    assert bool(world.reminders()) == (reminder == ReminderState.OPEN or delivery in waits)


@pytest.mark.parametrize("table", [REMINDERS, DELIVERIES])
def test_what_changed_since_stays(world, table):
    """An old reminder that the person or the daemon changed within the time that is kept stays."""
    said_and_done(world)
    with world.writing() as session:
        session.connection().execute(sa.update(table).values(updated_at=MONDAY + 200 * DAY))
    prune(world, MONDAY + LONG)
    assert counts(world)[:2] == (1, 1)


def test_what_a_rule_asks_for_stays_and_loses_its_old_tries_only(world):
    """A task that is open for years keeps its reminder, done or not, so that it is not said again."""
    world.task("Write to Jane Roe", TODAY)
    world.tick()
    world.change(world.reminders()[0], MONDAY + DAY, state=ReminderState.DONE.value)
    assert prune(world, MONDAY + LONG) == "removed 0 old reminders and 1 old tries of others"
    world.tick(MONDAY + LONG)
    assert len(world.console.sent) == 1
    assert counts(world) == (1, 1, 0)


def test_what_a_rule_that_is_switched_off_would_ask_for_stays(world, home):
    """Switched off for years and on again, a rule says nothing that was said before."""
    (home / "config.toml").write_text("[rules.follow_up]\nenabled = false\n")
    world.task("Write to Jane Roe", TODAY)
    world.tick()
    world.given["follow_up.enabled"] = False
    world.tick(MONDAY + DAY)
    prune(world, MONDAY + LONG)
    del world.given["follow_up.enabled"]
    world.tick(MONDAY + LONG)
    assert len(world.console.sent) == 1


def test_pruning_makes_nothing_be_said_or_planned_again(world, home):
    """On with turns after pruning, and with the clock set back within what is kept: nothing that went comes back."""
    (home / "config.toml").write_text("[reminders]\nkeep_days = 30\ncatch_up_days = 60\n")
    world.filled().given["catch_up_days"] = 60
    for day in (0, 3, 7, 14):
        world.tick(MONDAY + day * DAY)
    for each in world.reminders():
        world.change(each, MONDAY + 14 * DAY, state=ReminderState.DONE.value)
    gone = set()
    for now in (MONDAY + 63 * DAY, MONDAY + 120 * DAY, MONDAY + 155 * DAY):
        world.tick(now)
        before = {each.key for each in world.reminders()}
        prune(world, now)
        gone |= before - {each.key for each in world.reminders()}
        for back in (2 * DAY, 25 * DAY):
            world.tick(now - back)
        assert not gone & {each.key for each in world.reminders()}
    assert len(gone) > 5
    said = [item.key for message in world.console.sent for item in message.items]
    assert len(set(said)) == len(said)


def test_a_clock_that_is_wrong_by_years_for_an_hour_costs_nothing(world):
    """Two years ahead, with turns and pruning, and back: nothing is removed, and nothing is said twice."""
    world.filled()
    for day in (0, 2):
        world.tick(MONDAY + day * DAY)
    world.tick(MONDAY + 2 * LONG)
    before = counts(world)
    assert Prune(world.engine, load).run(MONDAY + 2 * LONG) is None
    assert counts(world) == before
    for day in (1, 3):
        world.tick(MONDAY + day * DAY)
    said = [item.key for message in world.console.sent for item in message.items]
    assert len(set(said)) == len(said)


def test_nothing_to_prune_waits_for_nobody(world):
    """While a person's command writes, pruning that has nothing to do neither waits nor fails."""
    said_and_done(world)
    with world.writing("somebody") as session:
        session.add(m.Tag(name="x"))
        session.flush()
        assert prune(world, MONDAY + DAY) is None


def test_many_go_in_pieces(world):
    """More than fit into one statement go too, and a turn that comes in between finds nothing to say."""
    with world.writing() as session:
        row = {"rule": "old", "title": "x", "local_on": TODAY, "due_at": MONDAY, "state": "cancelled"}
        outbox.add_reminders(session, [row | {"key": f"old:{n}"} for n in range(1200)], now=MONDAY)
    assert prune(world, MONDAY + LONG, newest=100) == "removed 1100 old reminders and 0 old tries of others"
    assert {each.key for each in world.reminders()} == {f"old:{n}" for n in range(1100, 1200)}


def untold(crm):
    """The document without reminders and deliveries."""
    return {key: value for key, value in document(crm).items() if key not in {"reminders", "deliveries"}}


def test_what_is_kept_goes_on_as_if_nothing_had_been_pruned(world, crm, home):
    """Undo of what touched a pruned reminder, the document there and back, calendars, and ids to come."""
    said_and_done(world)
    world.task("Send the repo", TODAY)
    world.tick(MONDAY + 2 * DAY)
    crm("snooze", "r2", "in 3 days", now="2026-01-07T18:00:00Z")
    crm("done", "t2", now="2026-01-07T19:00:00Z")
    world.tick(MONDAY + 3 * DAY)
    before, whole = untold(crm), crm("export", "json").out
    crm("calendar", "export")
    calendars = {path.name: path.read_bytes() for path in (home / "calendars").iterdir()}
    assert prune(world, MONDAY + LONG)
    assert counts(world) == (0, 0, 0)
    crm("calendar", "export")
    assert {path.name: path.read_bytes() for path in (home / "calendars").iterdir()} == calendars
    assert untold(crm) == before
    (home / "old.json").write_text(whole)
    crm("import", str(home / "old.json"))
    assert untold(crm) == before
    assert prune(world, MONDAY + LONG)
    crm("undo")
    crm("undo")
    crm("undo")
    world.tick(MONDAY + LONG)
    assert [each.ref for each in world.reminders()] == ["r5"]


def test_a_document_of_what_was_pruned_brings_the_history_back_and_nothing_is_said(world, crm, home):
    """Importing an older document is no reason to say anything again."""
    said_and_done(world)
    (home / "old.json").write_text(crm("export", "json").out)
    prune(world, MONDAY + LONG)
    crm("import", str(home / "old.json"))
    assert counts(world) == (1, 1, 1)
    world.tick(MONDAY + LONG)
    assert len(world.console.sent) == 1
