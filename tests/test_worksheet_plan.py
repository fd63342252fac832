"""The plan in a worksheet: dates, hours, checklist, reviews, companies, commitments."""

from datetime import date

import pytest

from crm.importers import worksheet
from crm.rows import (
    ActivityRow,
    AvailabilityRow,
    CommitmentRow,
    NoticeRow,
    OrganizationRow,
    PlanRow,
    ReviewRow,
    Row,
    TaskRow,
)

UNUSED = "\n## Referrals\n- Uwe\n"  # a worksheet without one row is refused; this keeps blanks readable


def read(text: str) -> list[Row]:
    return worksheet.read((text + UNUSED).encode(), name="mine.md")


def plan(rows: list[Row]) -> dict[str, object]:
    """All facts of the plan."""
    return {name: value for row in rows if isinstance(row, PlanRow) for name, value in row.facts()}


def about(rows: list[Row], line: int) -> list[tuple[str, bool]]:
    """Level and blankness of the notices at a line."""
    return [(row.level, row.blank) for row in rows if isinstance(row, NoticeRow) and row.source.line == line]


@pytest.mark.parametrize(
    "written",
    [
        "**Date Started:** 2026-01-05",
        "**Date Started**: 2026-1-5",
        "Date started: 5 January 2026",
        "- Start date: Jan 5, 2026",
        "**Start Date:** January 5th, 2026.",
        "**Date Started:** Monday, January 5, 2026",
        "**Date Started:**\n2026-01-05",
    ],
)
def test_a_start_date_that_can_mean_one_day_only_is_read(written: str):
    """ISO and long dates are read, with or without their weekday, beside the label or below it."""
    assert plan(read(f"{written}\n"))["start_on"] == date(2026, 1, 5)


@pytest.mark.parametrize(
    "written",
    ["01/05/2026", "5.1.2026", "Jan 5", "5 Jan 26", "2026-02-30", "Tuesday, January 5, 2026", "next week", "2026"],
)
def test_any_other_start_date_is_a_warning_and_never_a_guess(written: str):
    """A slashed, partial, impossible or contradictory date is reported with its line and remedy."""
    found = read(f"# Mine\n\n**Date Started:** {written}\n")
    assert "start_on" not in plan(found)
    assert about(found, 3) == [("warning", False)]


@pytest.mark.parametrize(
    "blank", ["**Date Started:** _______\n**Date Completed:** 2026-01-05\n", "**Date Started:**\n\n"]
)
def test_a_blank_start_date_is_a_gap_at_its_line(blank: str):
    """The completion date below a blank start date is not taken for it."""
    found = read(blank)
    assert "start_on" not in plan(found)
    assert about(found, 1) == [("gap", True)]


@pytest.mark.parametrize(
    ("answer", "deadline"),
    [
        ("By 1 year after graduation, or May 2029.", date(2029, 5, 31)),
        ("February 2028", date(2028, 2, 29)),
        ("3 June 2027", date(2027, 6, 3)),
        ("on June 3, 2027", date(2027, 6, 3)),
        ("2027-06-03", date(2027, 6, 3)),
        ("May 2027 or June 2027", None),
        ("about 2027", None),
        ("soon", None),
    ],
)
def test_the_deadline_is_the_one_day_that_the_timeline_names(answer: str, deadline: date | None):
    """A month stands for its last day; the reading is inferred and asked about; two days or none are no deadline."""
    found = read(f"- **Timeline to achieve this:**\n  - {answer}\n")
    assert plan(found).get("deadline_on") == deadline
    assert about(found, 2) == [("gap", False)]
    assert all(row.source.inferred for row in found if isinstance(row, PlanRow))


def test_the_example_of_total_hours_is_inferred_and_asked_about():
    """The worksheet's own figure is a default to confirm, not a fact."""
    found = read("**Time Investment:** Spend 5-10%. For a 1,250-hour learning project, that's ~62-125 hours.\n")
    (row,) = [row for row in found if isinstance(row, PlanRow)]
    assert (row.total_hours, row.source.line, row.source.inferred) == (1250, 1, True)
    assert about(found, 1) == [("gap", False)]


