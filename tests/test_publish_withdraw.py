"""`crm calendar withdraw`: what was pushed is taken back, from an old address too, and nothing else is touched."""

import os
import signal
import subprocess
import sys
from datetime import date

import pytest
from database_support import engine_of, of_sqlite
from dav_support import dav
from publish_support import FOREIGN, Collection, configure, counts
from radicale_support import radicale
from reminder_support import MONDAY

from crm import models as m
from crm.store import published, records
from crm.store.engine import reading, writing


@pytest.fixture
def old():
    """The server that is pushed to first."""
    with dav() as running:
        yield running


@pytest.fixture
def new():
    """The server that is pushed to later."""
    with dav() as running:
        yield running


@pytest.fixture
def moved(crm, home, old, new):
    """Three reviews were pushed to the old address, then the new one was configured."""
    add(home, 3)
    configure(home, old.url, user="")
    crm("calendar", "publish")
    configure(home, new.url, user="")


def add(home, number):
    with writing(engine_of(home), now=MONDAY, name="test") as session:
        for each in range(number):
            records.add(session, m.Review(name=f"Week {each + 1}", due_on=date(2026, 1, 19)))


def standing(home):
    with reading(engine_of(home)) as session:
        return {each.place: each.count for each in published.places(session)}


def test_what_stands_at_an_old_address_is_told_and_taken_back(crm, home, old, new, moved):
    """A push to the new one names the old one; it is listed; then it is empty there, and nobody speaks of it again."""
    old.held["dentist.ics"] = FOREIGN % b"theirs"
    result = crm("calendar", "publish", "--json")
    assert [(each["place"], each["count"]) for each in result.json["left_behind"]] == [(old.url, 3)]
    assert f"crm calendar withdraw {old.url}" in result.err
    listed = crm("calendar", "withdraw", "--json").json["items"]
    assert {each["place"]: (each["count"], each["configured"]) for each in listed} == {
        old.url: (3, False),
        new.url: (3, True),
    }
    (item,) = crm("calendar", "withdraw", old.url.rstrip("/"), "--yes", "--json").json["items"]
    assert (item["removed"], item["left"], item["problems"], item["error"]) == (3, 0, [], "")
    assert set(old.held) == {"dentist.ics"}
    assert len(new.held) == 3
    result = crm("calendar", "publish", "--json")
    assert (counts(result), result.json["left_behind"], result.err) == ({"unchanged": 3}, [], "")


def test_it_is_asked_first(crm, home, old, moved):
    """Where nobody can be asked, --yes is wanted; a dry run only counts."""
    assert "--yes" in crm("calendar", "withdraw", old.url, code=5).err
    assert crm("calendar", "withdraw", old.url, "--dry-run", "--json").json["items"][0]["removed"] == 3
    assert len(old.held) == 3
    assert standing(home) == {old.url: 3}


def test_what_somebody_changed_there_is_left_unless_anyway(crm, home, old, moved):
    """It is told, and stays known until it is said what is to become of it."""
    name = min(old.held)
    old.held[name] = old.held[name].replace(b"END:VEVENT", b"X-NOTE:mine\r\nEND:VEVENT")
    result = crm("calendar", "withdraw", "--all", "--yes", "--json")
    (item,) = result.json["items"]
    assert (item["removed"], item["left"], set(old.held)) == (2, 1, {name})
    assert "was changed there" in item["problems"][0]
    assert "--anyway" in result.err
    crm("calendar", "withdraw", old.url, "--anyway", "--yes")
    assert old.held == {}
    assert standing(home) == {}


def test_what_lies_there_under_one_of_our_names_and_is_not_ours_stays(crm, old, moved):
    """Even with --anyway: it was not made by this program."""
    name = min(old.held)
    old.held[name] = FOREIGN % b"theirs"
    crm("calendar", "withdraw", "--all", "--anyway", "--yes")
    assert old.held == {name: FOREIGN % b"theirs"}


def test_a_place_that_is_gone_is_forgotten_when_it_is_said(crm, home, old, moved):
    """While it cannot be reached nothing is forgotten by itself, and the way out is named."""
    old.fails = lambda _method, _name: 404
    assert "--forget" in crm("calendar", "withdraw", old.url, "--yes", code=1).err
    assert standing(home) == {old.url: 3}
    crm("calendar", "withdraw", old.url, "--forget", "--yes")
    assert standing(home) == {}
    assert "nothing of yours" in crm("calendar", "withdraw", old.url, "--yes", code=3).err
    assert "Nothing of yours" in crm("calendar", "withdraw").out


