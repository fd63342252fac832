"""What a channel will not deliver: the next one of the chain, what is held, and what nobody delivers any more."""

from datetime import UTC, date, datetime, timedelta

import pytest
from reminder_support import DAY, HOUR, MONDAY, PowerCut, Recorder, World

from crm.errors import ConfigurationError, DeliveryError
from crm.models.words import DeliveryState
from crm.settings import load
from crm.store import outbox_report
from reminders.channels import Configured
from reminders.delivery import LEASE
from reminders.differences import UNSERVED_AFTER
from reminders.message import message_id
from reminders.outlets import Outlets
from reminders.tick import tick

TODAY = date(2026, 1, 5)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def world(empty_database, tmp_path):
    return World.copy(empty_database, tmp_path)


@pytest.fixture
def chain(world):
    """A world whose e-mail falls back to ntfy and then to a file."""
    world.email, world.ntfy, world.file = Recorder(), Recorder(), Recorder()
    world.fallback = {"ntfy": world.ntfy, "file": world.file}
    world.task("Write to Jane Roe", TODAY)
    return world


def turn(world, now=MONDAY, **channels):
    return world.tick(now, **(channels or {"email": world.email}))


def by_channel(world):
    return {each.channel: each for each in world.deliveries()}


def undelivered(world):
    with world.reading() as session:
        found = outbox_report.undelivered(session)
        return [(due.reminder.title, due.delivery.channel, due.delivery.state) for due in found]


def test_what_is_refused_for_good_goes_to_the_next_channel(chain):
    """In the same turn, once, under an id of its own; both deliveries stay on record."""
    chain.email.refuse(permanent=True)
    report = turn(chain)
    assert [(each.channel, each.state) for each in report.deliveries] == [("email", "discarded"), ("ntfy", "completed")]
    for now in (MONDAY + HOUR, MONDAY + DAY):
        assert turn(chain, now).deliveries == ()
    assert (chain.email.sent, chain.ntfy.titles(), chain.file.sent) == ([], ["Write to Jane Roe"], [])
    found = by_channel(chain)
    assert found["ntfy"].in_place_of == "email"
    assert found["ntfy"].message_id == message_id(chain.reminders()[0].key, "ntfy", None)
    assert undelivered(chain) == []


def test_the_chain_is_gone_through_to_its_end(chain):
    """Refused by one after the other it reaches the file; refused there too it is told as undelivered, with why."""
    for each in (chain.email, chain.ntfy):
        each.refuse(permanent=True)
    turn(chain)
    assert chain.file.titles() == ["Write to Jane Roe"]
    assert by_channel(chain)["file"].in_place_of == "ntfy"
    chain.task("Send the repo", TODAY)
    for each in (chain.email, chain.ntfy, chain.file):
        each.refuse(permanent=True)
    turn(chain)
    assert undelivered(chain) == [("Send the repo", "file", "discarded")]


def test_what_ran_out_of_tries_goes_to_the_next_channel(chain):
    """After the thirtieth refusal the reminder is handed on, not before."""
    chain.email.refuse(30)
    now = MONDAY
    while not chain.ntfy.sent:
        turn(chain, now)
        now = max(each.not_before_at for each in chain.deliveries())
        assert now < MONDAY + 30 * DAY
    assert by_channel(chain)["email"].attempt == 30
    assert by_channel(chain)["email"].state == DeliveryState.DISCARDED


def at_its_last_try(chain, **channels):
    """It was tried 29 times."""
    turn(chain, MONDAY - DAY, **channels)
    chain.change(chain.deliveries()[0], attempt=29)


def test_what_may_have_arrived_at_its_last_try_is_sent_once_more(chain):
    """The sender died at the thirtieth try, perhaps after acceptance: it is sent again, and nobody else is given it."""
    at_its_last_try(chain)
    chain.email.accepts_then_fails = True
    chain.email.faults.append(PowerCut())
    with pytest.raises(PowerCut):
        turn(chain)
    report = turn(chain, MONDAY + LEASE + MINUTE)
    assert [(each.channel, each.state) for each in report.deliveries] == [("email", "completed")]
    assert (len(set(chain.email.ids())), chain.ntfy.sent) == (1, [])


