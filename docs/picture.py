"""Draws docs/today.svg: the screen of `crm today` for an invented person, on a fixed day."""

import os
import tempfile
from io import StringIO
from pathlib import Path

from rich.console import Console

TARGET = Path(__file__).with_name("today.svg")
DAY = (
    ("2026-01-05T17:00:00Z", ["init", "--empty", "--start", "2026-01-05"]),
    ("2026-01-05T17:01:00Z", ["contact", "add", "Ada Winter", "--email", "ada@example.org", "--tag", "engineers"]),
    ("2026-01-05T17:02:00Z", ["contact", "add", "Kofi Mensah", "--context", "met at the climbing wall"]),
    ("2026-01-05T17:03:00Z", ["contact", "add", "Mina Sato", "--how-to-reach", "ask Ada for her number"]),
    ("2026-01-05T17:04:00Z", ["review", "add", "Week 2", "--weeks", "2"]),
    ("2026-01-05T17:05:00Z", ["hours", "add", "Building projects", "--role", "projects"]),
    ("2026-01-05T17:06:00Z", ["hours", "add", "Meeting people", "--role", "networking"]),
    ("2026-01-05T17:07:00Z", ["hours", "target", "projects", "6h"]),
    ("2026-01-05T17:08:00Z", ["hours", "target", "networking", "2h"]),
    ("2026-01-05T17:09:00Z", ["commitment", "add", "Write about what I build", "2/week", "--accept"]),
    ("2026-01-08T01:00:00Z", ["log-hours", "2h30", "projects"]),
    (
        "2026-01-08T01:01:00Z",
        ["log-contact", "ada", "--kind", "coffee", "--duration", "45m", "--follow-up", "tomorrow"],
    ),
    ("2026-01-08T01:02:00Z", ["task", "add", "Send Kofi the repository", "--due", "today", "--for", "kofi"]),
    ("2026-01-08T01:03:00Z", ["check-in", "write"]),
    ("2026-01-08T01:04:00Z", ["schedule", "mina", "fri", "17:30", "--kind", "coffee", "--place", "Student union"]),
)


def draw() -> str:
    """The picture, as SVG."""
    from typer.main import get_command  # noqa: PLC0415 - as above

    from crm.cli import root  # noqa: PLC0415 - after the surroundings are set
    from crm.commands.base import App  # noqa: PLC0415 - as above
    from crm.commands.today import today  # noqa: PLC0415 - as above

    for now, arguments in DAY:
        os.environ["CRM_NOW"] = now
        get_command(root).main(args=[*arguments, "--json"], standalone_mode=False)
    os.environ["CRM_NOW"] = "2026-01-08T17:00:00Z"
    app = App.start()
    app.console = Console(
        record=True,
        width=90,
        markup=False,
        highlight=False,
        file=StringIO(),
        force_terminal=True,
        color_system="truecolor",
    )
    today(app)
    return app.console.export_svg(title="crm today", unique_id="today")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"CRM_HOME": home, "CRM_TIMEZONE": "America/Los_Angeles"}
        TARGET.write_text(draw(), encoding="utf-8")
