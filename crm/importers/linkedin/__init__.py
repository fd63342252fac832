"""LinkedIn's data export: Connections.csv, and of messages.csv and Invitations.csv who wrote to whom and when.

The archive (`Basic_LinkedInDataExport_<date>.zip`, `Complete_...`) holds many more files, which are not read; nor is
the text of any message.
"""

from collections.abc import Callable, Iterator
from typing import BinaryIO, Final

from crm.errors import BadValueError
from crm.importers import HEAD_BYTES, base_name
from crm.importers.linkedin import connections, invitations, messages
from crm.rows import Row
from crm.tables import IsHeader, header_of

Read = Callable[[BinaryIO, str, str | None], Iterator[Row]]

PARTS: Final[tuple[tuple[IsHeader, Read], ...]] = (
    (connections.is_header, connections.rows),
    (messages.is_header, messages.rows),
    (invitations.is_header, invitations.rows),
)

MEMBERS: Final = ("connections.csv", "messages.csv", "invitations.csv")
"""What these files are called in the archive, in the order in which they are to be read."""


def sniff(head: bytes) -> bool:
    """Whether a file that begins so is one of the three."""
    return any(header_of(head, is_header) is not None for is_header, _read in PARTS)


def rows(file: BinaryIO, *, encoding: str | None = None) -> Iterator[Row]:
    """The rows of one of the three files.

    Raises:
        BadValueError: it is none of them, or damaged; the message names the line.
    """
    head = file.read(HEAD_BYTES)
    file.seek(0)
    for is_header, read in PARTS:
        if header_of(head, is_header) is not None:
            return read(file, base_name(file), encoding)
    raise BadValueError(
        f"{base_name(file)} has the columns of none of LinkedIn's files (Connections.csv, messages.csv, "
        "Invitations.csv); download the archive from LinkedIn again and import it as it is"
    )
