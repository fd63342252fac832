"""Settings: each has an origin, a wrong one is named with its remedy, and config.toml keeps its comments."""

import stat

import pytest

from crm import setting_specs


def test_every_setting_is_shown_with_value_origin_and_meaning(crm):
    """`config show` lists all settings; what nobody set comes from `default`."""
    items = {each["name"]: each for each in crm("config", "show", "--json").json["items"]}
    assert set(setting_specs.BY_NAME) <= set(items)
    assert items["reminders.at"]["value"] == "08:00"
    assert items["reminders.at"]["origin"] == "default"
    assert items["timezone"]["origin"] == "CRM_TIMEZONE"


def test_a_setting_is_changed_and_comments_stay(crm, home):
    """`config set` writes one value into config.toml and leaves the rest as it was."""
    file = home / "config.toml"
    file.write_text('# mine\n[reminders]\nat = "06:00" # early\n', encoding="utf-8")
    crm("config", "set", "rules.review.lead_days", "5")
    written = file.read_text(encoding="utf-8")
    assert "# mine" in written
    assert "# early" in written
    items = {each["name"]: each for each in crm("config", "show", "--json").json["items"]}
    assert items["rules.review.lead_days"]["value"] == 5
    assert items["reminders.at"] | {"meaning": ""} == {
        "name": "reminders.at",
        "value": "06:00",
        "origin": "config.toml",
        "meaning": "",
    }
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("name", "value", "code", "said"),
    [
        ("reminders.att", "08:00", 2, "reminders.at"),
        ("reminders.at", "25:00", 2, "08:00"),
        ("timezone", "Mars/Olympus", 2, "Europe/Berlin"),
        ("timezone", "../../etc/passwd", 2, "Europe/Berlin"),
        ("reminders.tick_seconds", "1", 2, "5 to 3600"),
        ("week_starts_on", "someday", 2, "monday"),
        ("reminders.quiet_hours", "22:00", 2, "22:00-07:00"),
        ("reminders.quiet_hours", "07:00-07:00", 2, "22:00-07:00"),
        ("reminders.working_days", "monday,funday", 2, "funday"),
        ("reminders.working_days", "", 2, "at least one"),
        ("daemon.channels", "file,pigeon", 2, "ntfy"),
        ("reminders.fallback", "pigeon", 2, "ntfy"),
        ("calendar.publish.folder", "synced", 2, "begin it with / or ~"),
        ("email.password_file", "~nobody-is-called-so/x", 2, "does not know"),
        ("calendar.follow-ups.detail", "busy", 2, "calendar.follow_ups.detail"),
    ],
)
def test_a_bad_setting_is_refused_and_nothing_changes(crm, home, name, value, code, said):
    """A wrong name or value ends with its exit code, a remedy, and no config.toml."""
    assert said in crm("config", "set", name, value, code=code).err
    assert not (home / "config.toml").exists()


def test_a_home_folder_of_nobody_s_is_refused(crm, monkeypatch):
    """Where a path is typed, and in a variable."""
    assert "does not know" in crm("calendar", "export", "~nobody-is-called-so/x", code=2).err
    monkeypatch.setenv("CRM_HOME", "~nobody-is-called-so/x")
    assert "does not know" in crm("today", code=2).err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("calendar.publish.folder = '~nobody-is-called-so'", "does not know"),
        ("timezon = 'Europe/Berlin'", "did you mean 'timezone'"),
        ("[reminders]\nat = 'noonish'", "reminders.at"),
        ("= broken", "TOML"),
        ("timezone = 'Europe/Berlin'\ntimezone = 'UTC'", "TOML"),
    ],
)
def test_a_wrong_config_file_is_a_configuration_error(crm, home, content, said):
    """A config.toml that cannot be used ends every command with 78 and says where."""
    (home / "config.toml").write_text(content, encoding="utf-8")
    failed = crm("history", code=78)
    assert said in failed.err
    assert "config.toml" in failed.err


def test_a_password_in_the_database_url_is_never_shown(crm, monkeypatch):
    """The URL's password is hidden in `config show`."""
    monkeypatch.setenv("CRM_DATABASE_URL", "postgresql+psycopg://me:hunter2@localhost/crm")
    shown = crm("config", "show")
    assert "hunter2" not in shown.out + shown.err
    assert "localhost" in shown.out


@pytest.mark.parametrize("value", ["yesterday", "2026-01-05", "2026-01-05T10:00:00", "9999-12-31T23:59:00-10:00"])
def test_a_clock_that_cannot_be_frozen_so_is_refused(crm, value):
    """CRM_NOW takes an instant with its offset and nothing else."""
    assert "CRM_NOW" in crm("history", code=2, now=value).err


def test_a_wrong_config_file_can_be_examined_and_mended(crm, home):
    """With a value out of range `doctor` still examines everything and names it, and `config set` mends it."""
    (home / "config.toml").write_text("[reminders]\nat = 'noonish'\n", encoding="utf-8")
    checks = {each["check"]: each for each in crm("doctor", "--json", code=1).json["items"]}
    assert checks["database"]["ok"]
    assert "reminders.at" in checks["config.toml"]["remedy"]
    crm("config", "set", "reminders.at", "07:30")
    crm("history")


def test_days_and_spans_are_kept_in_order(crm):
    """Weekdays are kept in the week's order, a span of the day without blanks, and nothing is said to be empty."""
    assert crm("config", "set", "reminders.working_days", "friday, monday", "--json").json["value"] == [
        "monday",
        "friday",
    ]
    assert crm("config", "set", "reminders.quiet_hours", "22:00 - 7:00", code=2).err
    assert crm("config", "set", "reminders.quiet_hours", "22:00 - 07:00", "--json").json["value"] == "22:00-07:00"
    assert "is now empty" in crm("config", "set", "reminders.quiet_hours", "").out


def test_a_channel_s_warning_comes_when_it_is_chosen(crm):
    """A topic on a public server is warned about when it is set, and when the channel is chosen."""
    assert "whoever knows" in crm("config", "set", "ntfy.topic", "plain").err
    assert "whoever knows" in crm("config", "set", "daemon.channels", "file,ntfy").err
    assert crm("config", "set", "ntfy.server", "https://ntfy.example.org").err == ""
