"""Where things lie and what the person configured: one table of settings, each with its default and meaning."""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crm.cadence import parse_cadence
from crm.date_words import WEEKDAYS
from crm.errors import BadValueError, ConfigurationError
from crm.secrets import Secret, refuse

APP = "networking-crm"
LONGEST_LINE = 500
_ADDRESS = re.compile(r"[^\s@<>,;:()\"\\]+@[^\s@<>,;:()\"\\]+")  # one bare address, which cannot become two in a header
_TOPIC = re.compile(r"[-_A-Za-z0-9]{0,64}", re.ASCII)
NO_FILE = "in no file; where keyring is installed, it is asked"
_URL = re.compile(r"https?://[^\s/@?#\\]+(/[^\s\\#]*)?", re.ASCII)


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


def _choice(*choices: str) -> Callable[[object], str]:
    def check(value: object) -> str:
        if value not in choices:
            raise BadValueError(f"{value!s:.60} is none of: {', '.join(choices)}")
        return str(value)

    return check


def _line(value: object) -> str:
    text = str(value).strip()
    if not text.isprintable() or len(text) > LONGEST_LINE:
        raise BadValueError(f"this is no line of at most {LONGEST_LINE} printable characters: {value!a:.60}")
    return text


def _address(value: object) -> str:
    text = _line(value)
    if text and not (text.isascii() and _ADDRESS.fullmatch(text)):
        raise BadValueError(f"{text:.60} is no e-mail address; write one like me@example.org")
    return text


def _url(value: object) -> str:
    text = _line(value)
    try:
        sound = not text or (_URL.fullmatch(text) is not None and urlsplit(text).port != 0)
    except ValueError:
        sound = False
    if not sound:
        raise BadValueError("this is no address like https://host/path, without a user or a password in it")
    return text


def _words(value: object) -> list[str]:
    words = value.split(",") if isinstance(value, str) else value
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise BadValueError(f"{value!s:.60} is no list of names; write them with commas between")
    return [word.strip() for word in words if word.strip()]


def _topic(value: object) -> str:
    text = str(value)
    if not _TOPIC.fullmatch(text):
        raise BadValueError(f"{text!a:.80} is no topic; write up to 64 letters, digits, - and _")
    return text


def _channel(name: str, detail: str, *, resends: bool = False) -> list[Spec]:
    """The settings that channels have in common."""
    details = "how much is said there: busy (how many), first-names, or full"
    unknown = "what to do when nobody knows whether it was accepted: resend it, or hold it for you to decide"
    asks = [Spec(f"{name}.on_unknown", "resend", unknown, _choice("resend", "hold"))] if resends else []
    return [Spec(f"{name}.detail", detail, details, _choice("busy", "first-names", "full")), *asks]


def _secret(name: str, meaning: str) -> list[Spec]:
    """A secret, which is never shown, and the file it stands in."""
    return [
        Spec(name, NO_FILE, f"{meaning}; never shown", refuse),
        Spec(f"{name}_file", "", f"the file that {name} stands in (or {Secret(name).variable})", _line),
    ]


SPECS = (
    Spec("timezone", None, "IANA zone of the person; empty takes the system's", zone),
    Spec("week_starts_on", "monday", "first day of the week, for hours and commitments", _weekday),
    Spec("reminders.at", "08:00", "local time of day at which a day's reminders fall due", _clock_time),
    Spec("reminders.review_lead_days", 3, "days before a review at which it is announced", _number(0, 30)),
    Spec("reminders.catch_up_days", 7, "how far back repeating reminders are made up for", _number(0, 60)),
    Spec("reminders.tick_seconds", 30, "how often the daemon looks for what is due", _number(5, 3600)),
    Spec("reminders.channels", ["console"], "channels of `crm reminder tick`", _words),
    Spec(
        "daemon.channels",
        ["file", "desktop"],
        "channels of `crm daemon run`; `desktop` is left out where there is no desktop",
        _words,
    ),
    *_channel("console", "full"),
    *_channel("file", "full"),
    *_channel("desktop", "full"),
    *_channel("email", "first-names", resends=True),
    Spec("email.to", "", "whom reminders are mailed to: your own address", _address),
    Spec("email.from", "", "the sender's address; empty takes email.to", _address),
    Spec("email.host", "", "the server that takes your mail (SMTP), such as smtp.example.org", _line),
    Spec("email.port", 0, "its port; 0 takes the usual one: 587, with tls 465, with none 25", _number(0, 65535)),
    Spec(
        "email.security",
        "starttls",
        "starttls, tls, or none (only to this machine itself)",
        _choice("starttls", "tls", "none"),
    ),
    Spec("email.user", "", "the name to log in with; empty sends without logging in", _line),
    *_secret("email.password", "the password of email.user"),
    *_channel("ntfy", "first-names", resends=True),
    Spec("ntfy.server", "https://ntfy.sh", "the ntfy server", _url),
    Spec("ntfy.topic", "", "the topic to publish to; on a public server whoever knows it reads along", _topic),
    Spec("ntfy.priority", 3, "1 (min) to 5 (urgent)", _number(1, 5)),
    Spec("ntfy.tags", [], "ntfy tags or names of emojis", _words),
    *_secret("ntfy.token", "the access token of ntfy, where the server asks for one"),
    *_channel("webhook", "first-names", resends=True),
    Spec("webhook.url", "", "where reminders are posted as signed JSON", _url),
    *_secret("webhook.secret", "what posted reminders are signed with"),
    *_channel("apprise", "first-names", resends=True),
    *_secret("apprise.urls", "the URLs of Apprise, one a line: they hold passwords"),
    Spec("outreach.follow_up_days", 14, "days after which an unanswered message is asked about", _number(1, 365)),
    Spec(
        "outreach.cadence", "4w..6w", "how often to stay in touch, unless tier, tag or person say otherwise", _cadence
    ),
    Spec("outreach.cadence_inner", "2w..4w", "how often to stay in touch with people of tier inner", _cadence),
    Spec("outreach.cadence_occasional", "8w..13w", "how often to stay in touch with tier occasional", _cadence),
    Spec(
        "outreach.weekly_budget",
        5,
        "how many people to write to in a week; asks beyond it are refused",
        _number(1, 100),
    ),
    Spec("outreach.dormant_after", 2, "unanswered messages after which somebody is left alone", _number(1, 10)),
    Spec("calendar.alarms", True, "whether calendar entries carry alarms", _flag),
)
BY_NAME = {spec.name: spec for spec in SPECS}
SECRETS = tuple(spec.name for spec in SPECS if spec.check is refuse)


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

    def secret(self, name: str) -> Secret:
        """Where a secret is to be looked up."""
        return Secret(name, self[f"{name}_file"])


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
    values |= _secrets(environ, values)
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


def _secrets(environ: Mapping[str, str], values: Mapping[str, Value]) -> dict[str, Value]:
    """Which secrets stand in a file, and what names it; none is read."""
    named = (Secret(each, values[f"{each}_file"].value) for each in SECRETS)
    found = ((each.name, each.place(environ)) for each in named)
    return {name: Value("set", place[0]) for name, place in found if place}


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
