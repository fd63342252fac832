"""What the tests of single rules share."""

import shlex

from reminder_support import LOS_ANGELES, MONDAY

from reminders import rules

ZONES = ["America/Los_Angeles", "Asia/Kathmandu", "Pacific/Apia", "Europe/Berlin"]
READING = {"prep", "task list", "review show"}


def planned(world, name, now=MONDAY, tz=LOS_ANGELES, **options):
    """What one rule asks for."""
    rule = rules.load(name)
    with world.reading() as session:
        return list(rule.plan(session, now=now, tz=tz, options={**rule.DEFAULTS, **options}))


def commands(reminder):
    """The commands that a reminder offers, as one copies them: from `crm` to the end of the line."""
    lines = [reminder.title, *reminder.body.splitlines()]
    return [line[line.index("crm ") :] for line in lines if "crm " in line]


def run_each(crm, reminder):
    """Run each of the commands as it stands, none after another; gives them. Each must end well."""
    found = commands(reminder)
    for command in found:
        _, *words = shlex.split(command)
        crm(*words)
        if not {words[0], " ".join(words[:2])} & READING:
            crm("undo")
    return found


def is_one_line(text, longest):
    """Whether a text is one line of bounded length."""
    return len(text.splitlines()) == 1 and len(text) <= longest