def test_a_message_that_kills_its_sender_at_last_waits_for_the_person(chain):
    """After one more than the last try it may have been accepted, again: `unknown`, told, and not handed on."""
    at_its_last_try(chain)
    chain.email.faults += [PowerCut()] * 2
    for now in (MONDAY, MONDAY + LEASE + MINUTE):
        with pytest.raises(PowerCut):
            turn(chain, now)
    report = turn(chain, MONDAY + 2 * (LEASE + MINUTE))
    assert [(each.channel, each.state) for each in report.deliveries] == [("email", "unknown")]
    assert turn(chain, MONDAY + DAY).deliveries == ()
    assert (chain.ntfy.sent, undelivered(chain)) == ([], [("Write to Jane Roe", "email", "unknown")])


@pytest.mark.parametrize(("hold", "state"), [(True, "unknown"), (False, "retryable")])
def test_a_doubt_at_the_last_try_follows_the_setting(chain, hold, state):
    """No answer to the thirtieth try: held, or sent once more; neither is a refusal."""
    channel = Configured(chain.email, hold=hold)
    at_its_last_try(chain, email=channel)
    chain.email.faults.append(DeliveryError("no answer came", unknown=True))
    report = turn(chain, email=channel)
    assert [(each.channel, each.state) for each in report.deliveries] == [("email", state)]
    chain.email.refuse()
    turn(chain, MONDAY + DAY, email=channel)
    assert bool(chain.ntfy.sent) is not hold  # the last try of all was refused for sure


def test_a_refused_digest_is_one_message_on_the_next_channel(chain):
    """Three reminders in a message that is refused are one message on the next channel."""
    for number in range(2):
        chain.task(f"Task {number}", TODAY)
    chain.email.refuse(permanent=True)
    turn(chain)
    (message,) = chain.ntfy.sent
    assert len(message.items) == 3


def test_a_channel_that_has_it_already_is_passed_over(chain):
    """A reminder is not said twice on one channel: if the file has it, nobody stands in there."""
    chain.fallback = {"file": chain.file}
    chain.email.refuse(permanent=True)
    for now in (MONDAY, MONDAY + HOUR):
        turn(chain, now, email=chain.email, file=chain.file)
    assert chain.file.titles() == ["Write to Jane Roe"]
    assert undelivered(chain) == []


def test_putting_it_off_says_it_again_on_both(chain):
    """A refused reminder that is put off is tried again where it was refused, and said where it was said."""
    chain.email.refuse(permanent=True)
    turn(chain)
    (reminder,) = chain.reminders()
    chain.change(reminder, snoozed_until_at=MONDAY + DAY)
    turn(chain, MONDAY + DAY)
    assert (len(chain.email.sent), len(chain.ntfy.sent), len(chain.file.sent)) == (1, 2, 0)


def test_a_done_task_is_not_handed_on(chain):
    """What was done while its stand-in waited is not said."""
    task = chain.task("Send the repo", TODAY)
    chain.email.refuse(permanent=True)
    chain.ntfy.refuse()
    turn(chain)
    chain.change(task, done_at=MONDAY)
    turn(chain, MONDAY + HOUR)
    assert chain.ntfy.titles() == ["Write to Jane Roe"]


# What is held


@pytest.fixture
def held(chain):
    """The chain's e-mail, held when nobody knows whether it was accepted."""
    return {"email": Configured(chain.email, hold=True)}


def lose(world, channels):
    world.email.faults.append(PowerCut())
    with pytest.raises(PowerCut):
        turn(world, **channels)


