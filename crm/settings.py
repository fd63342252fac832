"""Where things lie and what the person configured: one table of settings, each with its default and meaning."""

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crm.cadence import parse_cadence
from crm.date_words import WEEKDAYS
from crm.errors import BadValueError, ConfigurationError

APP = "networking-crm"


@dataclass(frozen=True, slots=True)
class Spec:
    """One setting: its dotted name in config.toml, default, meaning, and how a value is checked."""

    name: str
    default: Any
    meaning: str
    check: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Value:
    """A setting's value and where it came from: a variable, config.toml, the system, or `default`."""

    value: Any
    origin: str


def zone(name: object) -> str:
    """The IANA zone's name; raises BadValueError for an unknown one."""
    try:
        return ZoneInfo(str(name)).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadValueError(
            f"{name!s:.60} is no time zone; write one like Europe/Berlin or America/Los_Angeles"
        ) from error


def _weekday(value: object) -> str:
    if value not in WEEKDAYS:
        raise BadValueError(f"{value!s:.60} is no weekday; write monday ... sunday")
    return str(value)


def _clock_time(value: object) -> str:
    try:
        return time.fromisoformat(str(value)).strftime("%H:%M")
    except ValueError as error:
        raise BadValueError(f"{value!s:.60} is no time of day; write one like 08:00") from error


def _number(low: int, high: int) -> Callable[[object], int]:
    def check(value: object) -> int:
        try:
            number = int(str(value))
        except ValueError:
            number = low - 1
        if not low <= number <= high:
            raise BadValueError(f"{value!s:.60} is out of range; write a whole number from {low} to {high}")
        return number

    return check


def _flag(value: object) -> bool:
    said = str(value).lower()
    if said not in {"true", "false"}:
        raise BadValueError(f"{value!s:.60} is neither true nor false")
    return said == "true"


def _cadence(value: object) -> str:
    parse_cadence(str(value))
    return str(value)


def _words(value: object) -> list[str]:
    words = value.split(",") if isinstance(value, str) else value
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise BadValueError(f"{value!s:.60} is no list of names; write them with commas between")
    return [word.strip() for word in words if word.strip()]


SPECS = (
    Spec("timezone", None, "IANA zone of the person; empty takes the system's", zone),
    Spec("week_starts_on", "monday", "first day of the week, for hours and commitments", _weekday),
    Spec("reminders.at", "08:00", "local time of day at which a day's reminders fall due", _clock_time),
    Spec("reminders.review_lead_days", 3, "days before a review at which it is announced", _number(0, 30)),
    Spec("reminders.catch_up_days", 7, "how far back repeating reminders are made up for", _number(0, 60)),
    Spec("reminders.tick_seconds", 30, "how often the daemon looks for what is due", _number(5, 3600)),
    Spec("reminders.channels", ["console"], "channels of `crm reminder tick`", _words),
    Spec("daemon.channels", ["file"], "channels of `crm daemon run`", _words),
    Spec("outreach.follow_up_days", 14, "days after which an unanswered message is asked about", _number(1, 365)),
    Spec(
        "outreach.cadence", "4w..6w", "how often to stay in touch, unless tier, tag or person say otherwise", _cadence
    ),
    Spec("outreach.cadence_inner", "2w..4w", "how often to stay in touch with people of tier inner", _cadence),
    Spec("outreach.cadence_occasional", "8w..13w", "how often to stay in touch with tier occasional", _cadence),
    Spec(
        "outreach.weekly_budget",
        5,
        "how many people to write to in a week before `next` calls it enough",
        _number(1, 100),
    ),
    Spec("outreach.dormant_after", 2, "unanswered messages after which somebody is left alone", _number(1, 10)),
    Spec("calendar.alarms", True, "whether calendar entries carry alarms", _flag),
)
BY_NAME = {spec.name: spec for spec in SPECS}


