"""Logging contact: one command records what happened and all that follows from it."""

import sys

import pytest
from outreach_support import ZONES, contact, document, undone
from plan_support import Typed

NOW = "2026-01-05T17:00:00Z"


PEOPLE = (
    "contact add 'Jane Roe' --tag partners",
    "contact add 'Kim Lee' --tag partners",
    "contact add 'Ana Diaz'",
    "hours add Networking --role networking",
)


@pytest.fixture
def people(prepared):
    """Jane, Kim and Ana, the first two in @partners, and an activity for networking."""
    return prepared(*PEOPLE)


@pytest.fixture
def asked(prepared):
    """Those people, and two questions for anybody, q1 and q2."""
    return prepared(*PEOPLE, "question add 'What would you learn first?'", "question add 'What would you skip?'")


def test_one_command_records_everything(asked):
    """Kind, time, length, note, place, answer, follow-up and promise come back in the JSON and in the document."""
    told = asked(
        *("log-contact", "jane", "--kind", "coffee", "--at", "yesterday 15:00", "--duration", "45m"),
        *("--note", "She builds tools", "--place", "Cafe Luna", "--answer", "q1=Linear algebra"),
        *("--follow-up", "in 2 weeks", "--promise", "send the repo by fri", "--json"),
    ).json
    assert told["interaction"]["kind"] == "coffee"
    assert told["interaction"]["state"] == "happened"
    assert told["interaction"]["starts_at"] == "2026-01-04T23:00:00Z"
    assert told["interaction"]["minutes"] == 45
    assert told["interaction"]["note"] == "She builds tools"
    assert told["interaction"]["place"] == "Cafe Luna"
    assert [each["name"] for each in told["contacts"]] == ["Jane Roe"]
    assert told["contacts"][0]["stage"] == "met"
    assert told["contacts"][0]["last_contact_at"] == "2026-01-04T23:00:00Z"
    assert told["answers"][0]["text"] == "Linear algebra"
    assert [(each["kind"], each["due_on"], each["title"]) for each in told["tasks"]] == [
        ("follow-up", "2026-01-19", "Follow up with Jane Roe"),
        ("promise", "2026-01-09", "send the repo"),
    ]
    assert told["closed"] == []
    assert told["warnings"] == []
    assert [each["uid"] for each in document(asked)["interactions"]] == [told["interaction"]["uid"]]


def test_a_name_alone_is_enough(people):
    """Without flags it was now, of kind `other`, and the person reached out."""
    it = people("log-contact", "jane", "--json").json["interaction"]
    assert (it["kind"], it["direction"], it["starts_at"], it["minutes"]) == ("other", "out", NOW, None)


def test_what_was_understood_is_said_back(people):
    """The screen names the person, the resolved day with its weekday, the change of stage, and what to type next."""
    out = people("log-contact", "jane", "--kind", "coffee", "--at", "yesterday 15:00", "--follow-up", "fri").out
    assert "Logged coffee with Jane Roe" in out
    assert "Sun 4 Jan 2026 15:00" in out
    assert "to-contact → met" in out
    assert "Fri 9 Jan 2026" in out
    assert "crm undo" in out


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["jane", "kim"], ["Jane Roe", "Kim Lee"]),
        (["Jane", "Roe", "ana"], ["Jane Roe", "Ana Diaz"]),
        (["@partners"], ["Jane Roe", "Kim Lee"]),
        (["@partners", "jane", "c3"], ["Jane Roe", "Kim Lee", "Ana Diaz"]),
    ],
)
def test_several_people_share_one_interaction(people, words, names):
    """Names in any form and tags make one interaction in which each takes part once and moves to met."""
    told = people("log-contact", *words, "--kind", "event", "--json").json
    assert [each["name"] for each in told["contacts"]] == names
    assert {each["stage"] for each in told["contacts"]} == {"met"}
    assert len(document(people)["interactions"]) == 1


@pytest.mark.parametrize("at", ["tomorrow 9:00", "tomorrow", "in 2 hours", "2027-01-01"])
def test_what_is_to_come_is_not_logged(people, at):
    """A time to come is refused with the command that plans a chat, and nothing changes."""
    before = document(people)
    assert "crm schedule" in people("log-contact", "jane", "--at", at, code=2).err
    assert document(people) == before


