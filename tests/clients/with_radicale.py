"""Reads collections of a CalDAV server by REPORT (RFC 4791 7.8), events as the server itself tells them in UTC.

An address has the user and the password in it.
"""

import base64
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as Xml

from icalendar import Calendar
from told import item, tell

SPAN = 'start="20200101T000000Z" end="20400101T000000Z"'
IN_UTC = {"how": f"<C:expand {SPAN}/>", "which": f"<C:time-range {SPAN}/>"}
AS_IT_CAME = {"how": "", "which": ""}
QUERY = """<?xml version="1.0" encoding="utf-8"?>
<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">
<D:prop><C:calendar-data>{how}</C:calendar-data></D:prop>
<C:filter><C:comp-filter name="VCALENDAR">
<C:comp-filter name="{kind}">{which}</C:comp-filter>
</C:comp-filter></C:filter>
</C:calendar-query>"""
DATA = "{urn:ietf:params:xml:ns:caldav}calendar-data"


def read(address):
    """Every event and thing to do."""
    for each in _report(address, "VEVENT", IN_UTC):
        yield _item("event", each, each["DTSTART"].dt, each["DTEND"].dt)
    for each in _report(address, "VTODO", AS_IT_CAME):
        yield _item("todo", each, each["DUE"].dt if "DUE" in each else None, None)


def _item(kind, each, start, end):
    return item(
        kind,
        uid=each["UID"],
        sequence=each["SEQUENCE"],
        texts=map(each.get, ("SUMMARY", "DESCRIPTION", "LOCATION")),
        start=start,
        end=end,
        alarms=[alarm["TRIGGER"].dt for alarm in each.walk("VALARM")],
        status=each["STATUS"],
    )


def _report(address, kind, how):
    at = urlsplit(address)
    known = base64.b64encode(f"{unquote(at.username)}:{unquote(at.password)}".encode()).decode()
    headers = {"Authorization": f"Basic {known}", "Depth": "1", "Content-Type": "application/xml"}
    body = QUERY.format(kind=kind, **how).encode()
    with closing(HTTPConnection(at.hostname, at.port)) as connection:
        connection.request("REPORT", at.path, body, headers)
        answer = Xml.fromstring(connection.getresponse().read())  # noqa: S314 - of a server that the tests started
    for data in answer.iter(DATA):
        yield from Calendar.from_ical(data.text).walk(kind)


tell(read)
