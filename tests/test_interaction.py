"""Interactions on record: listing, showing, moving, mending, cancelling and removing them."""

import pytest
from outreach_support import contact, document, undone

NOW = "2026-01-05T17:00:00Z"


@pytest.fixture
def people(crm):
    """Jane and Kim, and an activity for networking."""
    crm("contact", "add", "Jane Roe")
    crm("contact", "add", "Kim Lee")
    crm("hours", "add", "Networking", "--role", "networking")
    return crm


@pytest.fixture
def planned(people):
    """A coffee with Jane on Friday, i1."""
    people("schedule", "jane", "fri", "14:30", "--kind", "coffee", "--duration", "30m", "--place", "Luna")
    return people


@pytest.fixture
def talked(people):
    """An older call with Jane, i1, and yesterday's coffee with both, i2, with an answer and a follow-up."""
    people("question", "add", "What would you learn first?")
    people("log-contact", "jane", "--kind", "call", "--at", "2025-12-20 9:00", "--duration", "20m")
    people("log-contact", "jane", "kim", "--kind", "coffee", "--at", "yesterday 9:00", "--duration", "45m")
    people("log-contact", "jane", "--kind", "message", "--at", "yesterday 8:00", "--answer", "q1=Maths")
    return people


def the(crm, place=0):
    """One interaction of the document."""
    return document(crm)["interactions"][place]


class TestList:
    """What passed and is to come, as a table or for scripts."""

    def test_the_newest_come_first(self, talked):
        """Without a filter everything is listed by its time."""
        items = talked("interaction", "list", "--json").json["items"]
        assert [each["ref"] for each in items] == ["i2", "i3", "i1"]

    def test_it_can_be_narrowed(self, talked):
        """To one person, and to what is planned."""
        talked("schedule", "kim", "fri", "9:00")
        with_kim = talked("interaction", "list", "--with", "kim", "--json").json["items"]
        assert [each["ref"] for each in with_kim] == ["i4", "i2"]
        only_planned = talked("interaction", "list", "--planned", "--json").json["items"]
        assert [each["ref"] for each in only_planned] == ["i4"]

    def test_an_empty_list_says_what_to_type(self, crm):
        """A new user is told how to record and how to plan."""
        out = crm("interaction", "list").out
        assert "crm log-contact" in out
        assert "crm schedule" in out

    def test_a_long_list_is_cut_and_says_so(self, people):
        """The screen shows the first thirty, the JSON everything."""
        for _ in range(31):
            people("log-contact", "jane")
        assert "--all" in people("interaction", "list").out
        assert len(people("interaction", "list", "--json").json["items"]) == 31
        assert "i1 " in people("interaction", "list", "--all").out


class TestShow:
    """One interaction and what came of it."""

    def test_everything_that_came_of_it_is_there(self, talked):
        """Answers, tasks and hours stand with the interaction."""
        told = talked("interaction", "show", "i3", "--json").json
        assert [each["text"] for each in told["answers"]] == ["Maths"]
        assert talked("interaction", "show", "i2", "--json").json["time_entry"]["minutes"] == 45
        out = talked("interaction", "show", "i3").out
        assert "What would you learn first?" in out
        assert "Maths" in out

    def test_a_private_note_leaves_only_when_asked(self, people):
        """The JSON has it with --include-private only, and says that one was left out."""
        people("log-contact", "jane", "--note", "unwell", "--private")
        plain = people("interaction", "show", "i1", "--json")
        assert "unwell" not in plain.out
        assert "--include-private" in plain.err
        whole = people("interaction", "show", "i1", "--include-private", "--json")
        assert whole.json["private_note"] == "unwell"

    @pytest.mark.parametrize("command", ["show", "cancel", "missed", "remove"])
    def test_an_unknown_one_is_not_found(self, people, command):
        """Exit 3 names where to look; another kind's id is none of these."""
        assert "crm interaction list" in people("interaction", command, "i9", code=3).err
        people("interaction", command, "c1", code=3)


