"""The settings a person can make: one table, each with its default and meaning."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from crm.date_words import WEEKDAYS
from crm.secrets import Secret, refuse
from crm.setting_checks import (
    address,
    addresses,
    cadence,
    calendar_place,
    choice,
    clock_time,
    flag,
    line,
    number,
    span_of_day,
    topic,
    url,
    weekday,
    weekdays,
    whole_path,
    words,
    zone,
)

NO_FILE: Final = "in no file; where keyring is installed, it is asked"


@dataclass(frozen=True, slots=True)
class Spec:
    """One setting: its dotted name in config.toml, default, meaning, and how a value is checked."""

    name: str
    default: Any
    meaning: str
    check: Callable[[Any], Any]


def _channel(name: str, detail: str, *, resends: bool = False) -> list[Spec]:
    """The settings that channels have in common."""
    details = "how much is said there: busy (how many), first-names, or full"
    unknown = "what to do when nobody knows whether it was accepted: resend it, or hold it for you to decide"
    asks = [Spec(f"{name}.on_unknown", "resend", unknown, choice("resend", "hold"))] if resends else []
    return [Spec(f"{name}.detail", detail, details, choice("busy", "first-names", "full")), *asks]


def _secret(name: str, meaning: str) -> list[Spec]:
    """A secret, which is never shown, and the file it stands in."""
    return [
        Spec(name, NO_FILE, f"{meaning}; never shown", refuse),
        Spec(f"{name}_file", "", f"the file that {name} stands in (or {Secret(name).variable})", whole_path),
    ]


def _rule(name: str, *, lead_days: int | None = None) -> list[Spec]:
    """The settings that rules have in common."""
    enabled = Spec(f"rules.{name}.enabled", True, f"whether the rule {name} reminds", flag)
    if lead_days is None:
        return [enabled]
    return [enabled, Spec(f"rules.{name}.lead_days", lead_days, "days before its day when it is said", number(0, 30))]


def _calendar(name: str, *, alarms: bool = True, to_dos: bool = False) -> list[Spec]:
    """The settings that calendars have in common; `to_dos`: it may hold things to do instead of events."""
    details = "how much is told there: busy (that there is something), first-names, or full"
    forms = "what it holds: events, or to-dos, which many programs do not show in a subscribed calendar"
    return [
        Spec(f"calendar.{name}.alarms", alarms, f"whether entries of the calendar {name} carry alarms", flag),
        Spec(f"calendar.{name}.detail", "full", details, choice("busy", "first-names", "full")),
        *([Spec(f"calendar.{name}.as", "events", forms, choice("events", "to-dos"))] if to_dos else []),
    ]


SPECS: Final = (
    Spec("timezone", None, "IANA zone of the person; empty takes the system's", zone),
    Spec("week_starts_on", "monday", "first day of the week, for hours and commitments", weekday),
    Spec("reminders.at", "08:00", "local time of day at which a day's reminders fall due", clock_time),
    Spec("reminders.catch_up_days", 7, "how far back repeating reminders are made up for", number(0, 60)),
    Spec("reminders.tick_seconds", 30, "how often the daemon looks for what is due", number(5, 3600)),
    Spec("reminders.digest", True, "whether what is not urgent arrives as one message in the morning", flag),
    Spec(
        "reminders.quiet_hours", "", "when nothing is said, such as 22:00-07:00; it waits until they end", span_of_day
    ),
    Spec("reminders.working_days", list(WEEKDAYS), "the days on which what is not urgent is said", weekdays),
    Spec(
        "reminders.fallback",
        ["file"],
        "where a reminder goes that a channel refuses for good; `file` comes last",
        words,
    ),
    Spec("reminders.keep_days", 400, "days after which the history of what is settled is pruned", number(30, 3650)),
    Spec("reminders.channels", ["console"], "channels of `crm reminder tick`", words),
    Spec(
        "daemon.channels",
        ["file", "desktop"],
        "channels of `crm daemon run`; `desktop` is left out where there is no desktop",
        words,
    ),
    Spec(
        "daemon.log", "auto", "its log lines: text, json, or auto: JSON for the journal", choice("auto", "text", "json")
    ),
    Spec("backup.at", "03:00", "local time of day after which the daemon backs up", clock_time),
    Spec("backup.keep_days", 7, "days of which the last nightly backup is kept", number(1, 365)),
    Spec("backup.keep_weeks", 4, "weeks of which the last nightly backup is kept", number(0, 520)),
    Spec("backup.keep_months", 6, "months of which the last nightly backup is kept", number(0, 240)),
    *_channel("console", "full"),
    *_channel("file", "full"),
    *_channel("desktop", "full"),
    *_channel("email", "first-names", resends=True),
    Spec("email.to", "", "whom reminders are mailed to: your own address", address),
    Spec("email.from", "", "the sender's address; empty takes email.to", address),
    Spec("email.host", "", "the server that takes your mail (SMTP), such as smtp.example.org", line),
    Spec("email.port", 0, "its port; 0 takes the usual one: 587, with tls 465, with none 25", number(0, 65535)),
    Spec(
        "email.security",
        "starttls",
        "starttls, tls, or none (only to this machine itself)",
        choice("starttls", "tls", "none"),
    ),
    Spec("email.user", "", "the name to log in with; empty sends without logging in", line),
    *_secret("email.password", "the password of email.user"),
    *_channel("ntfy", "first-names", resends=True),
    Spec("ntfy.server", "https://ntfy.sh", "the ntfy server", url),
    Spec("ntfy.topic", "", "the topic to publish to; on a public server whoever knows it reads along", topic),
    Spec("ntfy.priority", 3, "1 (min) to 5 (urgent)", number(1, 5)),
    Spec("ntfy.tags", [], "ntfy tags or names of emojis", words),
    *_secret("ntfy.token", "the access token of ntfy, where the server asks for one"),
    *_channel("webhook", "first-names", resends=True),
    Spec("webhook.url", "", "where reminders are posted as signed JSON", url),
    *_secret("webhook.secret", "what posted reminders are signed with"),
    *_channel("apprise", "first-names", resends=True),
    *_secret("apprise.urls", "the URLs of Apprise, one a line: they hold passwords"),
    Spec("outreach.follow_up_days", 14, "days after which an unanswered message is asked about", number(1, 365)),
    Spec("outreach.cadence", "4w..6w", "how often to stay in touch, unless tier, tag or person say otherwise", cadence),
    Spec("outreach.cadence_inner", "2w..4w", "how often to stay in touch with people of tier inner", cadence),
    Spec("outreach.cadence_occasional", "8w..13w", "how often to stay in touch with tier occasional", cadence),
    Spec(
        "outreach.weekly_budget",
        5,
        "how many people to write to in a week; asks beyond it are refused",
        number(1, 100),
    ),
    Spec("outreach.dormant_after", 2, "unanswered messages after which somebody is left alone", number(1, 10)),
    *_rule("birthday", lead_days=0),
    *_rule("checklist", lead_days=0),
    *_rule("commitment"),
    Spec("rules.commitment.evening", "18:00", "time of day at which a daily commitment is spoken of", clock_time),
    *_rule("follow_up", lead_days=0),
    *_rule("hours_pace"),
    Spec("rules.hours_pace.weekday", "wednesday", "the day on which the week's hours are looked at", weekday),
    *_rule("introduction"),
    Spec("rules.introduction.thank_days", 1, "days after it was made when thanks are due", number(0, 30)),
    Spec("rules.introduction.report_days", 3, "days after the meeting when word of it is due", number(0, 60)),
    *_rule("no_reply"),
    *_rule("promise", lead_days=0),
    *_rule("referral"),
    Spec(
        "rules.referral.stale_days", 14, "days after which a referral that does not move is asked about", number(1, 365)
    ),
    Spec("rules.referral.thank_days", 1, "days after somebody did something for it when thanks are due", number(0, 30)),
    *_rule("review", lead_days=3),
    Spec("rules.review.overdue_after_days", 1, "days after its day when a review is called overdue", number(1, 30)),
    *_rule("review_form"),
    Spec(
        "rules.review_form.after_days",
        2,
        "days after a review was started, or its day, when you are reminded to write it",
        number(1, 30),
    ),
    *_rule("stay_in_touch"),
    *_rule("thank_you"),
    *_rule("upcoming_chat"),
    Spec("rules.upcoming_chat.minutes_before", 60, "minutes before a chat when it is announced again", number(5, 1440)),
    *_rule("week_report"),
    *_rule("week_summary"),
    Spec("rules.week_summary.at", "18:00", "local time of day at which the week's end is spoken of", clock_time),
    Spec("rules.week_summary.weekday", "sunday", "the day on which the week's end is spoken of", weekday),
    Spec("calendar.alarms", True, "whether calendar entries carry alarms", flag),
    *_calendar("all"),
    *_calendar("chats"),
    *_calendar("commitments", to_dos=True),
    *_calendar("follow_ups", alarms=False, to_dos=True),
    *_calendar("hours", alarms=False),
    *_calendar("reviews", to_dos=True),
    *_calendar("tasks", alarms=False),
    Spec("serve.port", 8765, "the port of `crm serve`", number(1, 65535)),
    Spec(
        "serve.address",
        "",
        "where others reach `crm serve`, such as https://laptop.example.ts.net; empty: this machine alone does",
        url,
    ),
    Spec("calendar.publish.url", "", "where your calendars are pushed to: a calendar's CalDAV address", url),
    Spec(
        "calendar.publish.kind",
        "caldav",
        "what that address is: caldav, or webdav: a folder of a web host that takes .ics files by PUT",
        choice("caldav", "webdav"),
    ),
    Spec("calendar.publish.feeds", ["all"], "the calendars that are pushed there; see: crm calendar list", words),
    Spec("calendar.publish.user", "", "the name to log in with there; empty does not log in", line),
    *_secret("calendar.publish.password", "the password of calendar.publish.user"),
    Spec("calendar.publish.folder", "", "a synced folder that the .ics files are written to", whole_path),
    Spec("calendar.sync.url", "", "the CalDAV calendar that to-dos are kept in step with", url),
    Spec(
        "calendar.sync.user",
        "",
        "the name to log in with there; empty: that of calendar.publish if it is the same server, else none",
        line,
    ),
    *_secret("calendar.sync.password", "the password of calendar.sync.user"),
    Spec(
        "calendar.sync.chats",
        "",
        "where your own appointments stand, which is only read: a CalDAV calendar, or the address or path of an .ics",
        calendar_place,
    ),
    Spec(
        "calendar.sync.chats_file",
        "",
        "the file that this address stands in where it is secret, such as Google's secret address in iCal format",
        whole_path,
    ),
    Spec(
        "calendar.sync.chats_user",
        "",
        "the name to log in with there; empty: that of calendar.publish if it is the same server, else none",
        line,
    ),
    *_secret("calendar.sync.chats_password", "the password of calendar.sync.chats_user"),
    Spec("calendar.sync.me", [], "the e-mail addresses by which others invite you", addresses),
    Spec(
        "calendar.chats.from_calendar",
        False,
        "whether chats that came from your own calendar stand in the calendars of this program as well",
        flag,
    ),
)
BY_NAME: Final = {spec.name: spec for spec in SPECS}
SECRETS: Final = tuple(spec.name for spec in SPECS if spec.check is refuse)
