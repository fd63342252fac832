"""A person who lives with the program for a while: what they do is decided by a seed, typed as commands, and logged."""

import json
from copy import deepcopy
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from half_year_log import TALKS, WRITTEN, Commitment, Contact, Entry, Log, Review, Target
from half_year_reckoning import WEEKDAYS, Reckoning, in_force, months_on, next_period, told

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
HOME, ABROAD = ZoneInfo("America/Los_Angeles"), (ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kathmandu"))
ROLES = {
    "Building projects": "projects",
    "Drilling weak skills": "drills",
    "Reading": "reading",
    "Metalearning": "metalearning",
    "Networking": "networking",
}
PEOPLE = ("Ada Moss", "Ben Ode", "Cleo Park", "Dov Quist", "Esa Rune")
REVIEWS = {"Week 2": (2, 0), "Month 1": (0, 1), "Month 3": (0, 3), "Month 6": (0, 6)}
PER_DAY = {"day": 1.0, "week": 7.0, "month": 30.436875}
BELIEVED = 175 * MINUTE  # a timer that ran no longer is never asked about
TAKEN_BACK = 0.06


class Life:
    """One person, for some days from `start_on` on, with `journeys` from one of these days to another.

    Attributes:
        log: what they did.
        now: the present instant; it only moves on.
        tz: where they are.
    """

    def __init__(self, crm, monkeypatch, folder, *, seed, start_on, length, journeys, busy, planned=True):
        self._crm, self._monkeypatch, self._folder = crm, monkeypatch, folder
        self.chance = Random(seed)  # noqa: S311 - a simulation, no secrets
        self.log, self.start_on, self.length, self.planned = Log(), start_on, length, planned
        self.now, self.tz = datetime.combine(start_on, time(8), HOME).astimezone(UTC), HOME
        self._journeys, self._busy, self._planned = journeys, busy, 0
        self._lazy = {week for week in range(1, length // 7 + 1) if self.chance.random() < 0.15}

    # The world -----------------------------------------------------------------------------------------------------

    def reckoning(self):
        """The figures as they should be now."""
        return Reckoning(self.log, self.now, self.tz)

    def run(self, *arguments):
        """Type a command, and get its JSON."""
        self._monkeypatch.setenv("CRM_TIMEZONE", self.tz.key)
        return self._crm(*arguments, "--json", now=told(self.now)).json

    def days(self):
        """Live day by day; after each, something may be looked at."""
        self.prepare()
        for number in range(self.length):
            self.tz = next(
                (abroad for abroad, (left, back) in zip(ABROAD, self._journeys, strict=True) if left <= number < back),
                HOME,
            )
            for hour in sorted(self.chance.uniform(0.1, 23.9) for _act in range(self._acts(number))):
                begun = datetime.combine(self.start_on, time(0), HOME).astimezone(UTC)
                self.now = max(self.now, (begun + number * DAY + hour * HOUR).replace(microsecond=0))
                self.act()
            if number % 7 == 4:
                self.read_file()
            yield number

    def _acts(self, number):
        return 0 if number // 7 in self._lazy else self.chance.choice(self._busy)

    # What they do --------------------------------------------------------------------------------------------------

    def prepare(self):
        """Activities and people; and with a plan all that it asks for."""
        log = self.log
        for name, role in ROLES.items():
            self.run("hours", "add", name, "--role", role)
            log.roles[name] = role
        for name in PEOPLE:
            self.run("contact", "add", name)
        self.run("question", "add", "What would you learn first?")
        if not self.planned:
            return
        weeks = self.length // 7
        log.start_on, log.total_hours, log.weekly_hours, log.months = self.start_on, 4 * weeks, 12, 6
        hours = ("--total-hours", str(log.total_hours), "--weekly-hours", "12")
        self.run("plan", "set", *hours, "--months", "6")
        for name, (after, months) in REVIEWS.items():
            self.run("review", "add", name, "--weeks", str(after), "--months", str(months))
            log.reviews[name] = Review(after, months)
        self.run("plan", "start", str(self.start_on))
        for title in ("Write to somebody", "Set up the desk"):
            log.checklist[self.run("task", "add", title, "--kind", "checklist")["ref"]] = None
        for title, often in (("Post", (4, "week")), ("Drill", (1, "day")), ("Publish", (3, "month"))):
            accepted = title != "Publish"
            rhythm = (title, f"{often[0]}/{often[1]}")
            made = self.run("commitment", "add", *rhythm, *(["--accept"] if accepted else []))
            log.commitments[made["ref"]] = Commitment(title, accepted, {self.start_on: often})
        for name in ("Building projects", "Reading"):
            self.set_target(name)
        for weekday in (0, 1, 5):
            self.set_room(weekday)

    def act(self):
        """Do one thing."""
        always = {self.log_time: 5, self.use_timer: 4, self.contact: 4, self.mend: 2}
        planned = {
            self.check_in: 9,
            self.change_rhythm: 0.7,
            self.accept: 0.5,
            self.set_target: 0.8,
            self.set_room: 0.4,
            self.review: 1.2,
            self.tick: 0.3,
            self.refer: 0.8,
        }
        weights = always | (planned if self.planned else {})
        deed = self.chance.choices(list(weights), list(weights.values()))[0]
        before = deepcopy(self.log)
        if deed() and self.chance.random() < TAKEN_BACK:
            self.run("undo")
            self.log = before

    def earlier(self, longest, *, lasting=timedelta(0)):
        """An instant from which so much time has passed, and how it may be typed: as such, or as a wall time.

        Often it lies near a midnight, where a day or a week ends.
        """
        latest = self.now - lasting
        at = latest - self.chance.random() * longest
        if self.chance.random() < 0.4:
            night = datetime.combine(at.astimezone(self.tz).date(), time(0), self.tz).astimezone(UTC)
            at = min(latest, night + self.chance.randint(-60, 60) * MINUTE)
        if self.chance.random() < 0.5:
            at = at.replace(microsecond=0)
            return at, told(at)
        local = at.astimezone(self.tz).replace(second=0, microsecond=0, fold=0)
        meant = local.astimezone(UTC)
        return (meant, f"{local:%Y-%m-%d %H:%M}") if meant <= latest else self.earlier(longest, lasting=lasting)

    def log_time(self):
        """Log time that was spent up to three days ago."""
        name, minutes = self.chance.choice(list(ROLES)), self.chance.randint(5, 240)
        at, typed = self.earlier(3 * DAY, lasting=minutes * MINUTE)
        made = self.run("log-hours", f"{minutes}m", name, "--at", typed)
        self.log.entries[made["ref"]] = Entry(name, at, minutes)
        return True

    def use_timer(self):
        """Start the timer, or stop the one that runs; of one that ran long, say how long it really was."""
        running = next((ref for ref, each in self.log.entries.items() if each.minutes is None), None)
        if running is None:
            name = self.chance.choice(list(ROLES))
            self.log.entries[self.run("timer", "start", name)["ref"]] = Entry(name, self.now, None)
            return True
        entry = self.log.entries[running]
        ran = self.now - entry.started_at
        if ran <= BELIEVED:
            self.run("timer", "stop")
            entry.minutes = max(1, int(ran / MINUTE))
        else:
            entry.minutes = self.chance.randint(20, 200)
            self.run("timer", "stop", "--duration", f"{entry.minutes}m")
        return True

    def contact(self):
        """Talk with somebody, which counts as networking, or write or be written to."""
        kind = self.chance.choice((*TALKS, *WRITTEN))
        direction = self.chance.choice(("out", "out", "in"))
        who = tuple(self.chance.sample(PEOPLE, self.chance.choice((1, 1, 2))))
        at, typed = self.earlier(2 * DAY)
        options = ["--kind", kind, "--direction", direction, "--at", typed]
        minutes = self.chance.randint(15, 90) if kind in TALKS and self.chance.random() < 0.8 else None
        options += ["--duration", f"{minutes}m"] if minutes else []
        answer = f"answer {len(self.log.answers)}" if len(who) == 1 and self.chance.random() < 0.3 else None
        options += ["--answer", f"q1={answer}"] if answer else []
        made = self.run("log-contact", *who, *options)
        self.log.contacts.append(Contact(who, kind, direction, at))
        if minutes:
            self.log.entries[f"chat {made['interaction']['ref']}"] = Entry("Networking", at, minutes, mine=False)
        if answer:
            self.log.answers.append((at, who[0], answer))
        return True

    def mend(self):
        """Change or remove an entry that no chat brought."""
        mine = [ref for ref, each in self.log.entries.items() if each.mine and each.minutes]
        if not mine:
            return False
        ref = self.chance.choice(mine)
        if self.chance.random() < 0.4:
            self.run("hours", "remove", ref)
            del self.log.entries[ref]
            return True
        name, minutes = self.chance.choice(list(ROLES)), self.log.entries[ref].minutes % 200 + 7
        at, typed = self.earlier(5 * DAY, lasting=minutes * MINUTE)
        self.run("hours", "edit", ref, "--at", typed, "--activity", name, "--duration", f"{minutes}m")
        self.log.entries[ref] = Entry(name, at, minutes)
        return True

    def read_file(self):
        """Read a tracker's log, twice: the second time there is nothing new."""
        frames = []
        for _frame in range(12):
            began, _typed = self.earlier(6 * DAY)
            seconds = self.chance.randint(60, 9000)
            frames.append((began, seconds, f"{self.chance.getrandbits(128):032x}"))
        path = self._folder / "watson.json"
        path.write_text(
            json.dumps(
                [
                    {"id": uid, "project": "Reading", "start": told(began), "stop": told(began + seconds * MINUTE / 60)}
                    | {"tags": []}
                    for began, seconds, uid in frames
                ]
            )
        )
        assert self.run("hours", "import", str(path))["new"] == len(frames)
        assert self.run("hours", "import", str(path))["new"] == 0
        for began, seconds, uid in frames:
            self.log.entries[uid] = Entry("Reading", began, (seconds + 30) // 60, mine=False)
        return False

    def check_in(self):
        """Check in what was promised, or skip it for a reason."""
        accepted = [ref for ref, each in self.log.commitments.items() if each.accepted]
        ref, skipped = self.chance.choice(accepted), self.chance.random() < 0.3
        at, typed = self.earlier(3 * DAY)
        self.run("check-in", ref, "--at", typed, *(["--skip", "was ill"] if skipped else []))
        self.log.commitments[ref].marks.append((at, skipped))
        return True

    def accept(self):
        """Take on what was only proposed: it counts from today."""
        today = self.reckoning().today
        for ref, each in self.log.commitments.items():
            if not each.accepted:
                self.run("commitment", "accept", ref)
                each.accepted, each.versions = True, {today: each.versions[max(each.versions)]}
                return True
        return False

    def change_rhythm(self):
        """Promise more, which counts at once, or less, which counts from the next period on."""
        today, ref = self.reckoning().today, self.chance.choice(list(self.log.commitments))
        commitment = self.log.commitments[ref]
        begun = {each: often for each, often in commitment.versions.items() if each <= today}
        if not commitment.accepted or not begun:
            return False
        now = in_force(begun, today)
        often = (self.chance.randint(1, 4), self.chance.choice((now[1], now[1], *PER_DAY)))
        if often == now:
            return False
        if often[0] / PER_DAY[often[1]] > now[0] / PER_DAY[now[1]]:
            self.run("commitment", "edit", ref, "--often", f"{often[0]}/{often[1]}")
            from_on = today
        else:
            self.run("commitment", "ease", ref, f"{often[0]}/{often[1]}")
            from_on = next_period(today, now[1])
        commitment.versions = begun | {from_on: often}
        return True

    def set_target(self, name=None):
        """Aim at so many hours a week from a day on, at times with a share."""
        name = name or self.chance.choice(list(ROLES))
        from_on = self.reckoning().today + self.chance.choice((0, 0, 3, -4)) * DAY
        dated = self.log.targets.setdefault(name, {})
        minutes, share = self.chance.randint(0, 40) * 15, self.chance.choice((None, None, 20.0, 35.5))
        options = ["--share", str(share)] if share is not None else []
        self.run("hours", "target", name, f"{minutes}m" if minutes else "0", "--from", str(from_on), *options)
        before = dated.get(from_on) or in_force(dated, from_on)
        dated[from_on] = Target(minutes, share if share is not None else before.share if before else None)
        return False

    def set_room(self, weekday=None):
        """Say what a weekday has room for."""
        weekday = self.chance.randrange(7) if weekday is None else weekday
        minutes = self.chance.randint(0, 16) * 30
        self.run("hours", "available", WEEKDAYS[weekday], f"{minutes / 60:g}h")
        self.log.room[weekday] = minutes
        return False

    def review(self):
        """Complete the next review once it is near, or move it."""
        today = self.reckoning().today
        for name, each in self.log.reviews.items():
            due = each.moved_to or self.due_on(each)
            if each.completed_at is None and due <= today + 5 * DAY:
                if self.chance.random() < 0.3:
                    to_on = today + self.chance.randint(0, 9) * DAY
                    self.run("review", "move", name, str(to_on))
                    each.moved_to = None if to_on == self.due_on(each) else to_on
                    return False
                self.run("review", "complete", name, "--note", "went well")
                each.completed_at = self.now
                return True
        return False

    def refer(self):
        """Plan to ask for a referral or an introduction, or record how one went on."""
        noun, there = self.chance.choice((("referral", self.log.referrals), ("intro", self.log.introductions)))
        steps = ("planned", "agreed", "submitted" if noun == "referral" else "made")
        ahead = [ref for ref, (state, _at) in there.items() if state != steps[-1]]
        if ahead and self.chance.random() < 0.6:
            ref = self.chance.choice(ahead)
            step = steps[steps.index(there[ref][0]) + 1]
            self.run(noun, step, ref)
        else:
            self._planned += 1
            company, who = f"Company {self._planned}", self.chance.choice(PEOPLE)
            to = ("--company", company) if noun == "referral" else ("--for", f"Guest {self._planned}", "--at", company)
            ref, step = self.run(noun, "plan", who, *to, "--anyway", "a simulation")["ref"], steps[0]
        there[ref] = step, self.now
        return True

    def due_on(self, review) -> date:
        """The day on which a review falls by the plan."""
        return months_on(self.start_on, review.months) + 7 * review.weeks * DAY

    def tick(self):
        """Do something of the checklist."""
        for ref, done_at in self.log.checklist.items():
            if done_at is None:
                self.run("done", ref)
                self.log.checklist[ref] = self.now
                return True
        return False