def test_a_password_goes_to_no_other_server_than_its_own(crm, home, old, moved):
    """The configured one belongs to the new address; at the old one somebody has to say who they are."""
    configure(home, "https://new.example.org/cal/")
    seen = []
    answer = old.answer

    def asking(method, name, body, headers):
        seen.append(headers.get("Authorization"))
        return (
            (401, b"", {"WWW-Authenticate": 'Basic realm="x"'}) if not seen[-1] else answer(method, name, body, headers)
        )

    old.answer = asking
    assert "--user NAME" in crm("calendar", "withdraw", old.url, "--yes", code=1).err
    assert set(seen) == {None}
    crm("calendar", "withdraw", old.url, "--user", "jane", "--password-file", str(home / "password"), "--yes")
    assert old.held == {}


def test_one_password_is_shown_to_one_server(crm, home, old, new, moved):
    """With places at several servers --user is refused before anything is asked; it has to say whose password it is."""
    crm("calendar", "publish")
    old.asked.clear()
    new.asked.clear()
    login = ["--user", "jane", "--password-file", str(home / "password"), "--yes"]
    err = crm("calendar", "withdraw", "--all", *login, code=2).err
    assert all(each.url.removesuffix("/cal/") in err for each in (old, new))
    assert "crm calendar withdraw PLACE --user NAME" in err
    assert "--user NAME" in crm("calendar", "withdraw", old.url, *login[2:], code=2).err
    assert "--user NAME" in crm("calendar", "withdraw", *login[2:], code=2).err
    assert old.asked == new.asked == []
    crm("calendar", "withdraw", old.url, *login)
    crm("calendar", "withdraw", "--all", *login)
    assert standing(home) == {}


def test_what_would_be_forgotten_is_said_and_no_server_asked(crm, home, old, moved):
    """Also where the place is gone, which is what --forget is for; nothing is forgotten by it."""
    old.asked.clear()
    old.fails = lambda _method, _name: 404
    out = crm("calendar", "withdraw", old.url, "--forget", "--dry-run").out
    assert f"To forget, and leave there: 3 entries at {old.url}" in " ".join(out.split())
    told = crm("calendar", "withdraw", old.url, "--forget", "--dry-run", "--json").json
    assert (told["dry_run"], told["items"][0]["removed"], told["items"][0]["left"]) == (True, 0, 3)
    assert (standing(home)[old.url], old.asked) == (3, [])


@pytest.mark.parametrize("typed", ["", "/"])
def test_a_caldav_address_may_end_as_a_file_does(crm, home, old, monkeypatch, typed):
    """A calendar at .../work.ics is pushed to, and not told as one where nothing is pushed any more."""
    monkeypatch.setattr(type(old), "url", property(lambda each: f"http://127.0.0.1:{each.port}/cal/work.ics"))
    monkeypatch.setattr(old, "_listed", lambda listed=old._listed: listed().replace(b">/cal/<", b">/cal/work.ics/<"))
    answer = old.answer
    old.answer = lambda method, name, *rest: answer(method, name.removeprefix("work.ics/"), *rest)
    add(home, 2)
    configure(home, old.url + typed, user="")
    result = crm("calendar", "publish", "--json")
    assert (counts(result), result.json["left_behind"], result.err) == ({"written": 2}, [], "")
    assert crm("calendar", "withdraw", "--json").json["items"][0]["configured"]
    assert 'crm config set calendar.publish.url ""' in crm("calendar", "withdraw", old.url + typed, "--yes").err
    assert (old.held, standing(home)) == ({}, {})


KILLED = """
import os, signal, sys
from calendars.remote import dav
ask, gone = dav._Dav._ask, []
def dying(self, method, *arguments, **named):
    answer = ask(self, method, *arguments, **named)
    if method == "DELETE":
        gone.append(method)
    if len(gone) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return answer
dav._Dav._ask = dying
from crm.cli import main
sys.argv[1:] = ["calendar", "withdraw", "--all", "--yes"]
main()
"""


def test_one_that_is_killed_is_gone_on_with_at_a_real_server(crm, home, tmp_path):
    """SIGKILL when two are gone: the next one takes the rest, what others put there stays, and all is forgotten."""
    add(home, 3)
    with radicale(tmp_path) as server:
        place = Collection(server)
        place.ask("PUT", "dentist.ics", FOREIGN % b"theirs")
        configure(home, place.url)
        crm("calendar", "publish")
        assert subprocess.run([sys.executable, "-c", KILLED], check=False).returncode == -signal.SIGKILL
        assert len(place.names()) == 2
        assert "still configured" in crm("calendar", "withdraw", "--all", "--yes").err
        assert place.names() == {"dentist.ics"}
    assert standing(home) == {}