def test_the_summary_gives_goal_hours_and_months():
    """A filled summary is read as it stands."""
    found = read(
        "### My Goal in One Sentence:\n- Build things\n\n"
        "### My Weekly Commitment:\n- Hours per week: 7.5\n- For how many months: 6 months\n"
    )
    assert plan(found) == {"goal": "Build things", "weekly_hours": 7.5, "months": 6}


def test_a_range_of_weekly_hours_or_months_is_a_warning():
    """Two numbers where one is meant are not averaged."""
    found = read("### My Weekly Commitment:\n- Hours per week: 8-10\n- For how many months: a few\n")
    assert plan(found) == {}
    assert [about(found, line) for line in (2, 3)] == [[("warning", False)], [("warning", False)]]


def test_weekly_hours_that_contradict_each_other_are_a_warning():
    """The commitment counts; the total of the activities is named where it differs."""
    found = read(
        "### Weekly Commitment\n- Hours per week: 8\n\n"
        "### Time Allocation\n- Reading:\n  - Hours/week: 9\n- TOTAL:\n  - Total hours/week: 9\n"
    )
    assert plan(found)["weekly_hours"] == 8
    assert about(found, 2) == [("warning", False)]


@pytest.mark.parametrize(
    ("text", "partner"),
    [
        ("- [ ] **Learning partner/study group:**\n  - Who: Rosa", "Rosa"),
        ("- [x] **Learning partner:** Rosa and Uwe", "Rosa and Uwe"),
        ("- Study group:\n  - the Tuesday club", "the Tuesday club"),
        ("- [ ] **Learning partner/study group:**\n  - Who:", None),
    ],
)
def test_the_learning_partner_is_who_stands_there(text: str, partner: str | None):
    """The partner is taken verbatim; a blank one is a gap."""
    found = read(f"### 6.2 Accountability\n\n{text}\n- [ ] **Other:**\n  - What:\n")
    assert plan(found).get("partner") == partner
    assert bool(about(found, 4)) is (partner is None)


@pytest.mark.parametrize(
    ("written", "minutes"),
    [
        ("4", 240),
        ("4h", 240),
        ("4 hours", 240),
        ("1.5", 90),
        ("1h30", 90),
        ("90 min", 90),
        ("0", 0),
        ("2 hours/day", 120),
    ],
)
def test_the_hours_of_a_weekday(written: str, minutes: int):
    """A single number of hours is read however it is written, with best time and notes verbatim."""
    found = read(f"- **Tue:**\n  - Available hours: {written}\n  - Best time of day: 7:00\n  - Notes: at *home*\n")
    (row,) = [row for row in found if isinstance(row, AvailabilityRow)]
    assert (row.weekday, row.minutes, row.best_time, row.notes) == (1, minutes, "7:00", "at *home*")
    assert row.source.line == 2


@pytest.mark.parametrize(
    "written", ["3-4", "3 to 4", "~4", "25", "-2", "4?", "a few", "1e3", "nan", "4 or 5", "\u00bd"]
)
def test_odd_hours_are_a_warning_with_their_line_and_not_guessed(written: str):
    """Ranges, guesses and impossible amounts leave the hours open and name the command that settles them."""
    found = read(f"# Mine\n- **Monday:**\n  - Available hours: {written}\n  - Notes: home\n")
    (row,) = [row for row in found if isinstance(row, AvailabilityRow)]
    assert (row.minutes, row.notes) == (None, "home")
    (warning,) = [row for row in found if isinstance(row, NoticeRow) and row.level == "warning"]
    assert warning.source.line == 3
    assert f'Monday says "{written}"' in warning.text
    assert warning.remedy.startswith("crm hours available monday")


def test_blank_weekdays_are_one_gap():
    """Weekdays without anything are no rows, and are counted once."""
    found = read("".join(f"- **{day}:**\n  - Available hours:\n  - Notes:\n" for day in ("Monday", "Friday")))
    assert not [row for row in found if isinstance(row, AvailabilityRow)]
    texts = [row.text for row in found if isinstance(row, NoticeRow) and row.subject == "hours"]
    assert texts == ["available hours of the weekdays: 2 of 2 blank"]