def test_an_answer_that_is_missing_is_held(chain, held):
    """Whether it was accepted nobody knows: neither repeated nor handed on, but told."""
    chain.email.faults.append(DeliveryError("no answer", unknown=True))
    turn(chain, **held)
    turn(chain, MONDAY + DAY, **held)
    assert (chain.states(), chain.ntfy.sent) == ([DeliveryState.UNKNOWN], [])
    assert undelivered(chain) == [("Write to Jane Roe", "email", "unknown")]


def test_what_a_dead_sender_left_is_held(chain, held):
    """The process died while sending on a channel that holds: the turn after the lease says unknown, and sends
    nothing."""
    lose(chain, held)
    assert turn(chain, MONDAY + LEASE / 2, **held).deliveries == ()
    report = turn(chain, MONDAY + LEASE + MINUTE, **held)
    assert [(each.channel, each.state) for each in report.deliveries] == [("email", "unknown")]
    assert turn(chain, MONDAY + DAY, **held).deliveries == ()
    assert (chain.email.sent, chain.ntfy.sent) == ([], [])
    assert [each.outcome for each in chain.attempts()] == ["unknown"]


def test_a_turn_on_other_channels_leaves_the_decision_to_those_who_serve_it(chain, held):
    """A turn by hand on the console does not know that the e-mail is to be held, and leaves it alone."""
    lose(chain, held)
    chain.tick(MONDAY + HOUR)
    assert by_channel(chain)["email"].state == DeliveryState.EXECUTING
    turn(chain, MONDAY + 2 * HOUR, **held)
    assert by_channel(chain)["email"].state == DeliveryState.UNKNOWN


def test_the_person_decides_what_becomes_of_it(chain, held):
    """Putting a held reminder off says it again then, once; marking it done ends it."""
    lose(chain, held)
    turn(chain, MONDAY + LEASE + MINUTE, **held)
    (reminder,) = chain.reminders()
    chain.change(reminder, snoozed_until_at=MONDAY + DAY)
    for now in (MONDAY + DAY, MONDAY + 2 * DAY):
        turn(chain, now, **held)
    assert len(chain.email.sent) == 1
    chain.email.faults.append(DeliveryError("no answer", unknown=True))
    chain.change(reminder, snoozed_until_at=MONDAY + 3 * DAY)
    turn(chain, MONDAY + 3 * DAY, **held)
    assert len(undelivered(chain)) == 1
    chain.change(reminder, state="done")
    assert undelivered(chain) == []


# Channels that come and go


def test_a_channel_that_fails_is_left_out_for_the_rest_of_the_turn(world):
    """Two messages for a channel that cannot be reached: one is tried; the other channel gets both."""
    other, asked = Recorder(), []
    starts = datetime(2026, 1, 5, 18, 30, tzinfo=UTC)
    world.chat(starts, "Jane Roe", now=MONDAY - DAY)
    world.chat(starts, "Kim Poe", now=MONDAY - DAY)
    world.tick(starts - 2 * HOUR, console=Recorder(), file=Recorder())  # what the day before asked for

    def away(message):
        asked.append(message)
        raise DeliveryError("the server does not answer")

    soon = starts - HOUR
    world.tick(soon, console=away, file=other)
    assert (len(asked), len(other.sent)) == (1, 2)
    world.tick(soon + timedelta(minutes=2), console=away, file=other)
    assert len(asked) == 2


def test_one_refused_for_good_does_not_stop_the_others(world):
    """A channel that refuses one message for good takes the next one in the same turn."""
    starts = datetime(2026, 1, 5, 18, 30, tzinfo=UTC)
    for name in ("Jane Roe", "Kim Poe"):
        world.chat(starts, name, now=MONDAY - DAY)
    world.tick(starts - 2 * HOUR, console=Recorder())
    world.console.refuse(permanent=True)
    world.tick(starts - HOUR)
    assert len(world.console.sent) == 1


