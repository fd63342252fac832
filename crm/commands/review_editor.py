"""Writing a review in the person's own editor.

The text stands in a file beside the database until what is in it has been kept: whatever happens in between, nothing
that was written is lost, and the next start goes on with it.
"""

import os
import shlex
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crm.actions import review_draft
from crm.actions.review_form import Item
from crm.actions.reviews import handle
from crm.commands.base import App
from crm.errors import BadValueError, CrmError
from crm.escaping import quote
from crm.files import write_if_changed
from crm.models import Review

VARIABLES: Final = ("VISUAL", "EDITOR")
USUAL: Final = ("sensible-editor", "nano", "vi")
MOST_BYTES: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Draft:
    """What was written: answers by the number of their question, and the file they stand in."""

    path: Path
    answers: dict[int, str]
    review: Review

    def fault(self, error: CrmError) -> CrmError:
        """The error, and where the text is."""
        return _kept(error, self.path, self.review)


def write(crm: App, review: Review, title: str, facts: Iterable[str], items: Sequence[Item]) -> Draft | None:
    """Let the person write in their editor; None if they changed nothing or left nothing.

    Raises:
        CrmError: the editor cannot be run or failed, or the file cannot be written.
        BadValueError: what was written cannot be read as this form; it stays in its file, which is named.
    """
    path = crm.settings.paths.data / "reviews" / f"{review.ref}-{review.uid[:8]}.md"
    words, fresh = _editor(), review_draft.write(title, list(facts), items)
    left = path.read_bytes() if path.exists() else b""
    is_left = bool(left.strip())
    if is_left:
        crm.note(f"Going on with what you left in {path}")
    before = _renewed(left, fresh) if is_left else fresh.encode()
    write_if_changed(path, before)
    try:
        ended = _run(words, path)
    finally:
        data = path.read_bytes() if path.exists() else b""
        is_something = bool(data.strip()) and (is_left or data != before)
        if not is_something:
            path.unlink(missing_ok=True)
    if ended:
        error = CrmError(f"the editor {quote(words[0])} ended with {ended}, so nothing was changed")
        raise _kept(error, path, review) if is_something else error
    if not is_something:
        return None
    try:
        return Draft(path, {number: text for number, text in _read(data, items).items() if text.strip()}, review)
    except CrmError as error:
        raise _kept(error, path, review) from error


def _renewed(left: bytes, fresh: str) -> bytes:
    """What was left with the facts as they are now; what is no text stays as it is."""
    try:
        return review_draft.renewed(left.decode(), fresh).encode()
    except UnicodeDecodeError:
        return left


def _read(data: bytes, items: Sequence[Item]) -> dict[int, str]:
    if len(data) > MOST_BYTES:
        raise BadValueError(f"the text has {len(data):,} bytes; the most is {MOST_BYTES:,}")
    try:
        return review_draft.read(data.decode(), items)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BadValueError(f"line {line} is not UTF-8; save the file in that encoding") from error


def _kept(error: CrmError, path: Path, review: Review) -> CrmError:
    way_out = f"what you wrote is in {path}; to go on: crm review start {handle(review)} --editor"
    return type(error)(f"{error.message}; {way_out}", candidates=error.candidates)


def _run(words: Sequence[str], path: Path) -> int:
    """Let the editor run; gives what it ended with.

    Raises:
        CrmError: it can't be run.
    """
    try:
        return subprocess.run([*words, str(path)], check=False).returncode  # noqa: S603 - the person named the program
    except OSError as error:
        raise CrmError(
            f"the editor {quote(words[0])} can't be run ({error.strerror}); name another: export EDITOR=nano"
        ) from error


def _editor() -> list[str]:
    """The editor as the person names it, with its options; else a usual one.

    Raises:
        CrmError: none is named and none is there, or what is named is no command line.
    """
    named = next(filter(None, (os.environ.get(each, "").strip() for each in VARIABLES)), None)
    if named is None:
        named = next(filter(shutil.which, USUAL), None)
    if named is None:
        raise CrmError("there is no editor here; name one: export EDITOR=nano")
    try:
        return shlex.split(named)
    except ValueError as error:
        raise CrmError(f"the editor {quote(named)} is no command line ({error}); write: export EDITOR=nano") from error