@pytest.mark.parametrize(("total", "levels"), [("5", []), ("6", [("warning", False)]), ("", []), ("5-6", [])])
def test_the_total_of_the_weekdays_must_be_their_sum(total: str, levels: list[tuple[str, bool]]):
    """A total that differs from the sum is a warning at the total's line."""
    found = read(
        f"### Time Audit\n- Monday:\n  - Available hours: 2\n- Tuesday: 3h\n- **TOTAL:**\n  - Hours per week: {total}\n"
    )
    assert about(found, 6) == levels


def test_something_that_is_no_weekday_is_a_warning():
    """`Weekdays: 2` is five days or one; nobody knows."""
    found = read("### Available Time\n- Weekdays: 2h\n- Sun: 1h\n")
    assert [row.weekday for row in found if isinstance(row, AvailabilityRow)] == [6]
    assert about(found, 2) == [("warning", False)]


def test_activities_exist_though_blank_and_have_roles():
    """Each activity is a row under its own name; its role comes from its words."""
    names = {
        "Building projects": "projects",
        "Drilling weak skills": "drills",
        "Reading/research": "reading",
        "Retrieval practice": "retrieval",
        "Community/networking": "networking",
        "Metalearning": "metalearning",
        "Gardening": "other",
    }
    found = read(
        "### Time Allocation\n" + "".join(f"- **{name}:**\n  - % of time:\n  - Hours/week:\n" for name in names)
    )
    assert {row.name: row.role for row in found if isinstance(row, ActivityRow)} == names
    assert about(found, 2) == [("gap", True)]


def test_activities_with_shares_and_hours():
    """Shares and hours are read, odd ones are warnings, and hours may stand beside the name."""
    found = read(
        "### Time Allocation\n- **Reading:**\n  - % of time: 40%\n  - Hours/week: 4\n"
        "- **Drills:**\n  - % of time: 50-60\n  - Hours/week: 169\n- Gym: 3h\n"
    )
    rows = [(row.name, row.share_percent, row.weekly_minutes) for row in found if isinstance(row, ActivityRow)]
    assert rows == [("Reading", 40, 240), ("Drills", None, None), ("Gym", None, 180)]
    assert [about(found, line) for line in (6, 7)] == [[("warning", False)], [("warning", False)]]


def test_shares_must_add_up_to_a_hundred():
    """Only a full set of shares is added up."""
    text = "### Time Allocation\n- A:\n  - % of time: 40\n- B:\n  - % of time: {}\n"
    assert about(read(text.format("60%")), 2) == []
    assert about(read(text.format("50")), 2) == [("warning", False)]
    assert about(read(text.format("")), 2) == []


def test_checklist_items_have_the_horizon_of_their_heading():
    """Headings tell the horizon, however they are worded; every way to draw a box is understood."""
    found = read(
        "## Action Items Checklist\n\n### Immediate (This Week)\n- [ ] a1\n- [] a2\n- [x] a3\n* [X] a4\n\n"
        "### Short-term (next two weeks)\n+ [\u2713] b1\n1. [ x ] b2\n2. \u2610 b3\n3. b4\n\n"
        "### Before Starting Main Learning\n- [ ] c1 (**see** part_2)\n  - [ ] c2\n  - a remark\n- [ ]\n\n"
        "### Someday\n- [ ] d1\n"
    )
    week, fortnight, start = "this-week", "next-two-weeks", "before-start"
    assert [(row.title, row.horizon, row.done) for row in found if isinstance(row, TaskRow)] == [
        ("a1", week, False),
        ("a2", week, False),
        ("a3", week, True),
        ("a4", week, True),
        ("b1", fortnight, True),
        ("b2", fortnight, True),
        ("b3", fortnight, False),
        ("b4", fortnight, False),
        ("c1 (**see** part_2)", start, False),
        ("c2", start, False),
        ("d1", None, False),
    ]


def test_boxes_of_other_parts_are_no_tasks():
    """Facts to memorise, tools and accountability have boxes too, and are no action items."""
    found = read("## Tools to Set Up\n- [ ] Docker\n\n### Accountability\n- [ ] **Other:**\n\n## Notes\n- [x] done\n")
    assert not [row for row in found if isinstance(row, TaskRow)]