@pytest.mark.parametrize(
    ("flags", "stage"),
    [
        (["--kind", "message"], "contacted"),
        (["--kind", "email", "--direction", "in"], "replied"),
        (["--kind", "call"], "met"),
        ([], "contacted"),
        (["--kind", "coffee", "--stage", "keeping-in-touch"], "keeping-in-touch"),
    ],
)
def test_the_stage_moves_with_the_kind(people, flags, stage):
    """The stage follows kind and direction, or the person's own word."""
    people("log-contact", "jane", *flags)
    assert contact(people, "Jane Roe")["stage"] == stage


@pytest.mark.parametrize(
    ("again", "double"),
    [
        (["jane", "kim", "--kind", "coffee", "--at", "yesterday 15:00"], True),
        (["kim", "jane", "--kind", "coffee", "--at", "yesterday 15:00", "--note", "x"], True),
        (["jane", "kim", "--kind", "call", "--at", "yesterday 15:00"], False),
        (["jane", "kim", "--kind", "coffee", "--at", "yesterday 15:01"], False),
        (["jane", "--kind", "coffee", "--at", "yesterday 15:00"], False),
    ],
)
def test_a_double_is_recorded_and_said(people, again, double):
    """The same people, kind and minute: both stand, the first one is named with the way back."""
    people("log-contact", "jane", "kim", "--kind", "coffee", "--at", "yesterday 15:00")
    warnings = people("log-contact", *again, "--json").json["warnings"]
    said = ["i1 is the same by people, kind and time; if this is a double: crm undo"]
    assert warnings == (said if double else [])
    assert len(document(people)["interactions"]) == 2


def test_a_source_keeps_its_stage(people):
    """Contact with a source is recorded with a remark, and moves a stage only where the person says so."""
    people("contact", "add", "Ray Fu", "--kind", "source")
    told = people("log-contact", "ray", "jane", "--kind", "coffee", "--json").json
    assert told["warnings"] == [
        "Ray Fu is noted as a source; to make them a person: crm contact edit ray --kind person"
    ]
    assert [each["stage"] for each in told["contacts"]] == ["to-contact", "met"]
    people("interaction", "edit", "i1", "--kind", "call")
    assert contact(people, "Ray Fu")["stage"] == "to-contact"
    people("log-contact", "ray", "--stage", "replied")
    assert contact(people, "Ray Fu")["stage"] == "replied"


def test_no_kind_in_particular_is_contact(people):
    """What was logged without a kind is called contact, on the screen and in the history."""
    assert "Logged contact with Jane Roe" in people("log-contact", "jane").out
    assert people("history", "-n", "1", "--json").json["items"][0]["summary"] == "Logged contact with Jane Roe"


def test_a_back_dated_entry_moves_nothing(people):
    """A coffee older than the last contact is kept, and moves neither stage nor last contact; the person is told."""
    people("log-contact", "jane", "--kind", "message")
    told = people("log-contact", "jane", "--kind", "coffee", "--at", "3 days ago", "--json").json
    assert told["warnings"] == [
        "older than your last contact with Jane Roe, which stays the last; the stage does not move"
    ]
    assert (told["contacts"][0]["stage"], told["contacts"][0]["last_contact_at"]) == ("contacted", NOW)
    assert len(document(people)["interactions"]) == 2


def test_a_back_dated_entry_moves_those_for_whom_it_is_the_latest(people):
    """Of two people in an older chat, only the one not spoken with since moves."""
    people("log-contact", "jane", "--kind", "message")
    people("log-contact", "jane", "kim", "--kind", "coffee", "--at", "3 days ago 12:00")
    assert contact(people, "Jane Roe")["stage"] == "contacted"
    assert contact(people, "Kim Lee")["stage"] == "met"
    assert contact(people, "Kim Lee")["last_contact_at"] == "2026-01-02T20:00:00Z"


def test_a_day_alone_comes_after_what_else_is_known_of_it(people):
    """A talk of `yesterday` without a time is not taken as older than a message of that day."""
    people("log-contact", "jane", "--kind", "message", "--at", "yesterday 15:00")
    people("log-contact", "jane", "--kind", "coffee", "--at", "yesterday")
    assert contact(people, "Jane Roe")["stage"] == "met"


