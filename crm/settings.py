"""Where things lie and what the person configured: each setting's value, and where it came from."""

import os
import time
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crm.errors import BadValueError, ConfigurationError
from crm.files import expanded
from crm.secrets import Secret
from crm.setting_checks import zone
from crm.setting_specs import BY_NAME, SECRETS, SPECS, Spec

APP = "networking-crm"


@dataclass(frozen=True, slots=True)
class Value:
    """A setting's value and where it came from: a variable, config.toml, the system, or `default`."""

    value: Any
    origin: str


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
        folder = expanded(home).absolute()
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


def current(settings: Settings) -> Settings:
    """The same settings, in the zone that the system is in by now, unless the person named one: people travel."""
    if settings.values["timezone"].origin not in {"system", "default"}:
        return settings
    import tzlocal  # noqa: PLC0415 - as in `_timezone`

    time.tzset()  # tzlocal compares what it finds with what the C library knows
    try:
        tzlocal.reload_localzone()
        found = Value(zone(tzlocal.get_localzone_name()), "system")
    except (BadValueError, OSError, ZoneInfoNotFoundError):
        return settings  # while it is being changed, it cannot be told
    return replace(settings, values={**settings.values, "timezone": found})


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
