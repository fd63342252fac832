"""Telling systemd how the daemon is (sd_notify(3)); nothing where no systemd listens."""

import contextlib
import os
import socket


def notify(*assignments: str) -> None:
    """Send lines such as `READY=1`; that systemd does not hear them, or not now, must not stop the daemon."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):  # a socket in the abstract namespace (unix(7))
        address = f"\0{address[1:]}"
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.setblocking(False)  # else a queue that nobody empties would be waited for
        channel.sendto("\n".join(assignments).encode(), address)