class TestMoving:
    """A chat that moves stays the same chat."""

    def test_it_keeps_what_it_is(self, planned):
        """Another time, the same uid and id, and a higher revision for calendars."""
        was = the(planned)
        moved = planned("interaction", "edit", "i1", "--at", "sat 16:00", "--json").json
        assert (moved["uid"], moved["ref"]) == (was["uid"], "i1")
        assert moved["starts_at"] == "2026-01-11T00:00:00Z"
        assert moved["revision"] > 1

    def test_a_day_alone_keeps_the_time(self, planned):
        """Moved to Monday, it is still at 14:30."""
        moved = planned("interaction", "edit", "i1", "--at", "mon", "--json", now="2026-01-06T17:00:00Z").json
        assert moved["starts_at"] == "2026-01-12T22:30:00Z"

    def test_a_planned_chat_does_not_move_into_the_past(self, planned):
        """Exit 2, and nothing changes."""
        before = document(planned)
        planned("interaction", "edit", "i1", "--at", "yesterday 9:00", code=2)
        assert document(planned) == before

    def test_what_happened_does_not_move_ahead(self, talked):
        """Exit 2, and nothing changes."""
        before = document(talked)
        talked("interaction", "edit", "i2", "--at", "tomorrow 9:00", code=2)
        assert document(talked) == before

    def test_mending_the_time_mends_the_last_contact(self, talked):
        """Each participant's last contact follows, back to another talk if that is the newest now."""
        talked("interaction", "edit", "i2", "--at", "2025-12-10 9:00")
        assert contact(talked, "Kim Lee")["last_contact_at"] == "2025-12-10T17:00:00Z"
        assert contact(talked, "Jane Roe")["last_contact_at"] == "2026-01-04T16:00:00Z"


class TestMending:
    """Other facts of an interaction."""

    def test_each_fact_can_be_changed_and_cleared(self, planned):
        """An empty text clears; what is not named stays."""
        planned("interaction", "edit", "i1", "--kind", "video", "--duration", "1h", "--note", "new", "--place", "")
        it = the(planned)
        assert (it["kind"], it["minutes"], it["note"], it["place"]) == ("video", 60, "new", None)
        planned("interaction", "edit", "i1", "--duration", "", "--note", "", "--private-note", "x")
        it = the(planned)
        assert (it["kind"], it["minutes"], it["note"], it["private_note"]) == ("video", None, None, "x")

    def test_hours_follow_the_length(self, talked):
        """The one time entry takes the new length, and goes when there is none."""
        talked("interaction", "edit", "i2", "--duration", "1h")
        assert [each["minutes"] for each in document(talked)["time_entries"]] == [20, 60]
        talked("interaction", "edit", "i2", "--duration", "")
        assert [each["minutes"] for each in document(talked)["time_entries"]] == [20]

    def test_a_better_kind_moves_the_stage(self, people):
        """What was logged as other and was a coffee is a meeting; the stage does not go back the other way."""
        people("log-contact", "jane")
        people("interaction", "edit", "i1", "--kind", "coffee")
        assert contact(people, "Jane Roe")["stage"] == "met"
        people("interaction", "edit", "i1", "--kind", "message")
        assert contact(people, "Jane Roe")["stage"] == "met"

    def test_a_note_moves_nothing(self, people):
        """A stage that was set by hand stays when only the note changes."""
        people("log-contact", "jane", "--kind", "coffee", "--stage", "contacted")
        people("interaction", "edit", "i1", "--note", "x")
        assert contact(people, "Jane Roe")["stage"] == "contacted"

    @pytest.mark.parametrize(
        ("flags", "meant"),
        [(["--kind", "emial"], "email"), (["--state", "hapened"], "happened"), (["--direction", "inn"], "in")],
    )
    def test_a_near_word_is_offered(self, planned, flags, meant):
        """A misspelt word is answered with all of them and the one that was probably meant, and with nothing else."""
        message = planned("interaction", "edit", "i1", *flags, "--json", code=2).error["message"]
        assert message.startswith(f'"{flags[1]}" is not one of ')
        assert message.endswith(f"did you mean {meant}?")

    def test_a_word_may_be_in_capitals(self, planned):
        """Options take their words in any case."""
        assert planned("interaction", "edit", "i1", "--kind", "CALL", "--json").json["kind"] == "call"

    @pytest.mark.parametrize(
        "flags",
        [[], ["--at", "1/2"], ["--kind", "lunch"], ["--duration", "9"], ["--note", "\x00"], ["--state", "gone"]],
    )
    def test_a_bad_value_changes_nothing(self, planned, flags):
        """Exit 2, one or two lines, and nothing written."""
        before = document(planned)
        planned("interaction", "edit", "i1", *flags, code=2)
        assert document(planned) == before