@dataclass(frozen=True, slots=True)
class Paths:
    """The folders and files of one person. Folders are made 0700 and files 0600."""

    config: Path
    data: Path

    @property
    def config_file(self) -> Path:
        """config.toml."""
        return self.config / "config.toml"

    @property
    def database(self) -> Path:
        """crm.db."""
        return self.data / "crm.db"

    @property
    def backups(self) -> Path:
        """The folder of backups."""
        return self.data / "backups"

    @property
    def calendars(self) -> Path:
        """The folder of .ics files."""
        return self.data / "calendars"

    @property
    def reminders_file(self) -> Path:
        """Where the file channel writes."""
        return self.data / "reminders.log"

    @property
    def daemon_lock(self) -> Path:
        """Held by the running daemon."""
        return self.data / "crm.db.daemon.lock"


def find_paths(environ: Mapping[str, str]) -> Paths:
    """CRM_HOME when set, else the platform's own folders."""
    home = environ.get("CRM_HOME")
    if home:
        folder = Path(home).expanduser().absolute()
        return Paths(folder, folder)
    import platformdirs  # noqa: PLC0415 - not needed where CRM_HOME is set

    return Paths(platformdirs.user_config_path(APP), platformdirs.user_data_path(APP))


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting's value with its origin, the paths, and the database's URL; `fault` says what config.toml lacks."""

    paths: Paths
    values: Mapping[str, Value]
    database_url: Value
    fault: str = ""

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - a setting is of any type
        """The value of a setting by its dotted name."""
        return self.values[name].value

    @property
    def tz(self) -> ZoneInfo:
        """The person's zone."""
        return ZoneInfo(self["timezone"])


def load(environ: Mapping[str, str] | None = None, *, lenient: bool = False) -> Settings:
    """Read variables and config.toml; a `lenient` reading goes on with the defaults and keeps the fault.

    Raises:
        ConfigurationError: config.toml is no TOML, has an unknown key, or a value out of range.
        BadValueError: CRM_TIMEZONE is no zone.
    """
    environ = os.environ if environ is None else environ
    paths = find_paths(environ)
    fault = ""
    try:
        values = _written(paths.config_file)
    except ConfigurationError as error:
        if not lenient:
            raise
        values, fault = {spec.name: Value(spec.default, "default") for spec in SPECS}, error.message
    values["timezone"] = _timezone(environ, values["timezone"])
    return Settings(paths, values, _database_url(environ, paths), fault)


def _written(file: Path) -> dict[str, Value]:
    written = flatten(read_toml(file))
    for name in written:
        check_name(name, f"{file}: ")
    return {spec.name: _value(spec, written, file) for spec in SPECS}


def _value(spec: Spec, written: Mapping[str, Any], file: Path) -> Value:
    if spec.name not in written:
        return Value(spec.default, "default")
    try:
        return Value(spec.check(written[spec.name]), "config.toml")
    except BadValueError as error:
        raise ConfigurationError(f"{file}: {spec.name}: {error.message}") from error


def _timezone(environ: Mapping[str, str], configured: Value) -> Value:
    if environ.get("CRM_TIMEZONE"):
        try:
            return Value(zone(environ["CRM_TIMEZONE"]), "CRM_TIMEZONE")
        except BadValueError as error:
            raise BadValueError(f"CRM_TIMEZONE: {error.message}") from error
    if configured.value:
        return configured
    import tzlocal  # noqa: PLC0415 - not needed where the zone is configured

    try:
        return Value(zone(tzlocal.get_localzone_name()), "system")
    except (BadValueError, ZoneInfoNotFoundError):
        return Value("UTC", "default")


def _database_url(environ: Mapping[str, str], paths: Paths) -> Value:
    url = environ.get("CRM_DATABASE_URL")
    return Value(url, "CRM_DATABASE_URL") if url else Value(f"sqlite:///{paths.database}", "default")


def read_toml(file: Path) -> dict[str, Any]:
    """The content of config.toml; empty when there is none."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} cannot be read as TOML: {error}; mend it or move it away") from error
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read: {error.strerror}") from error


def flatten(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested tables as dotted names."""
    flat: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def check_name(name: str, where: str = "") -> Spec:
    """The setting's spec; an unknown name raises ConfigurationError naming the nearest known one."""
    if name in BY_NAME:
        return BY_NAME[name]
    near = get_close_matches(name, BY_NAME, n=1, cutoff=0)
    raise ConfigurationError(f"{where}there is no setting {name!r}; did you mean {near[0]!r}? See: crm config show")