@pytest.mark.parametrize("zone", ZONES)
def test_days_are_the_persons_days(people, monkeypatch, zone):
    """A clock time of yesterday, and noon of a day alone, are meant where the person is."""
    monkeypatch.setenv("CRM_TIMEZONE", zone)
    expected = {  # now is Mon 9:00 in Los Angeles, Tue 6:00 in Apia, Mon 22:45 in Kathmandu
        "America/Los_Angeles": ("2026-01-05T02:30:00Z", "2026-01-03T20:00:00Z"),
        "Pacific/Apia": ("2026-01-05T05:30:00Z", "2026-01-02T23:00:00Z"),
        "Asia/Kathmandu": ("2026-01-04T12:45:00Z", "2026-01-03T06:15:00Z"),
    }[zone]
    by_clock = people("log-contact", "jane", "--at", "yesterday 18:30", "--json").json
    by_day = people("log-contact", "kim", "--at", "2026-01-03", "--json").json
    assert (by_clock["interaction"]["starts_at"], by_day["interaction"]["starts_at"]) == expected


class TestFulfilling:
    """A planned chat becomes the one that happened, instead of a second row beside it."""

    def planned(self, crm, who="jane", when="fri 14:30"):
        """Plan a coffee and give the interaction."""
        told = crm("schedule", who, *when.split(), "--kind", "coffee", "--duration", "30m", "--json").json
        return told["interaction"]

    def test_a_chat_that_has_passed_is_closed(self, people):
        """It keeps identity, time, kind and length, and takes the new note; the screen says so."""
        was = self.planned(people)
        logged = people("log-contact", "jane", "--note", "fine", "--json", now="2026-01-10T17:00:00Z").json
        it = logged["interaction"]
        assert logged["fulfilled"] is True
        assert it["uid"] == was["uid"]
        assert (it["state"], it["kind"], it["minutes"], it["note"]) == ("happened", "coffee", 30, "fine")
        assert it["starts_at"] == was["starts_at"]
        assert len(document(people)["interactions"]) == 1

    def test_it_says_that_it_was_planned(self, people):
        """The screen tells a fulfilled chat from a new one."""
        self.planned(people)
        assert "Logged the planned coffee" in people("log-contact", "jane", now="2026-01-10T17:00:00Z").out

    def test_a_day_alone_keeps_the_planned_time(self, people):
        """Logging it with only its day leaves the time of day that was planned."""
        was = self.planned(people)
        it = people("log-contact", "jane", "--at", "fri", "--json", now="2026-01-11T17:00:00Z").json["interaction"]
        assert it["starts_at"] == was["starts_at"]

    def test_new_facts_win(self, people):
        """What the person says now replaces what was planned."""
        self.planned(people)
        it = people(
            *("log-contact", "jane", "--kind", "call", "--at", "fri 16:00", "--duration", "1h", "--json"),
            now="2026-01-11T17:00:00Z",
        ).json["interaction"]
        assert (it["kind"], it["starts_at"], it["minutes"]) == ("call", "2026-01-10T00:00:00Z", 60)

    @pytest.mark.parametrize(
        ("when", "kind", "fulfilled"),
        [("17:00", "coffee", True), ("17:00", "call", False), ("tomorrow 8:00", "coffee", False)],
    )
    def test_only_on_its_day_it_may_have_been_early(self, people, when, kind, fulfilled):
        """A coffee planned for later today may have been early; another day's is another, as is a call before it."""
        people("schedule", "jane", *when.split(), "--kind", "coffee")
        assert people("log-contact", "jane", "--kind", kind, "--json").json["fulfilled"] is fulfilled
        left = people("interaction", "list", "--planned", "--json").json["items"]
        assert len(left) == (0 if fulfilled else 1)

    def test_the_nearest_is_meant(self, people):
        """Of two planned chats the one nearer in time is closed."""
        self.planned(people, when="tue 9:00")
        near = self.planned(people, when="thu 9:00")
        logged = people("log-contact", "jane", "--json", now="2026-01-08T20:00:00Z").json
        assert logged["interaction"]["uid"] == near["uid"]

    @pytest.mark.parametrize(
        "flags", [["--kind", "message"], ["--kind", "email", "--direction", "in"], ["--direction", "in"]]
    )
    def test_writing_does_not_close_a_planned_talk(self, people, flags):
        """A message on the day before leaves the planned coffee planned."""
        self.planned(people, when="tomorrow 9:00")
        assert people("log-contact", "jane", *flags, "--json").json["fulfilled"] is False
        assert [each["state"] for each in document(people)["interactions"]] == ["planned", "happened"]

    def test_somebody_more_joins(self, people):
        """Logging it with one person more closes it, and that person takes part."""
        was = self.planned(people, when="17:00")
        logged = people("log-contact", "jane", "kim", "--json").json
        assert logged["interaction"]["uid"] == was["uid"]
        assert [each["name"] for each in logged["contacts"]] == ["Jane Roe", "Kim Lee"]

    def test_a_chat_with_somebody_else_too_stays_planned(self, people):
        """Meeting one of two people is not the chat with both."""
        self.planned(people, who="@partners", when="17:00")
        assert people("log-contact", "jane", "--json").json["fulfilled"] is False

    def test_its_hours_count_once(self, people):
        """A planned chat brings no time; fulfilled, it brings one entry."""
        self.planned(people, when="tomorrow 9:00")
        assert document(people)["time_entries"] == []
        people("log-contact", "jane", "--duration", "45m")
        assert [each["minutes"] for each in document(people)["time_entries"]] == [45]


