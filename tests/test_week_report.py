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
        "2 h of 5 h, 2 people reached, 0 of 1 commitments kept so far.\n\n"
        "## Hours: 2 h of 5 h\n\n- Projects: 2 h of 5 h\n\n"
        "## People reached: 2\n\n- Talked with: Jane R.\n- Wrote to: Jane M.\n\n"
        "## Commitments: 0 of 1 kept so far\n\n- Post: 1 of 2 so far, till Sun 11 Jan 2026\n\n"
        "## From Mon 12 Jan 2026 to Sun 18 Jan 2026\n\n"
        "- i3 Call with Kim: Thu 15 Jan 2026\n- t1 Send the repo: Wed 14 Jan 2026\n"
    )


def test_a_week_long_past_tells_nothing_of_what_came(prepared):
    """Its title says no more `so far`, and what came after it is known by now."""
    shown = prepared(*BUSY)("week", "--report", "--at", "2026-01-07", now=FEBRUARY).out
    assert shown.startswith("# Mon 5 Jan 2026 to Sun 11 Jan 2026\n")
    assert "0 of 1 commitments kept" in shown
    assert "## From" not in shown


def test_the_commitments_of_a_week_are_the_same_ones_on_its_last_evening_and_after(crm):
    """Met ones are kept while the week runs; a day that was missed, and a month that runs on, are counted alike."""
    for each in (("Post", "2/week"), ("Drill", "1/day"), ("Publish", "3/month")):
        crm("commitment", "add", *each, "--accept")
    for _post in range(3):
        crm("check-in", "Post", now="2026-01-06T17:00:00Z")
    sunday = crm("week", "--report", now="2026-01-12T03:00:00Z").out
    assert "1 of 2 commitments kept so far." in sunday
    assert "## Commitments: 1 of 2 kept so far\n" in sunday
    crm("hours", "add", "Projects", "--role", "projects")
    assert "1 of 2 commitments kept so far" in crm("reminder", "tick").out
    monday = crm("week", "--report", "--at", "2026-01-11", now="2026-01-12T17:00:00Z").out
    assert "1 of 2 commitments kept." in monday


def test_a_daily_commitment_is_kept_once_its_week_is(crm):
    """Each day of it so far is not yet the week."""
    crm("commitment", "add", "Drill", "1/day", "--accept")
    for day in range(5, 12):
        crm("check-in", "Drill", now=f"2026-01-{day:02}T20:00:00Z")
        kept = "1 of 1 commitments kept." if day == 11 else "0 of 1 commitments kept so far."
        assert kept in crm("week", "--report").out


def test_time_over_a_target_is_told_beside_what_counts(crm):
    """The screen, the account and the last evening have the same two figures for one week."""
    for name in ("projects", "reading"):
        crm("hours", "add", name.capitalize(), "--role", name)
        crm("hours", "target", name, "5h")
    crm("log-hours", "5h15", "projects", "--at", "2026-01-06 6:00", now="2026-01-12T03:00:00Z")
    crm("log-hours", "2h30", "reading", "--at", "2026-01-07 6:00")
    said = "7 h 30 min of 10 h, 7 h 45 min in all"
    assert f"{said}: what is over one target" in crm("week").out
    assert f"## Hours: {said}\n" in crm("week", "--report").out
    assert f"This week: {said}" in crm("reminder", "tick").out


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