def test_an_odd_mark_and_a_repeated_item_are_warnings():
    """A box with another mark is read as open, the second item of one wording is not read."""
    found = read("## Action Items\n- [-] a\n- [ ] b\n- [x] b\n")
    assert [(row.title, row.done) for row in found if isinstance(row, TaskRow)] == [("a", False), ("b", False)]
    assert [about(found, line) for line in (2, 4)] == [[("warning", False)], [("warning", False)]]


def test_reviews_keep_their_exact_words_and_their_distance():
    """Weeks and months of any number, ticked or not; what is no milestone is a warning."""
    found = read(
        "## Review Schedule\n\n- [ ] **Week 2:** Look\u2014adjust  \n- [x] **month 18**: *Big* one: all\n"
        "- 6 weeks: ok\n"
        "- [ ] **Quarter 1:** no\n- [ ] **Week 0:** no\n- [ ] **Week 2:** again\n"
    )
    assert [
        (row.name, row.text, row.offset_weeks, row.offset_months, row.done)
        for row in found
        if isinstance(row, ReviewRow)
    ] == [
        ("Week 2", "Look\u2014adjust", 2, 0, False),
        ("Month 18", "*Big* one: all", 0, 18, True),
        ("Week 6", "ok", 6, 0, False),
    ]
    assert [about(found, line) for line in (6, 7, 8)] == [[("warning", False)]] * 3


def test_target_companies_are_read_verbatim_and_once():
    """Names after `like` and in the brackets of analysed postings, odd spelling and all; kinds of firms are none."""
    found = read(
        "- **Company type (startup/lab):**\n"
        "  -I would like a FANNG or top tier firm, like Acme, Globx, linkedup, Umbrella Works, etc.\n\n"
        "## Job Postings Analysis\n\n"
        "**Question:** Analyze postings for Data Engineer (Search Systems) roles. Which?\n\n"
        "*Based on analysis of 3 Engineer (Search Systems) job listings (acme, Acme, Woven by Hooli, Vandelay)*\n"
    )
    companies = [(row.name, row.target, row.source.line) for row in found if isinstance(row, OrganizationRow)]
    assert companies == [
        ("Acme", True, 2),
        ("Globx", True, 2),
        ("Umbrella Works", True, 2),
        ("Woven by Hooli", True, 8),
        ("Vandelay", True, 8),
    ]


@pytest.mark.parametrize(
    ("answer", "names"), [("Acme, Hooli", ["Acme", "Hooli"]), ("a small friendly firm, Berlin", [])]
)
def test_company_type_may_be_nothing_but_names(answer: str, names: list[str]):
    """An answer of plain names is read; a description is not mined for capitals."""
    found = read(f"- **Company type:** {answer}\n")
    assert [row.name for row in found if isinstance(row, OrganizationRow)] == names


def test_a_rate_in_passing_is_one_proposed_commitment():
    """Two mentions of one act and rate are one commitment, proposed, in the words that tell most."""
    found = read(
        "### 2.3 Procedures\n- **Writing about it (post twice/week on the forum)**\n\n"
        "### Practitioner Interviews\n"
        "- Write (I could make a task to post twice per week on the forum about what I'm building).\n"
    )
    (row,) = [row for row in found if isinstance(row, CommitmentRow)]
    assert (row.title, row.times, row.per, row.state) == (
        "Post on the forum about what I'm building",
        2,
        "week",
        "proposed",
    )
    assert (row.source.line, row.source.inferred) == (5, True)


@pytest.mark.parametrize(
    ("prose", "expected"),
    [
        ("I could run 3 times a week", ("Run", 3, "week")),
        ("I'd like to meet Rosa once a month for coffee", ("Meet Rosa for coffee", 1, "month")),
        ("We should read two times per day", ("Read", 2, "day")),
        ("review notes 3x/week", ("Review notes", 3, "week")),
        ("he trains twice a day", None),
        ("This club meets once a week", None),
        ("post every week", None),
        ("post 0 times a week", None),
        ("the lecture that everybody at the school talks about happens twice a week", None),
    ],
)
def test_ways_to_state_a_rate(prose: str, expected: tuple[str, int, str] | None):
    """`N times per day, week or month` with what oneself would do; others' habits are no commitments."""
    found = read(f"### Practitioner Interviews\n- {prose}\n")
    rates = [(row.title, row.times, row.per) for row in found if isinstance(row, CommitmentRow)]
    assert rates == ([expected] if expected else [])
