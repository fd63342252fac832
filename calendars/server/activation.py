"""The socket that systemd opened for this process: the protocol of sd_listen_fds(3)."""

import os
import re
import socket
from collections.abc import MutableMapping
from typing import Final

from crm.errors import ConfigurationError

FIRST_FD: Final = 3
_VARIABLES: Final = ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")
_NUMBER: Final = re.compile("[1-9][0-9]{0,8}")
_REMEDY: Final = "see networking-crm-serve.socket: one ListenStream=ADDRESS:PORT"


def inherited(environ: MutableMapping[str, str] | None = None) -> socket.socket | None:
    """The socket that was handed over, or None where none was; the variables that tell of it are taken away.

    Raises:
        ConfigurationError: the variables are damaged, or it is not one TCP socket that listens.
    """
    environ = os.environ if environ is None else environ
    process, count, _ = (environ.pop(name, None) for name in _VARIABLES)
    if process is None or count is None:
        return None
    if not (_NUMBER.fullmatch(process) and _NUMBER.fullmatch(count)):
        raise ConfigurationError(
            f"LISTEN_PID={process!a:.20} and LISTEN_FDS={count!a:.20} are no numbers as systemd sets them; unset both"
        )
    if int(process) != os.getpid():
        return None
    if int(count) != 1:
        raise ConfigurationError(f"systemd handed over {int(count):,} sockets, and one is served; {_REMEDY}")
    return _checked()


def _checked() -> socket.socket:
    try:
        found = socket.socket(fileno=FIRST_FD)
    except OSError as error:
        raise ConfigurationError(f"what systemd handed over is no socket ({error.strerror}); {_REMEDY}") from error
    if found.family not in {socket.AF_INET, socket.AF_INET6} or not _listens(found):
        found.detach()
        raise ConfigurationError(f"the socket that systemd handed over is none of TCP that listens; {_REMEDY}")
    found.set_inheritable(False)
    return found


def _listens(found: socket.socket) -> bool:
    is_stream = found.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE) == socket.SOCK_STREAM
    return is_stream and found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) == 1
