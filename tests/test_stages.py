"""How a stage moves by itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.actions.stages import LADDER, next_stage
from crm.models.words import Direction, InteractionKind, InteractionState, Stage

TALKS = ("coffee", "call", "video", "event", "mock-interview")
WRITTEN = ("message", "email", "linkedin", "other")

stages, kinds, directions, states = map(st.sampled_from, (Stage, InteractionKind, Direction, InteractionState))
events = st.tuples(kinds, directions, states)


@pytest.mark.parametrize("kind", InteractionKind)
def test_a_planned_chat_of_any_kind_is_scheduled(kind):
    """A planned chat puts somebody new at `scheduled`."""
    assert next_stage(Stage.TO_CONTACT, kind, Direction.OUT, InteractionState.PLANNED) == Stage.SCHEDULED


@pytest.mark.parametrize("kind", TALKS)
@pytest.mark.parametrize("direction", Direction)
def test_whoever_talked_has_met(kind, direction):
    """A coffee, call, video, event or mock interview is a meeting, whoever reached out."""
    assert next_stage(Stage.TO_CONTACT, kind, direction, InteractionState.HAPPENED) == Stage.MET


@pytest.mark.parametrize("kind", WRITTEN)
def test_writing_depends_on_who_wrote(kind):
    """A message out is contacted, a message in is replied; an `other` counts for no more than a message."""
    assert next_stage(Stage.TO_CONTACT, kind, Direction.OUT, InteractionState.HAPPENED) == Stage.CONTACTED
    assert next_stage(Stage.TO_CONTACT, kind, Direction.IN, InteractionState.HAPPENED) == Stage.REPLIED


@given(stages, kinds, directions, st.sampled_from([InteractionState.CANCELLED, InteractionState.MISSED]))
def test_what_did_not_take_place_moves_nothing(stage, kind, direction, state):
    """A cancelled or missed chat leaves every stage as it is."""
    assert next_stage(stage, kind, direction, state) == stage


@given(st.sampled_from(LADDER), st.lists(events, max_size=6))
def test_no_stage_ever_goes_back(stage, passed):
    """However many things happen, each stage is the one before or further on."""
    for event in passed:
        after = next_stage(stage, *event)
        assert LADDER.index(after) >= LADDER.index(stage)
        stage = after


@given(st.sampled_from([each for each in Stage if each not in LADDER]), events)
def test_a_stage_set_by_hand_stays(stage, event):
    """Keeping in touch, dormant and declined are not touched by anything that passes."""
    assert next_stage(stage, *event) == stage


@given(stages, st.lists(events, max_size=5), st.randoms())
def test_the_order_of_what_passed_does_not_matter(stage, passed, chance):
    """The same things in another order lead to the same stage."""
    shuffled = list(passed)
    chance.shuffle(shuffled)
    assert _after(stage, passed) == _after(stage, shuffled)


def _after(stage, passed):
    for event in passed:
        stage = next_stage(stage, *event)
    return stage
