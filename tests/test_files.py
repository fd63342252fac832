"""The .ics files are replaced whole, only when they change, and a failure leaves the old one."""

import errno
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from crm.errors import CrmError
from crm.files import write_if_changed

OLD, NEW = b"BEGIN:VCALENDAR old\r\n", b"BEGIN:VCALENDAR new\r\n"
LONG_AGO = 1_000_000_000


@pytest.fixture
def path(tmp_path) -> Path:
    """A calendar that was written long ago."""
    found = tmp_path / "calendars" / "chats.ics"
    write_if_changed(found, OLD)
    os.utime(found, (LONG_AGO, LONG_AGO))
    return found


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_first_write_makes_a_private_folder_and_file(tmp_path):
    """Folder 0700 and file 0600, whatever the umask."""
    path = tmp_path / "home" / "calendars" / "all.ics"
    before = os.umask(0)
    try:
        assert write_if_changed(path, NEW)
    finally:
        os.umask(before)
    assert path.read_bytes() == NEW
    assert (mode(path.parent), mode(path)) == (0o700, 0o600)


def test_the_same_bytes_leave_the_file_alone(path):
    """No write, no new time of change: what watches the file sees nothing."""
    inode = path.stat().st_ino
    assert not write_if_changed(path, OLD)
    assert (path.stat().st_ino, path.stat().st_mtime) == (inode, LONG_AGO)


@pytest.mark.parametrize("data", [NEW, b"", OLD + NEW, OLD[:-1], b"\x00" * 3_000_000])
def test_other_bytes_replace_it(path, data):
    """The file then holds exactly them, is private, and nothing lies beside it."""
    path.chmod(0o644)
    assert write_if_changed(path, data)
    assert path.read_bytes() == data
    assert mode(path) == 0o600
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("number", "remedy"),
    [(errno.ENOSPC, "Free some space"), (errno.EDQUOT, "Free some space"), (errno.EROFS, "folder")],
)
@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.replace"])
def test_a_failure_at_any_step_leaves_the_old_file_whole(path, monkeypatch, step, number, remedy):
    """The message names the file and the way out; the old bytes stand and no temporary file stays."""

    def fail(*_args):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(step, fail)
        with pytest.raises(CrmError) as caught:
            write_if_changed(path, NEW)
    assert str(path) in caught.value.message
    assert remedy in caught.value.message
    assert path.read_bytes() == OLD
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_stops_growing_leaves_the_old_one_whole(path):
    """With a real limit on file size, as on a full disk, the write breaks off half way."""
    code = (
        "import resource, sys; from pathlib import Path; from crm.files import write_if_changed\n"
        "from crm.errors import CrmError\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try: write_if_changed(Path(sys.argv[1]), b'x' * 100_000)\n"
        "except CrmError as error: print(error.message)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert str(path) in done.stdout
    assert "Free some space" in done.stdout
    assert path.read_bytes() == OLD
    assert list(path.parent.iterdir()) == [path]


def test_a_read_only_folder_is_named(path):
    """The folder that has to be made writable stands in the message."""
    path.parent.chmod(0o500)
    if os.access(path.parent, os.W_OK):
        pytest.skip("root may write everywhere")
    try:
        with pytest.raises(CrmError, match=str(path.parent)):
            write_if_changed(path, NEW)
    finally:
        path.parent.chmod(0o700)
    assert path.read_bytes() == OLD


def test_a_file_where_the_folder_should_be(tmp_path):
    """The message says what to choose instead; the file in the way is untouched."""
    (tmp_path / "calendars").write_text("mine")
    with pytest.raises(CrmError, match="choose another"):
        write_if_changed(tmp_path / "calendars" / "all.ics", NEW)
    assert (tmp_path / "calendars").read_text() == "mine"


def test_a_folder_where_the_file_should_be(tmp_path):
    """Nothing is removed to make room, and no temporary file stays."""
    (tmp_path / "all.ics").mkdir()
    with pytest.raises(CrmError, match=r"all\.ics"):
        write_if_changed(tmp_path / "all.ics", NEW)
    assert list(tmp_path.iterdir()) == [tmp_path / "all.ics"]


def test_a_reader_never_sees_half_a_file(tmp_path):
    """While two contents alternate, every read gives one of them whole."""
    path = tmp_path / "all.ics"
    contents = (b"a" * 200_000, b"b" * 300_000)
    write_if_changed(path, contents[0])

    def write() -> None:
        for turn in range(40):
            write_if_changed(path, contents[turn % 2])

    writer = threading.Thread(target=write)
    writer.start()
    seen = {path.read_bytes()}
    while writer.is_alive():
        seen.add(path.read_bytes())
    writer.join()
    assert seen <= set(contents)
    assert list(tmp_path.iterdir()) == [path]
