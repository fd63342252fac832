"""Changing config.toml without losing its comments."""

from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from crm import settings
from crm.errors import BadValueError, ConfigurationError
from crm.files import write_if_changed


def set_value(file: Path, name: str, text: str) -> Any:  # noqa: ANN401 - a setting is of any type
    """Check a value and write it under its dotted name; gives what was stored.

    Raises:
        ConfigurationError: the file is no TOML.
        BadValueError: there is no such setting, or the value is out of range.
    """
    try:
        spec = settings.check_name(name)
    except ConfigurationError as error:
        raise BadValueError(error.message) from error
    value = spec.check(text)
    document = _document(file)
    *tables, key = name.split(".")
    table: MutableMapping[str, Any] = document
    for part in tables:
        table = table.setdefault(part, tomlkit.table())
    table[key] = value
    write_if_changed(file, tomlkit.dumps(document).encode())
    return value


def _document(file: Path) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return tomlkit.document()
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} cannot be read as TOML: {error}; mend it or move it away") from error
