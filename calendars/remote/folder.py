"""A folder that another program carries to other machines: Syncthing, Dropbox, Nextcloud's client."""

import hashlib
from pathlib import Path

from calendars.remote.place import ChangedError
from crm.errors import ConfigurationError, CrmError
from crm.files import write_if_changed


class Folder:
    """Files in a folder; a file's entity tag is the digest of its content."""

    def __init__(self, path: Path) -> None:
        """The folder has to be there: where it is missing, its disk may only be unplugged.

        Raises:
            ConfigurationError: it is not.
        """
        if not path.is_dir():
            raise ConfigurationError(f"calendar.publish.folder: {path} is no folder; make it, or name another")
        self.path, self.name = path, str(path)

    def takes(self, component: str) -> bool:  # noqa: ARG002 - a file takes all
        """A file takes everything."""
        return True

    def etags(self, names: frozenset[str]) -> dict[str, str]:
        """The digests of those files that are there."""
        found = {each: self.get(each) for each in names}
        return {name: there[1] for name, there in found.items() if there}

    def get(self, name: str) -> tuple[bytes, str] | None:
        """A file's content and digest.

        Raises:
            CrmError: it cannot be read.
        """
        try:
            data = (self.path / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise CrmError(f"{self.path / name} cannot be read: {error.strerror}") from error
        return data, _digest(data)

    def put(self, name: str, data: bytes, etag: str | None) -> str:
        """Write the file whole or not at all.

        Raises:
            ChangedError: another program wrote or removed it meanwhile.
            CrmError: it cannot be written.
        """
        self._refuse_changed(name, etag)
        write_if_changed(self.path / name, data)
        return _digest(data)

    def delete(self, name: str, etag: str) -> None:
        """Remove the file.

        Raises:
            ChangedError: another program wrote it meanwhile.
            CrmError: it cannot be removed.
        """
        if self.get(name) is None:
            return
        self._refuse_changed(name, etag)
        try:
            (self.path / name).unlink(missing_ok=True)
        except OSError as error:
            raise CrmError(f"{self.path / name} cannot be removed: {error.strerror}") from error

    def _refuse_changed(self, name: str, etag: str | None) -> None:
        there = self.get(name)
        if (there[1] if there else None) != etag:
            raise ChangedError(f"{self.path / name} was changed by another program meanwhile")

    def close(self) -> None:
        """It holds nothing."""


def _digest(data: bytes) -> str:
    return f'"{hashlib.sha256(data).hexdigest()}"'
