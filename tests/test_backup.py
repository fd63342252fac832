"""Backups are checked when written and when used; going back keeps what was there."""

import sqlite3
import stat

import pytest
from database_support import of_sqlite

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
