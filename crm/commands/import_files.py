"""Opening what is to be imported: one file, or the archive that LinkedIn sends, without unpacking it to disk."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any, BinaryIO, Final, cast

from crm import importers
from crm.errors import BadValueError, NotFoundError
from crm.escaping import quote
from crm.exporters import csv_reader, json_reader
from crm.importers import HEAD_BYTES, MAX_BYTES
from crm.importers.linkedin import shares
from crm.person_rows import SkippedRow
from crm.rows import Row

OWN: Final = {"csv": csv_reader, "json": json_reader}
"""What `crm export` writes."""

POSTS: Final = "shares"
"""LinkedIn's Shares.csv: what one posted, and nobody."""

MOST_TIMES_SMALLER: Final = 200
"""No table of people shrinks to less than this part of itself; an archive that claims so is made to fill the memory."""

SMALL: Final = 1_000_000
MOST_MEMBERS: Final = 2000
"""LinkedIn's largest archives hold some hundred files."""

ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
IS_ENCRYPTED: Final = 0x1
AGAIN: Final = "download it again from LinkedIn, or unpack it and import Connections.csv"


@dataclass(frozen=True, slots=True)
class Part:
    """One file that holds people, open at its beginning."""

    file: BinaryIO
    size: int


@dataclass(frozen=True, slots=True)
class Source:
    """What a path holds: a format and one or several parts.

    Attributes:
        parts: those that hold people, in the order in which they are to be read.
        posts: those that list what one posted.
        ignored: members of an archive that are not read.
    """

    name: str
    form: str
    parts: list[Part] = field(default_factory=list)
    posts: list[Part] = field(default_factory=list)
    ignored: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """All bytes there are to read."""
        return sum(part.size for part in self.parts)

    def position(self) -> int:
        """How many of them have been read."""
        return sum(part.file.tell() for part in self.parts if not part.file.closed)

    def read(self) -> bytes:
        """All there is, of a format that is read whole."""
        return b"".join(part.file.read() for part in self.parts)

    def rows(self, encoding: str | None) -> Iterator[Row]:
        """The rows of all parts."""
        for part in self.parts:
            yield from importers.load(self.form).rows(part.file, encoding=encoding)

    def post_rows(self, encoding: str | None) -> Iterator[shares.PostRow | SkippedRow]:
        """The posts."""
        for part in self.posts:
            yield from shares.rows(part.file, encoding=encoding)


def formats() -> tuple[str, ...]:
    """Every format that can be imported."""
    return (*importers.address_books(), *OWN, POSTS, "worksheet")


def checked(form: str | None, encoding: str | None) -> None:
    """Refuse a format or encoding there is not.

    Raises:
        BadValueError: there is none of that name.
    """
    if form is not None and form not in formats():
        raise BadValueError(f"there is no format {quote(form)}; known: {', '.join(formats())}")
    try:
        if encoding is not None:
            "".encode(encoding)
    except (LookupError, UnicodeError, ValueError):
        raise BadValueError(
            f"there is no encoding {quote(encoding or '')}; common ones: utf-8, cp1252, latin-1, utf-16"
        ) from None


@contextmanager
def opened(path: Path, form: str | None) -> Iterator[Source]:
    """What the path holds, in the format asked for or recognised.

    Raises:
        NotFoundError: there is no such file.
        BadValueError: it cannot be read, is too large, is in no known format, or is a damaged or hostile archive.
    """
    with ExitStack() as stack:
        file = stack.enter_context(_open(path))
        head = file.read(HEAD_BYTES)
        size = file.seek(0, io.SEEK_END)
        file.seek(0)
        if size > MAX_BYTES:
            raise BadValueError(f"{path.name} is larger than {MAX_BYTES:,} bytes; split it")
        if head.startswith(ZIP):
            yield _archive(stack, file, path.name)
        else:
            form, parts = form or _recognised(head, path.name), [Part(file, size)]
            yield Source(path.name, form, posts=parts) if form == POSTS else Source(path.name, form, parts)


def _open(path: Path) -> BinaryIO:
    """The file; a pipe is read whole, since importers go back to the beginning."""
    try:
        file = path.open("rb")
        if not file.seekable():
            with file:
                return cast("BinaryIO", io.BytesIO(file.read(MAX_BYTES + 1)))
    except (FileNotFoundError, NotADirectoryError):
        raise NotFoundError(f"there is no file {path}; give the path of one that is there") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no such name is possible"
        raise BadValueError(f"{path} cannot be read: {reason}") from None
    return file


