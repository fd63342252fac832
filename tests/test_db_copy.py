"""`crm db copy`: everything goes over, from SQLite to PostgreSQL and back, or nothing does."""

import os
import re
import subprocess
import sys
from itertools import count

import pytest
from database_support import copy
from filelock import FileLock
from plan_support import document
from postgres_support import BLANK

from crm.store import copying
from crm.store.engine import make_engine, reading

BOOK = "\n".join(
    ["First Name,Last Name,URL,Email Address,Company,Position,Connected On"]
    + [
        f"Ada{n},Lind,https://www.linkedin.com/in/ada{n},ada{n}@example.org,Acme,Engineer,05 Jan 2026"
        for n in range(30)
    ]
)


@pytest.fixture
def furnished(crm, tmp_path):
    """A home with something in most tables, private notes, things removed, and reminders that were sent."""
    (tmp_path / "Connections.csv").write_text(BOOK, encoding="utf-8")
    crm("import", str(tmp_path / "Connections.csv"))
    crm("contact", "add", "Zoë 😀 Roe", "--private-note", "likes tulips", "--tag", "lab", "--alias", "Zo")
    crm("contact", "add", "Gone Person")
    crm("contact", "remove", "Gone Person", "--yes")
    crm("plan", "begin")
    crm("plan", "start", "2026-01-05")
    crm("hours", "add", "Meeting people", "--role", "networking")
    crm("log-contact", "zoë", "--kind", "call", "--duration", "30m", "--note", "n", "--promise", "send it by today")
    crm("question", "add", "Why?", "--for", "@lab")
    crm("reminder", "tick", now="2026-01-05T18:00:00Z")
    crm("organization", "edit", "Acme", "--alias", "ACME Inc.")
    return crm


@pytest.fixture
def there(postgres, tmp_path):
    """A function that gives the URL of a new, empty database of either kind, without tables yet."""

    numbers = count()

    def make(kind):
        return (
            copy(postgres.url(BLANK), tmp_path)
            if kind == "postgresql"
            else f"sqlite:///{tmp_path}/{next(numbers)}/crm.db"
        )

    return make


def everything(crm):
    """The document with its private notes and revisions, and the history."""
    told = crm("export", "json", "--include-private").json
    del told["exported_at"]
    return told, crm("history", "-n", "100", "--json").json


@pytest.mark.parametrize("first", ["sqlite", "postgresql"])
@pytest.mark.parametrize("second", ["sqlite", "postgresql"])
def test_nothing_is_lost_on_the_way(furnished, there, monkeypatch, first, second):
    """There and on to another: the same document, history, ids to come, and undo; search finds as before."""
    before = everything(furnished)
    for kind in (first, second):
        url = there(kind)
        told = furnished("db", "copy", url, "--json").json
        assert told["tables"]["contact"] == len(before[0]["contacts"])
        assert told["rows"] == sum(told["tables"].values())
        monkeypatch.setenv("CRM_DATABASE_URL", url)
        assert everything(furnished) == before
        furnished("db", "check")
    assert [each["title"] for each in furnished("find", "tulips", "--include-private", "--json").json["items"]] == [
        "Zoë 😀 Roe"
    ]
    added = furnished("contact", "add", "Kim Lee", "--json").json
    assert added["ref"] == "c33"  # of c32 there is only a tombstone
    furnished("undo")
    was = document(furnished)
    furnished("undo")
    assert document(furnished) != was
    assert furnished("reminder", "tick", "--json", now="2026-01-05T18:01:00Z").json["deliveries"] == []


def test_a_database_that_holds_something_is_refused(furnished, there, monkeypatch):
    """Exit 5, and it stays as it was."""
    url = there("postgresql")
    with monkeypatch.context() as other:
        other.setenv("CRM_DATABASE_URL", url)
        furnished("init", "--empty")
        furnished("tag", "add", "mine")
        before = everything(furnished)
    assert "holds something already" in furnished("db", "copy", url, code=5).err
    monkeypatch.setenv("CRM_DATABASE_URL", url)
    assert everything(furnished) == before


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_database_of_another_version_is_refused(furnished, there, monkeypatch, kind):
    """Exit 78, both revisions named, and nothing is upgraded unasked."""
    url = there(kind)
    with monkeypatch.context() as other:
        other.setenv("CRM_DATABASE_URL", url)
        furnished("init", "--empty")
    with make_engine(url).begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0003'")
    assert re.search(r"revision 0003, this program at \d+", furnished("db", "copy", url, code=78).err)
    with make_engine(url).connect() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == "0003"


def test_what_does_not_arrive_whole_is_taken_back(furnished, there, monkeypatch):
    """One value that differs: exit 1, and the other database is as empty as it was."""
    url = there("postgresql")

    monkeypatch.setattr(copying, "digest_of", lambda _session: "another")
    assert "differs" in furnished("db", "copy", url, code=1).err
    with reading(make_engine(url)) as session:
        assert set(copying.counts(session).values()) == {0}


def test_a_wrong_address_changes_nothing_and_is_told(furnished):
    """No address, no server: the codes of every command, and the password is not repeated."""
    assert "no address" in furnished("db", "copy", "nonsense", code=78).err
    down = furnished("db", "copy", "postgresql://me:hunter2@127.0.0.1:1/crm", code=75).err
    assert "cannot be reached" in down
    assert "hunter2" not in down


def test_while_the_daemon_runs_nothing_is_copied(furnished, there, home):
    """Two daemons on two copies would say everything twice: exit 75."""
    with FileLock(home / "crm.db.daemon.lock"):
        assert "stop it first" in furnished("db", "copy", there("sqlite"), code=75).err


def test_on_a_terminal_it_says_how_to_go_on(furnished, there):
    """How much was copied, that both hold the same, and the variable that switches over, without the password."""
    out = furnished("db", "copy", there("postgresql")).out
    assert re.search(r"Copied \d+ rows in \d+ tables", out)
    assert "CRM_DATABASE_URL" in out


def test_a_bar_is_shown_on_a_terminal(furnished, there):
    """On a terminal the rows done are counted."""
    main, other = os.openpty()
    command = [sys.executable, "-m", "crm", "db", "copy", there("sqlite")]
    subprocess.run(command, stderr=other, stdout=subprocess.PIPE, check=True, env={**os.environ, "TERM": "xterm"})
    os.close(other)
    assert re.search(rb"[\d,]+ rows", os.read(main, 100_000))
    os.close(main)