def test_minutes_count_as_networking_hours(people):
    """The time entry is tied to the interaction and counts under the activity for networking."""
    told = people("log-contact", "jane", "--kind", "call", "--duration", "1h30", "--json").json
    all_of_it = document(people)
    (entry,) = all_of_it["time_entries"]
    assert (entry["minutes"], entry["started_at"]) == (90, NOW)
    assert entry["interaction"] == told["interaction"]["uid"]
    assert entry["activity"] == next(each["uid"] for each in all_of_it["activities"] if each["role"] == "networking")


def test_without_an_activity_for_networking_that_is_said(crm):
    """The chat is logged, no hours are counted, and the command that adds the activity is named."""
    crm("contact", "add", "Jane Roe")
    told = crm("log-contact", "jane", "--duration", "45m", "--json").json
    assert "crm hours add" in told["warnings"][0]
    assert document(crm)["time_entries"] == []


class TestFollowUps:
    """A follow-up is planned with each person, and closed by the next real contact."""

    def test_each_person_gets_their_own(self, people):
        """Two people, two follow-ups, each tied to the interaction."""
        told = people("log-contact", "jane", "kim", "--follow-up", "in 2 weeks", "--json").json
        assert [each["contact"] for each in told["tasks"]] == [each["uid"] for each in told["contacts"]]
        assert {each["interaction"] for each in told["tasks"]} == {told["interaction"]["uid"]}

    def test_contact_on_its_day_closes_it(self, people):
        """A follow-up that is due is done by the contact, which is kept as evidence; the screen says so."""
        people("log-contact", "jane", "--follow-up", "wed")
        result = people("log-contact", "jane", "--kind", "call", now="2026-01-07T20:00:00Z")
        (task,) = document(people)["tasks"]
        assert task["done_at"] == "2026-01-07T20:00:00Z"
        assert task["evidence"] == document(people)["interactions"][1]["uid"]
        assert "Follow up with Jane Roe was due Wed 7 Jan 2026" in result.out

    def test_contact_before_its_day_leaves_it(self, people):
        """A follow-up planned for later stays open."""
        people("log-contact", "jane", "--follow-up", "fri")
        assert people("log-contact", "jane", "--json", now="2026-01-07T20:00:00Z").json["closed"] == []

    def test_a_back_dated_entry_leaves_it(self, people):
        """An entry older than the last contact settles nothing."""
        people("log-contact", "jane", "--at", "2025-12-20 9:00", "--follow-up", "today")
        people("log-contact", "kim")
        told = people("log-contact", "jane", "--at", "2025-12-19 9:00", "--json").json
        assert told["closed"] == []

    def test_somebody_elses_is_left_alone(self, people):
        """Only the follow-ups of those spoken with are closed."""
        people("log-contact", "jane", "--follow-up", "wed")
        assert people("log-contact", "kim", "--json", now="2026-01-08T20:00:00Z").json["closed"] == []

    @pytest.mark.parametrize("when", ["yesterday", "2025-12-31", "soon", "fri 9:00", "1/2"])
    def test_a_day_that_will_not_do_is_refused(self, people, when):
        """A day that has passed, a time, slashes or no day at all: exit 2 and nothing written."""
        before = document(people)
        people("log-contact", "jane", "--follow-up", when, code=2)
        assert document(people) == before


@pytest.mark.parametrize(
    ("said", "title", "due_on"),
    [
        ("send the repo by fri", "send the repo", "2026-01-09"),
        ("stop by the office by 3 feb", "stop by the office", "2026-02-03"),
        ("read chapter 2 by in 2 weeks", "read chapter 2", "2026-01-19"),
    ],
)
def test_a_promise_is_cut_at_its_last_by(people, said, title, due_on):
    """What stands before the last ` by ` is owed by the person to the contact on the day behind it."""
    (task,) = people("log-contact", "jane", "--promise", said, "--json").json["tasks"]
    assert (task["kind"], task["title"], task["due_on"], task["owner"]) == ("promise", title, due_on, "me")
    assert task["contact"] is not None