def test_files_are_taken_back_too(crm, home, old, tmp_path):
    """From a synced folder, and from a web host; a folder that is not there is told."""
    add(home, 1)
    folder = tmp_path / "synced"
    folder.mkdir()
    (folder / "holidays.ics").write_bytes(FOREIGN % b"theirs")
    configure(home, old.url, user="", kind="webdav", folder=str(folder), feeds=["all", "reviews"])
    crm("calendar", "publish")
    assert standing(home) == {str(folder): 2, old.url: 2}
    crm("calendar", "withdraw", "--all", "--yes")
    assert [each.name for each in folder.iterdir()] == ["holidays.ics"]
    assert old.held == {}
    crm("calendar", "publish")
    os.rename(folder, tmp_path / "unplugged")  # noqa: PTH104 - as in a shell
    assert "is not there" in crm("calendar", "withdraw", str(folder), "--yes", code=1).err


def test_a_file_that_changes_its_name_leaves_none_behind(crm, home, old):
    """The address names another file, or the same file another calendar: the place holds that one file."""
    add(home, 1)
    for name, feed in (("a.ics", "all"), ("b.ics", "all"), ("b.ics", "reviews")):
        configure(home, old.url + name, user="", kind="webdav", feeds=[feed])
        crm("calendar", "publish")
        assert set(old.held) == {name}
        assert set(counts(crm("calendar", "publish", "--json"))) == {"unchanged"}


# Two databases, and servers that tell little


@of_sqlite
def test_two_homes_do_not_overwrite_each_others_file(crm, home, tmp_path, move):
    """The second is refused with the way out; where its database knew all that stands there, it is not."""
    add(home, 1)
    folder = tmp_path / "synced"
    folder.mkdir()
    configure(home, "", folder=str(folder))
    crm("calendar", "publish")
    theirs = (folder / "all.ics").read_bytes()
    move("other")
    other = home.with_name("other")
    crm("init", "--empty")
    configure(other, "", folder=str(folder))
    crm("task", "add", "Write to Kim", "--kind", "promise", "--due", "2026-01-09")
    for more in (["--dry-run"], []):
        err = crm("calendar", "publish", *more, code=1).err
        assert "another database" in err
        assert "remove all.ics there" in err
    assert (folder / "all.ics").read_bytes() == theirs
    (folder / "all.ics").unlink()
    crm("calendar", "publish")
    move(home.name)
    crm("task", "add", "Write to Lee", "--kind", "promise", "--due", "2026-01-09")
    assert "another database" in crm("calendar", "publish", code=1).err
    crm("calendar", "withdraw", "--all", "--anyway", "--yes")
    assert (folder / "all.ics").exists()


@of_sqlite
def test_after_a_restore_ones_own_files_are_ones_own(crm, home, tmp_path):
    """Though they tell of what was made after the backup."""
    add(home, 1)
    folder = tmp_path / "synced"
    folder.mkdir()
    configure(home, "", folder=str(folder))
    crm("calendar", "publish")
    crm("backup")
    (backup,) = (each for each in (home / "backups").iterdir() if each.suffix != ".sha256")
    crm("task", "add", "Write to Kim", "--kind", "promise", "--due", "2026-01-09")
    crm("calendar", "publish")
    crm("restore", str(backup), "--yes")
    assert crm("calendar", "publish", "--json").json["items"][0]["error"] == ""
    crm("calendar", "withdraw", str(folder), "--yes")
    assert not list(folder.iterdir())


@of_sqlite
def test_two_homes_share_a_caldav_calendar(crm, home, old, move):
    """Their entries have names of their own, so each sees only what is its own."""
    add(home, 2)
    configure(home, old.url, user="")
    crm("calendar", "publish")
    move("other")
    crm("init", "--empty")
    configure(home.with_name("other"), old.url, user="")
    crm("task", "add", "Write to Kim", "--kind", "promise", "--due", "2026-01-09")
    assert counts(crm("calendar", "publish", "--json"))["written"] == len(old.held) - 2
    crm("calendar", "withdraw", "--all", "--yes")
    assert len(old.held) == 2


@pytest.mark.parametrize("tag", ["W/{}", "{:.0}"])
def test_where_no_tag_can_be_relied_on_a_change_there_is_told(crm, home, old, tag):
    """Weak entity tags or none: what is to be changed is read first, and nothing more is."""
    add(home, 3)
    configure(home, old.url, user="")
    weak = {}
    strong = old.etag
    old.etag = lambda name: tag.format(weak.setdefault(name, '"1"')) if strong(name) else None
    assert counts(crm("calendar", "publish", "--json")) == {"written": 3}
    with writing(engine_of(home), now=MONDAY, name="test") as session:
        for each in records.every(session, m.Review)[:2]:
            each.due_on = date(2026, 1, 20)
            name = f"{each.uid}-review@networking-crm.ics"
    old.held[name] = old.held[name].replace(b"END:VEVENT", b"X-NOTE:1\r\nEND:VEVENT")
    old.asked.clear()
    assert counts(crm("calendar", "publish", "--json")) == {"written": 2, "put_back": 1, "unchanged": 1}
    assert [method for method, _ in old.asked].count("GET") == 2
    assert counts(crm("calendar", "publish", "--json")) == {"unchanged": 3}
