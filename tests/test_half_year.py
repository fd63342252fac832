"""Half a year with the program: every figure it prints equals one reckoned anew from what was done, and that alone.

The person skips some weeks, travels across zones twice, logs and mends, and lives through both changes of the clocks.
A whole half year is lived with CRM_SOAK=1; otherwise two stretches of it, each around one of the changes.
"""

import os
from datetime import date, timedelta

import pytest
from half_year_life import Life
from half_year_reckoning import WEEKDAYS, told

# Each has a change of the clocks in Los Angeles while the person is at home, and journeys before and after it.
PARTS = [
    {"seed": 1, "start_on": date(2025, 10, 26), "length": 14},
    {"seed": 2, "start_on": date(2026, 3, 1), "length": 14},
    {"seed": 3, "start_on": date(2026, 3, 1), "length": 9, "planned": False},
]
PART = {"journeys": [(2, 5), (9, 12)], "busy": (3, 4, 5)}
WHOLE = {"start_on": date(2025, 10, 6), "length": 26 * 7, "journeys": [(60, 80), (110, 125)], "busy": (1, 2, 2, 3)}
LIVES = (
    [WHOLE | {"seed": seed, "planned": bool(seed % 3)} for seed in (1, 2, 3, 4)]
    if os.environ.get("CRM_SOAK")
    else [PART | each for each in PARTS]
)


def check(life):
    """Compare everything that is printed with the reckoning."""
    should = life.reckoning()
    same(life.run("week"), should.week(should.today), "week")
    for weeks in (1, 2, life.chance.randint(3, 8)):
        past = should.today - timedelta(weeks=weeks)
        same(life.run("week", "--at", str(past)), should.week(past), f"week of {past}")
    check_today(life, should)
    same(budget(life), should.budget(), "budget")
    check_targets(life, should)
    check_log(life, should)
    check_commitments(life, should)
    check_reviews(life, should)


def check_today(life, should):
    """What `crm today` says of hours and commitments, and `crm timer status` of the timer."""
    found = life.run("today")
    same(found["hours"], should.today_hours(), "hours of today")
    accepted = {ref: should.standing(each) for ref, each in life.log.commitments.items() if each.accepted}
    stands = {
        each["ref"]: {name: each[name] for name in accepted.get(each["ref"], {})} for each in found["commitments"]
    }
    same(stands, accepted, "commitments of today")
    running = [should.minutes(each) for each in life.log.entries.values() if each.minutes is None]
    status = life.run("timer", "status")
    same([status["minutes"]] if status["running"] else [], running, "timer")


def check_commitments(life, should):
    """`crm commitment list`, and `crm commitment show` of one of them."""
    for each in life.run("commitment", "list")["items"]:
        commitment = life.log.commitments[each["ref"]]
        rest = should.standing(commitment) if commitment.accepted else {}
        same({name: each.get(name) for name in rest}, rest, each["title"])
        times = {date.fromisoformat(one["from_on"]): (one["times"], one["per"]) for one in each["versions"]}
        same(times, commitment.versions, "versions")
    if life.log.commitments:
        ref = life.chance.choice(list(life.log.commitments))
        same(life.run("commitment", "show", ref)["periods"], should.periods(life.log.commitments[ref])[-12:], ref)


def check_targets(life, should):
    """`crm hours list`."""
    found = life.run("hours", "list")
    items = [
        {name: each[name] for name in ("name", "role", "weekly_hours", "share_percent")}
        | {"targets": {one["from_on"]: (one["weekly_hours"], one["share_percent"]) for one in each["targets"]}}
        for each in found["items"]
    ]
    same(items, should.targets(), "targets")
    room = {WEEKDAYS.index(day): each["hours"] * 60 for day, each in found["availability"].items()}
    same(room, life.log.room, "room")


def check_log(life, should):
    """`crm hours entries` and `crm hours heatmap`, of all activities and of one."""
    name = life.chance.choice(list(life.log.roles))
    for words, activity in (((), None), ((name,), name)):
        found = life.run("hours", "entries", *words)
        pairs = sorted((each["started_at"], each["minutes"] or -1) for each in found["items"])
        same(pairs, should.entries(activity), "entries")
        same(found["minutes"], sum(minutes for _at, minutes in pairs if minutes > 0), "minutes of entries")
        option = ("--activity", name) if activity else ()
        year = life.run("hours", "heatmap", "--year", str(should.today.year), *option)
        rest = should.heatmap(should.today.year, activity)
        same({key: year[key] for key in rest}, rest, "heatmap")


def check_reviews(life, should):
    """`crm review list`, and what `crm review show` says of one of them."""
    found = life.run("review", "list")["items"]
    days = {each["name"]: (each["due_on"], each["scheduled_on"], each["completed_at"]) for each in found}
    log = life.log
    expected = {
        name: (str(should.due_on(each)), str(each.moved_to) if each.moved_to else None, told(each.completed_at))
        for name, each in log.reviews.items()
    }
    same(days, expected, "reviews")
    if not log.reviews:
        return
    name = life.chance.choice(list(log.reviews))
    facts = life.run("review", "show", name)["facts"]
    facts["people_reached"] = [{"name": each["name"], "talked": each["talked"]} for each in facts["people_reached"]]
    facts["answers"] = [each["text"] for each in facts["answers"]]
    open_ = log.reviews[name].completed_at is None
    same(facts.pop("gaps_count"), sum(1 for _gap in life.run("gaps", "--all")["items"]) if open_ else 0, "gaps")
    for moved in ("referrals", "introductions"):
        facts[moved].sort(key=lambda each: int(each["ref"][1:]))
    same(facts, should.facts(name), f"facts of {name}")


def budget(life):
    """`crm hours budget`, without what it says of the plan itself, which is compared here."""
    found, log = life.run("hours", "budget"), life.log
    total = log.total_hours * 60 if log.total_hours else None
    assert (found.pop("total_minutes"), found.pop("start_on")) == (total, str(log.start_on) if log.start_on else None)
    assert found.pop("date") == str(life.reckoning().today)
    assert bool(found.pop("deadline_on")) == bool(found.pop("deadline_from")) == bool(log.start_on)
    return found


def same(found, expected, what):
    """Compare, and say of what."""
    assert found == expected, what


@pytest.mark.soak
@pytest.mark.parametrize("how", LIVES, ids=lambda how: f"{how['seed']}{'' if how.get('planned', True) else '-no-plan'}")
def test_every_figure_equals_a_reckoning_from_the_log_alone(crm, monkeypatch, tmp_path, how):
    """With targets, room, commitments and reviews, and without any plan, where nothing may fail for want of one."""
    life = Life(crm, monkeypatch, tmp_path, **how)
    for number in life.days():
        if number % 5 == 4 or number == how["length"] - 1:
            check(life)


def test_before_anything_was_done_every_figure_is_nothing(crm):
    """On an empty database each screen and each JSON is there, and all is 0 or unknown."""
    commands = ["week", "today", "hours list", "hours budget", "hours entries", "hours heatmap"]
    for line in (*commands, "commitment list", "review list", "timer status"):
        crm(*line.split(), "--json")
        assert crm(*line.split()).out
    assert crm("hours", "budget", "--json").json["minutes"] == 0