class TestStates:
    """Cancelled, missed, happened after all."""

    def test_a_cancelled_chat_stays_on_record(self, planned):
        """Its state changes, the stage stays."""
        assert planned("interaction", "cancel", "i1", "--json").json["state"] == "cancelled"
        assert contact(planned, "Jane Roe")["stage"] == "scheduled"

    def test_only_what_has_passed_was_missed(self, planned):
        """A chat to come can be cancelled but not missed."""
        assert "cancelled" in planned("interaction", "missed", "i1", code=2).err
        assert planned("interaction", "missed", "i1", "--json", now="2026-01-10T17:00:00Z").json["state"] == "missed"

    def test_a_planned_chat_happened(self, planned):
        """Said by its state, it does what logging does: stage, last contact and hours."""
        planned("interaction", "edit", "i1", "--state", "happened", now="2026-01-10T17:00:00Z")
        assert contact(planned, "Jane Roe")["stage"] == "met"
        assert contact(planned, "Jane Roe")["last_contact_at"] == "2026-01-09T22:30:00Z"
        assert [each["minutes"] for each in document(planned)["time_entries"]] == [30]

    def test_what_is_to_come_has_not_happened(self, planned):
        """A chat to come does not become one that happened without another time."""
        planned("interaction", "edit", "i1", "--state", "happened", code=2)
        planned("interaction", "edit", "i1", "--state", "happened", "--at", "today 8:00")
        assert the(planned)["starts_at"] == "2026-01-05T16:00:00Z"

    def test_what_did_not_happen_after_all_is_not_counted(self, talked):
        """Cancelled, it takes back its hours and last contacts; the stage stays."""
        talked("interaction", "cancel", "i2")
        assert [each["minutes"] for each in document(talked)["time_entries"]] == [20]
        assert contact(talked, "Kim Lee")["last_contact_at"] is None
        assert contact(talked, "Kim Lee")["stage"] == "met"

    def test_a_last_contact_from_elsewhere_is_kept(self, people):
        """What a talk did not set, taking the talk back does not clear."""
        people("log-contact", "jane", "--at", "yesterday 9:00")
        people("log-contact", "jane", "--at", "2025-12-01 9:00")
        people("interaction", "cancel", "i2")
        assert contact(people, "Jane Roe")["last_contact_at"] == "2026-01-04T17:00:00Z"


class TestRemoving:
    """A removed interaction is gone, and what came of it is not."""

    def test_hours_go_and_answers_stay(self, talked):
        """The time entry goes with it; answers and tasks lose the link only; last contacts are those that remain."""
        talked("log-contact", "kim", "--kind", "call", "--duration", "10m", "--follow-up", "today")
        talked("log-contact", "kim", "--kind", "call")
        for ref in ("i3", "i4", "i5"):
            talked("interaction", "remove", ref, "--yes")
        left = document(talked)
        assert [each["minutes"] for each in left["time_entries"]] == [20, 45]
        assert [(each["text"], each["interaction"]) for each in left["answers"]] == [("Maths", None)]
        (task,) = left["tasks"]
        assert (task["interaction"], task["evidence"]) == (None, None)
        assert task["done_at"] is not None
        assert contact(talked, "Kim Lee")["last_contact_at"] == "2026-01-04T17:00:00Z"


@pytest.mark.parametrize(
    "command",
    [
        ["edit", "i2", "--at", "2025-12-10 9:00", "--kind", "event", "--duration", "2h", "--note", "x"],
        ["edit", "i2", "--duration", ""],
        ["cancel", "i2"],
        ["missed", "i1"],
        ["remove", "i2"],
        ["remove", "i3"],
    ],
)
def test_every_change_can_be_taken_back(talked, command):
    """After undo the document is what it was, hours, links and last contacts included."""
    undone(talked, "interaction", *command)