def test_a_promise_to_several_people_is_one_task(people):
    """It is kept once, without one of them as its contact, and tied to the interaction."""
    told = people("log-contact", "@partners", "--promise", "send the notes by fri", "--json").json
    (task,) = told["tasks"]
    assert task["contact"] is None
    assert task["interaction"] == told["interaction"]["uid"]


@pytest.mark.parametrize("said", ["send the repo", "send the repo by someday", " by fri", "x by 2025-01-01", "by fri"])
def test_a_promise_without_a_day_to_come_is_refused(people, said):
    """Exit 2, and nothing is written."""
    before = document(people)
    people("log-contact", "jane", "--promise", said, code=2)
    assert document(people) == before


def test_an_answer_is_cut_at_its_first_equals_sign(asked):
    """What stands behind the first `=` is the answer, exactly."""
    told = asked("log-contact", "jane", "--answer", "q2=a = b, really", "--answer", "q1=x", "--json").json
    assert [each["text"] for each in told["answers"]] == ["a = b, really", "x"]
    assert {each["contact"] for each in told["answers"]} == {told["contacts"][0]["uid"]}
    assert {each["interaction"] for each in told["answers"]} == {told["interaction"]["uid"]}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["jane", "--answer", "q9=x"], 3),
        (["jane", "--answer", "q1"], 2),
        (["jane", "--answer", "q1="], 2),
        (["jane", "--answer", "=x"], 2),
        (["nobody"], 3),
        (["@nobody"], 3),
        (["jane", "--kind", "lunch"], 2),
        (["jane", "--duration", "9"], 2),
        (["jane", "--duration", "25h"], 2),
        (["jane", "--stage", "friend"], 2),
        (["jane", "--private"], 2),
        (["jane", "--at", "1/2"], 2),
        (["jane", "--note", "a\x00b"], 2),
        (["jane", "--place", "\udcff"], 2),
        (["jane", "--answer", "q1=a\x00b"], 2),
        (["jane", "--promise", "a\x00b by fri"], 2),
    ],
)
def test_a_bad_value_changes_nothing(asked, words, code):
    """The exit code says what is wrong, the message fits in two lines, and the database is as it was."""
    before = document(asked)
    result = asked("log-contact", *words, code=code)
    assert 1 <= len(result.err.splitlines()) <= 2
    assert document(asked) == before


def test_an_ambiguous_name_is_never_guessed(people):
    """Two Janes: exit 4, both named in the JSON, nothing written."""
    people("contact", "add", "Jane Poe")
    before = document(people)
    candidates = people("log-contact", "jane", "--json", code=4).error["candidates"]
    assert len(candidates) == 2
    assert document(people) == before


def test_a_private_note_stays_private(people):
    """It is left out of the output and of the export, and is in the export that asks for it."""
    told = people("log-contact", "jane", "--note", "she is unwell", "--private", "--json")
    assert "unwell" not in told.out
    assert "unwell" not in people("log-contact", "jane", "--note", "unwell again", "--private").out
    assert "unwell" not in people("export", "json").out
    assert document(people)["interactions"][0]["private_note"] == "she is unwell"
    assert document(people)["interactions"][0]["note"] is None


@pytest.mark.parametrize(
    "note", ["[bold]x[/bold]", "\x1b]0;gone\x07", "a\r\nb", "'; DROP TABLE contact; --", "مرحبا", "x" * 10_000, "-n"]
)
def test_notes_are_kept_exactly(people, note):
    """Whatever stands in a note comes back as it was, and no escape reaches the terminal."""
    result = people("log-contact", "jane", f"--note={note}")
    assert "\x1b" not in result.out
    assert document(people)["interactions"][0]["note"] == note
    assert "\x1b" not in people("interaction", "show", "i1").out


