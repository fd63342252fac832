"""Secrets: they stand in files, in the keyring or in a systemd credential, never in config.toml or a variable.

A secret is looked up each time it is used, so that a new one counts at once and a keyring that is still locked at
start-up is asked again later. Where it is looked up, the first that there is counts:

1. the file that the variable CRM_<NAME>_FILE names, such as CRM_EMAIL_PASSWORD_FILE;
2. the file that the setting <name>_file names, such as email.password_file;
3. the file of that name in $CREDENTIALS_DIRECTORY: `LoadCredential=email.password:...` in a systemd unit;
4. the keyring: `keyring set networking-crm email.password` (where keyring is installed).
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from crm import children
from crm.errors import BadValueError, ConfigurationError
from crm.files import expanded

KEYRING_SERVICE: Final = "networking-crm"
KEYRING_SECONDS: Final = 4  # a locked keyring may ask a person who is not there
LARGEST_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Secret:
    """Where one secret is looked up; it holds no secret itself, so that it may be printed.

    Attributes:
        name: dotted, as in the settings: `email.password`.
        file: what the setting `<name>_file` says, or empty.
    """

    name: str
    file: str = ""

    @property
    def variable(self) -> str:
        """The variable that names its file."""
        return f"CRM_{self.name.replace('.', '_').upper()}_FILE"

    def place(self, environ: Mapping[str, str] | None = None) -> tuple[str, Path] | None:
        """The file that it stands in and what named that file; None where only the keyring is left."""
        environ = os.environ if environ is None else environ
        if environ.get(self.variable):
            return self.variable, expanded(environ[self.variable])
        if self.file:
            return f"{self.name}_file", expanded(self.file)
        folder = environ.get("CREDENTIALS_DIRECTORY")
        if folder and (Path(folder) / self.name).exists():
            return "systemd credential", Path(folder) / self.name
        return None

    def read(self) -> str:
        """The secret, without blanks around it; empty where there is none.

        Raises:
            ConfigurationError: its file cannot be read, is empty, no text or too large.
        """
        found = self.place()
        return _content(*found) if found else _from_keyring(self.name)

    def required(self) -> str:
        """The secret.

        Raises:
            ConfigurationError: as `read`, or there is none; the message tells where it is looked up.
        """
        secret = self.read()
        if not secret:
            raise ConfigurationError(
                f"{self.name} is not set; put it into a file and: crm config set {self.name}_file FILE "
                f"(or: keyring set {KEYRING_SERVICE} {self.name})"
            )
        return secret


def refuse(value: object) -> str:  # noqa: ARG001 - it must not be repeated
    """The check of a secret's own setting: it is not written there.

    Raises:
        BadValueError: always.
    """
    raise BadValueError("a secret does not stand in config.toml; put it into a file that only you can read and name it")


def _content(named_by: str, file: Path) -> str:
    try:
        with file.open("rb") as opened:
            data = opened.read(LARGEST_BYTES + 1)
        text = data.decode("utf-8-sig").strip()
    except OSError as error:
        raise ConfigurationError(f"{named_by}: {file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise ConfigurationError(f"{named_by}: {file} is no text in UTF-8") from None  # the cause holds what was read
    if not text or len(data) > LARGEST_BYTES:
        raise ConfigurationError(f"{named_by}: {file} is {'too large for a secret' if text else 'empty'}")
    return text


def _from_keyring(name: str) -> str:
    """What the keyring holds, asked in a process that can be ended: a keyring may wait for a person."""
    if find_spec("keyring") is None:
        return ""
    command = [sys.executable, "-P", "-m", "keyring", "get", KEYRING_SERVICE, name]
    ended, answer = children.run(command, seconds=KEYRING_SECONDS, answers=True)
    return answer.decode("utf-8", errors="replace").strip() if ended == 0 else ""
