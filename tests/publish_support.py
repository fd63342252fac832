"""What the tests of publishing and syncing share: a calendar as other programs see it, and the settings."""

import http.client
import re
from base64 import b64encode
from urllib.parse import quote, unquote

FOREIGN = b"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//x//EN
BEGIN:VEVENT
UID:%s
DTSTAMP:20260101T000000Z
DTSTART;VALUE=DATE:20260110
SUMMARY:Dentist
END:VEVENT
END:VCALENDAR
"""
MAKE = b"""<?xml version="1.0"?><C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"/>"""


class Collection:
    """A calendar on the server, spoken to as any other client would."""

    def __init__(self, server, name="crm"):
        self.server, self.path = server, f"/{server.user}/{name}/"
        self.url = server.url.rstrip("/") + self.path
        self.ask("MKCALENDAR", body=MAKE)

    def ask(self, method, name="", body=None, **headers):
        login = b64encode(f"{self.server.user}:{self.server.password}".encode()).decode()
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        try:
            connection.request(method, self.path + quote(name), body, {"Authorization": f"Basic {login}", **headers})
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers.get("ETag")
        finally:
            connection.close()

    def names(self):
        _, body, _ = self.ask("PROPFIND", Depth="1")
        return {unquote(each) for each in re.findall(r"<href>[^<]*/([^/<]+)</href>", body.decode())}

    def get(self, name):
        return self.ask("GET", name)[1].decode()

    def texts(self):
        return [self.get(each) for each in sorted(self.names())]


def configure(home, url, *, name="publish", **more):
    """Name where to publish to, or what to keep in step."""
    password = home / "password"
    password.write_text("correct horse battery", encoding="utf-8")
    values = {"url": url, "user": "jane", "password_file": str(password), **more}
    lines = [f"{key} = {value!r}".replace("'", '"') for key, value in values.items()]
    (home / "config.toml").write_text(f"[calendar.{name}]\n" + "\n".join(lines) + "\n", encoding="utf-8")


def counts(result):
    (item,) = result.json["items"]
    return {name: item[name] for name in ("written", "put_back", "removed", "unchanged") if item[name]}