@pytest.mark.parametrize(
    "command",
    [
        ["log-contact", "jane", "--kind", "coffee", "--duration", "45m", "--follow-up", "fri", "--promise", "x by fri"],
        ["log-contact", "@partners", "--kind", "event"],
        ["log-contact", "ana", "--answer", "q1=x", "--note", "y", "--private"],
        ["log-contact", "kim", "--at", "2025-12-01", "--stage", "dormant"],
        ["log-contact", "kim", "ana", "--duration", "10m"],
    ],
)
def test_everything_a_log_did_can_be_taken_back(asked, command):
    """After undo the document is what it was before, a fulfilled chat and a closed follow-up included."""
    asked("log-contact", "jane", "--follow-up", "today", "--at", "yesterday")
    asked("schedule", "kim", "tomorrow", "9:00", "--duration", "30m")
    undone(asked, *command)


def test_history_tells_what_was_logged(people):
    """The command is one line of the history, with whom and what."""
    people("log-contact", "jane", "kim", "--kind", "coffee")
    assert (
        people("history", "-n", "1", "--json").json["items"][0]["summary"] == "Logged coffee with Jane Roe and Kim Lee"
    )


def test_on_a_terminal_it_asks_step_by_step(people, monkeypatch):
    """Without WHO each thing is asked for, and asked again where it cannot be read."""
    typed = ["nobody", "jane, kim", "lunch", "coffee", "tomorrow", "yesterday 15:00", "5", "45m", "fine", "1/2", "fri"]
    monkeypatch.setattr(sys, "stdin", Typed("\n".join(typed) + "\n"))
    people("log-contact")
    all_of_it = document(people)
    (it,) = all_of_it["interactions"]
    assert (it["kind"], it["starts_at"], it["minutes"], it["note"]) == ("coffee", "2026-01-04T23:00:00Z", 45, "fine")
    assert len(it["contacts"]) == 2
    assert {each["due_on"] for each in all_of_it["tasks"]} == {"2026-01-09"}


def test_enter_skips_all_but_whom(people, monkeypatch):
    """Only whom is a must; Enter leaves the rest as it would be without a flag, a planned chat's facts included."""
    people("schedule", "jane", "tomorrow", "9:00", "--kind", "video", "--duration", "30m")
    monkeypatch.setattr(sys, "stdin", Typed("\njane\n\n\n\n\n\n"))
    people("log-contact", now="2026-01-07T17:00:00Z")
    (it,) = document(people)["interactions"]
    assert (it["state"], it["kind"], it["starts_at"], it["minutes"]) == (
        "happened",
        "video",
        "2026-01-06T17:00:00Z",
        30,
    )


def test_what_the_flags_say_is_not_asked(people, monkeypatch):
    """Flags given beside a missing WHO stand; only length, note and follow-up are asked for."""
    monkeypatch.setattr(sys, "stdin", Typed("jane\n\nhello\n\n"))
    people("log-contact", "--kind", "call", "--at", "yesterday")
    (it,) = document(people)["interactions"]
    assert (it["kind"], it["note"], it["minutes"]) == ("call", "hello", None)


def test_a_name_alone_on_a_terminal_is_asked_about(people, monkeypatch):
    """With WHO and no option it asks all but whom, who is looked up first."""
    monkeypatch.setattr(sys, "stdin", Typed("cofee\ncoffee\nyesterday 15:00\n45m\nfine\nfri\n"))
    err = people("log-contact", "jane").err
    assert "With whom" not in err
    assert "did you mean coffee?" in err
    all_of_it = document(people)
    (it,) = all_of_it["interactions"]
    assert (it["kind"], it["starts_at"], it["minutes"], it["note"]) == ("coffee", "2026-01-04T23:00:00Z", 45, "fine")
    assert [each["due_on"] for each in all_of_it["tasks"]] == ["2026-01-09"]
    assert "What was it" not in people("log-contact", "nobody", code=3).err


@pytest.mark.parametrize("flag", [["--kind", "call"], ["--note", "x"], ["--yes"], ["--json"]])
def test_one_option_is_enough_not_to_be_asked(people, monkeypatch, flag):
    """Whoever says anything besides WHO is not asked, nor who wants no questions."""
    monkeypatch.setattr(sys, "stdin", Typed(""))
    people("log-contact", "jane", *flag)
    assert len(document(people)["interactions"]) == 1


def test_leaving_off_while_it_asks_changes_nothing(people, monkeypatch):
    """The end of input stops the command before anything is written."""
    before = document(people)
    monkeypatch.setattr(sys, "stdin", Typed("jane\ncoffee\n"))
    people("log-contact", code=130)
    assert document(people) == before


def test_without_a_terminal_nothing_is_asked(people):
    """No WHO and nobody to ask: exit 2, with an example to type."""
    assert "crm log-contact jane" in people("log-contact", code=2).err
