"""`crm week --report`: a week's account as Markdown, on the screen or in a file."""

import pytest

FEBRUARY = "2026-02-05T17:00:00Z"
BUSY = (
    "hours add Projects --role projects",
    "hours target projects 5h",
    "contact add 'Jane Roe'",
    "contact add 'Jane Moe'",
    "contact add 'Kim Poe'",
    "commitment add 'Post' 2/week --accept",
    "log-hours 2h projects --at 2026-01-05",
    "check-in m1",
    "log-contact 'Jane Roe' --kind coffee --at '2026-01-05 8:00' --yes",
    "log-contact 'Jane Moe' --kind email --at '2026-01-05 8:30' --yes",
    "task add 'Send the repo' --due 2026-01-14",
    "schedule 'Kim Poe' '2026-01-15 9:00' --kind call",
)


def test_a_running_week_is_told_so_far(prepared):
    """Title, headline and sections; people by their first names, told apart where they share one."""
    crm = prepared(*BUSY)
    assert crm("week", "--report", now="2026-01-06T17:00:00Z").out == (
        "# Mon 5 Jan 2026 to Sun 11 Jan 2026, so far\n\n"
        "2 h of 5 h, 2 people reached.\n\n"
        "## Hours: 2 h of 5 h\n\n- Projects: 2 h of 5 h\n\n"
        "## People reached: 2\n\n- Talked with: Jane R.\n- Wrote to: Jane M.\n\n"
        "## Commitments\n\n- Post: 1 of 2 so far, till Sun 11 Jan 2026\n\n"
        "## From Mon 12 Jan 2026 to Sun 18 Jan 2026\n\n"
        "- i3 Call with Kim: Thu 15 Jan 2026\n- t1 Send the repo: Wed 14 Jan 2026\n"
    )


def test_a_week_long_past_tells_nothing_of_what_came(prepared):
    """Its title says no more `so far`, and what came after it is known by now."""
    shown = prepared(*BUSY)("week", "--report", "--at", "2026-01-07", now=FEBRUARY).out
    assert shown.startswith("# Mon 5 Jan 2026 to Sun 11 Jan 2026\n")
    assert "0 of 1 commitments kept" in shown
    assert "## From" not in shown


def test_a_week_to_come_is_told_so(prepared):
    """Of a week that has not begun the title says so, and nothing in it is not kept yet."""
    shown = prepared(*BUSY)("week", "--report", "--at", "2026-01-14", now="2026-01-06T17:00:00Z").out
    assert shown.startswith("# Mon 12 Jan 2026 to Sun 18 Jan 2026, still to come\n")
    assert "not kept" not in shown


def test_scripts_get_the_figures_beside_the_text(prepared):
    """The keys of `crm week --json`, and people, commitments, checklist and what comes by uid."""
    crm = prepared(*BUSY)
    told = crm("week", "--report", "--json", now="2026-01-06T17:00:00Z").json
    plain = crm("week", "--json").json
    assert {key: told[key] for key in plain} == plain
    assert [(each["name"], each["talked"]) for each in told["people_reached"]] == [
        ("Jane Roe", True),
        ("Jane Moe", False),
    ]
    (post,) = told["commitments"]
    assert (post["ref"], post["periods"], post["kept"], post["streak"]) == ("m1", 0, 0, 0)
    assert post["running"] == {"done": 1, "times": 2, "to_on": "2026-01-11"}
    assert told["checklist"] == {"done": 0, "total": 0, "done_in_week": []}
    assert len(told["coming"]["tasks"]) == len(told["coming"]["chats"]) == 1
    assert told["markdown"].startswith("# Mon 5 Jan 2026")


def test_it_is_written_to_a_file(prepared, tmp_path):
    """With -o the file holds what the screen would have shown, and its name is said."""
    crm, file = prepared(*BUSY), tmp_path / "week.md"
    shown = crm("week", "--report").out
    assert "week.md" in crm("week", "--report", "-o", str(file)).out.replace("\n", "")
    assert file.read_text(encoding="utf-8") == shown
    assert crm("week", "--report", "-o", str(file), "--json").json == {"file": str(file)}


@pytest.mark.parametrize(
    ("words", "code"),
    [(("-o", "x.md"), 2), (("--report", "-o", "no/such/folder/x.md"), 3), (("--report", "--at", "x"), 2)],
)
def test_what_does_not_fit_is_refused(crm, words, code):
    """A file without --report, no folder, no day: one or two lines and the exit code."""
    assert len(crm("week", *words, code=code).err.splitlines()) <= 2


def test_an_empty_plan_has_an_account_too(crm):
    """Without targets, commitments, people or a checklist it says that there was nothing."""
    shown = crm("week", "--report").out
    assert "nothing was logged." in shown
    assert "People reached: nobody" in shown
    assert "nothing is due" in shown
    assert crm("week", "--report", "--json").json["commitments"] == []


def test_hostile_text_is_harmless_in_it(crm):
    """No name is Markdown, moves the cursor or breaks a line."""
    crm("contact", "add", "*x*\x1b[31m `y`\n# z " + "Roe " * 2500)
    crm("commitment", "add", "<b>[a](b)\n\n# c", "2/week", "--accept")
    crm("log-contact", "c1", "--kind", "call", "--yes")
    shown = crm("week", "--report").out
    assert "\x1b" not in shown
    assert r"\<b\>\[a\](b) # c: " in shown
    assert r"\*x\*" in shown
    assert max(map(len, shown.splitlines())) < 300
