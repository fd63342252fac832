"""`crm calendar url` and `rotate`: the secret addresses of the calendars."""

import pytest
import typer
from rich.console import Console

from calendars import feeds
from calendars.server import tokens
from crm.commands import calendar_address

LOCAL = "http://127.0.0.1:8765/calendars/"


def test_the_address_of_a_calendar(crm, home):
    """It holds the calendar's token, and comes in the form for programs that know webcal only, too."""
    told = crm("calendar", "url", "follow-ups", "--json").json
    token = tokens.load(home).token("follow-ups")
    assert told == {
        "name": "follow-ups",
        "url": f"{LOCAL}{token}/follow-ups.ics",
        "webcal": f"webcal://127.0.0.1:8765/calendars/{token}/follow-ups.ics",
    }
    out = crm("calendar", "url", "follow-ups").out
    assert f"  {told['url']}\n  {told['webcal']}\n" in out
    assert "crm calendar rotate follow-ups" in out
    assert "crm serve" in out
    assert crm("calendar", "url", "follow-ups", "--json").json == told


def test_without_a_name_it_is_that_of_all(crm):
    """One calendar holds the others."""
    assert crm("calendar", "url", "--json").json["name"] == "all"


def test_an_unknown_calendar(crm):
    """The known ones are listed; nothing is made."""
    assert crm("calendar", "url", "birthdays", "--json", code=3).error["candidates"] == feeds.names()
    assert crm("calendar", "rotate", "birthdays", "--yes", code=3)


def test_the_address_that_others_reach(crm, home):
    """Set once, it stands in every address, and nothing says that only this machine is answered."""
    (home / "config.toml").write_text('[serve]\naddress = "https://laptop.example.org/crm/"\n')
    told = crm("calendar", "url", "--json").json
    assert told["url"].startswith("https://laptop.example.org/crm/calendars/")
    assert told["webcal"].startswith("webcal://laptop.example.org/crm/calendars/")
    assert "a phone needs" not in crm("calendar", "url").out


def test_the_port_that_was_set(crm, home):
    """`serve.port` is the one that crm serve listens at, too."""
    (home / "config.toml").write_text("[serve]\nport = 9000\n")
    assert crm("calendar", "url", "--json").json["url"].startswith("http://127.0.0.1:9000/")


def test_one_address_is_changed(crm):
    """The others stay; the new one is told to scripts and named to people."""
    before = {name: crm("calendar", "url", name, "--json").json["url"] for name in feeds.names()}
    (changed,) = crm("calendar", "rotate", "chats", "--yes", "--json").json["items"]
    after = {name: crm("calendar", "url", name, "--json").json["url"] for name in feeds.names()}
    assert {name for name in after if after[name] != before[name]} == {"chats"}
    assert after["chats"] == changed["url"]
    assert "crm calendar url chats" in crm("calendar", "rotate", "chats", "--yes").out


def test_every_address_is_changed(crm):
    """All at once, with a new secret."""
    before = {name: crm("calendar", "url", name, "--json").json["url"] for name in feeds.names()}
    items = crm("calendar", "rotate", "--yes", "--json").json["items"]
    assert [each["name"] for each in items] == feeds.names()
    assert not {each["url"] for each in items} & set(before.values())


def test_a_person_is_asked_before_an_address_is_changed(crm, monkeypatch):
    """On a terminal; a no leaves it as it is."""

    def no(question, **_options):
        assert "subscribe anew" in question
        raise typer.Abort

    before = crm("calendar", "url", "--json").json
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr(typer, "confirm", no)
    crm("calendar", "rotate", code=130)
    assert crm("calendar", "url", "--json").json == before


def test_a_damaged_secret_is_named(crm, home):
    """With the way to new addresses; to change them all is one."""
    (home / tokens.FILE_NAME).write_text("{}")
    assert "remove it" in crm("calendar", "url", code=78).err
    crm("calendar", "rotate", "--yes")
    crm("calendar", "url")


@pytest.mark.parametrize("columns", [80, 120])
def test_the_qr_code_fits(columns):
    """On a terminal of 80 columns it is whole: square, in half blocks, with a border."""
    address = f"webcal://laptop.tailnet-name.ts.net/calendars/{'x' * 43}/commitments.ics"
    lines = calendar_address._qr(address).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert len(lines[0]) <= columns
    assert set("".join(lines)) <= set(" \u2580\u2584\u2588")
    assert len(lines[0]) / 2 == pytest.approx(len(lines), abs=1)


def test_a_terminal_shows_the_qr_code(crm, monkeypatch):
    """A pipe does not."""
    assert "\u2588" not in crm("calendar", "url").out
    monkeypatch.setattr(Console, "is_terminal", property(lambda _self: True))
    assert "\u2588" in crm("calendar", "url").out