def _recognised(head: bytes, name: str) -> str:
    if not head.strip():
        raise BadValueError(f"{name} is empty; export or download it again")
    sniffs = {form: reader.sniff for form, reader in OWN.items()}
    sniffs[POSTS] = shares.sniff
    sniffs |= {form: importers.load(form).sniff for form in (*importers.address_books(), "worksheet")}
    for form, sniff in sniffs.items():
        if sniff(head):
            return form
    raise BadValueError(f"{name} is in no format this program knows ({', '.join(formats())}); say which with --format")


def _archive(stack: ExitStack, file: BinaryIO, name: str) -> Source:
    """The members of LinkedIn's archive that are read, those first that others refer to."""
    from crm.importers import linkedin  # noqa: PLC0415 - only for an archive

    try:
        archive = stack.enter_context(zipfile.ZipFile(file))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise BadValueError(f"{name} is damaged or cut off ({error}); {AGAIN}") from None
    members = [each for each in archive.infolist() if not each.is_dir()]
    if len(members) > MOST_MEMBERS:
        raise BadValueError(
            f"{name} holds {len(members):,} files; no archive of LinkedIn has more than {MOST_MEMBERS:,}; {AGAIN}"
        )
    known = {name: [each for each in members if _base(each) == name] for name in (*linkedin.MEMBERS, shares.MEMBER)}
    posts = known.pop(shares.MEMBER)
    if not any(known.values()):
        raise BadValueError(
            f"{name} holds no Connections.csv, messages.csv or Invitations.csv, so it is no archive of LinkedIn; "
            "unpack it and import the file with the people"
        )
    parts, of_posts = (
        [Part(stack.enter_context(_member(archive, each, name)), each.file_size) for each in some]
        for some in ([each for found in known.values() for each in found], posts)
    )
    read = {*linkedin.MEMBERS, shares.MEMBER}
    ignored = tuple(PurePosixPath(each.filename).name for each in members if _base(each) not in read)
    return Source(name, "linkedin", parts, of_posts, ignored)


def _base(member: zipfile.ZipInfo) -> str:
    return PurePosixPath(member.filename).name.casefold()


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> BinaryIO:
    """A member as a file that can be sought and that stops before it fills the memory."""
    what = f"{name}: {PurePosixPath(member.filename).name}"
    if member.flag_bits & IS_ENCRYPTED:
        raise BadValueError(f"{what} is locked with a password; unpack it first, then import the file itself")
    try:
        inner = archive.open(member)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError) as error:
        raise BadValueError(f"{what} is damaged ({error}); {AGAIN}") from None
    file = io.BufferedReader(_Limited(inner, member, what))
    if file.peek(len(ZIP[0])).startswith(ZIP):
        raise BadValueError(f"{what} is a ZIP itself, not a table; unpack {name} and import what is in it")
    ratio = member.file_size / max(member.compress_size, 1)
    if member.file_size > MAX_BYTES:
        raise BadValueError(f"{what} would unpack to {member.file_size:,} bytes, more than {MAX_BYTES:,}; {AGAIN}")
    if member.file_size > SMALL and ratio > MOST_TIMES_SMALLER:
        raise BadValueError(f"{what} would unpack to {ratio:,.0f} times its size, as no list of people does; {AGAIN}")
    return cast("BinaryIO", file)


class _Limited(io.RawIOBase):
    """A member of an archive, its real size held to the declared one; faults of the archive become plain errors."""

    def __init__(self, inner: IO[bytes], member: zipfile.ZipInfo, what: str) -> None:
        self.name = PurePosixPath(member.filename).name
        self._inner = inner
        self._size = member.file_size
        self._what = what

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any buffer, as the base class has it
        with self._told():
            data = self._inner.read(len(buffer))
        if self._inner.tell() > self._size:
            raise BadValueError(f"{self._what} is longer than it says; {AGAIN}")
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        with self._told():
            return self._inner.seek(offset, whence)

    def tell(self) -> int:
        return self._inner.tell()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
            raise BadValueError(f"{self._what} is damaged or cut off ({error}); {AGAIN}") from None