def test_what_waits_for_a_removed_channel_ends_visibly(chain):
    """A week after the last try nobody serves it: cancelled, with why; the other channel said it; its return says it
    there too."""
    chain.email.refuse(50)
    turn(chain)
    for days in (1, 6, 8):
        chain.tick(MONDAY + days * DAY)
    assert chain.console.titles() == ["Write to Jane Roe"]
    assert (by_channel(chain)["email"].state, by_channel(chain)["email"].error_class) == ("cancelled", "Unserved")
    before = chain.contents()
    chain.tick(MONDAY + 9 * DAY)
    assert chain.contents() == before
    chain.email.faults.clear()
    turn(chain, MONDAY + 10 * DAY)
    assert chain.email.titles() == ["Write to Jane Roe"]


def test_what_waits_for_a_removed_channel_alone_is_told(chain):
    """With no channel left at all, the open reminder is told as undelivered."""
    chain.email.refuse()
    turn(chain)
    terms = chain.terms()
    none_left = type(terms)(terms.tz, terms.given, terms.timing, Outlets({}))
    tick(chain.engine, none_left, now=MONDAY + UNSERVED_AFTER + DAY)
    assert undelivered(chain) == [("Write to Jane Roe", "email", "cancelled")]


@pytest.mark.parametrize("kept", [{"absent": {"email": "no session"}}, {"elsewhere": frozenset({"email"})}])
def test_what_waits_for_a_channel_that_is_only_away_keeps_waiting(chain, kept):
    """A desktop before login, or a channel of the daemon in a turn by hand, is waited for."""
    chain.email.refuse()
    turn(chain)
    terms = chain.terms()
    away = type(terms)(terms.tz, terms.given, terms.timing, Outlets({}, **kept))
    tick(chain.engine, away, now=MONDAY + 30 * DAY)
    assert chain.states() == [DeliveryState.RETRYABLE]
    turn(chain, MONDAY + 31 * DAY)
    assert chain.email.titles() == ["Write to Jane Roe"]


def test_a_claim_on_a_removed_channel_ends_as_unknown(chain):
    """A sender died, and its channel is no more: after a week it is told as unknown, and not handed on."""
    lose(chain, {"email": chain.email})
    chain.tick(MONDAY + DAY)
    assert by_channel(chain)["email"].state == DeliveryState.EXECUTING
    chain.tick(MONDAY + UNSERVED_AFTER + DAY)
    assert by_channel(chain)["email"].state == DeliveryState.UNKNOWN
    assert chain.ntfy.sent == []


# The settings


def outlets(home, monkeypatch, config, wanted):
    monkeypatch.setenv("CRM_HOME", str(home))
    (home / "config.toml").write_text(config)
    return Outlets.from_settings(load(), wanted)


@pytest.mark.parametrize(
    ("chain", "expected"),
    [("[]", ["file"]), ("['file', 'console']", ["console", "file"]), ("['console', 'console']", ["console", "file"])],
)
def test_the_chain_of_the_settings_ends_in_the_file(home, monkeypatch, chain, expected):
    """Whatever is configured, the file is the last channel of the chain, once."""
    found = outlets(home, monkeypatch, f"[reminders]\nfallback = {chain}\n", ["console"])
    assert list(found.fallback) == expected
    assert set(found.everywhere) == {"console", "file"}


def test_a_desktop_that_is_not_here_is_known_but_not_ready(home, monkeypatch):
    """It is left out of the turn, with the reason, and what waits for it is kept."""
    for name in ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("reminders.channels.desktop.absent", lambda: "nobody is logged in")
    found = outlets(home, monkeypatch, "", ["file", "desktop"])
    assert list(found.channels) == ["file"]
    assert found.absent == {"desktop": "nobody is logged in"}
    assert found.known >= {"file", "desktop", "console"}


def test_a_chain_with_an_unknown_channel_is_refused(home, monkeypatch):
    """A name that is no channel is told at once, not when it is needed."""
    with pytest.raises(ConfigurationError, match="pigeon"):
        outlets(home, monkeypatch, "[reminders]\nfallback = ['pigeon']\n", ["file"])
