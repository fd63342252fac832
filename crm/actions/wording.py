"""What is asked of people, in few words: `Ben's number`, `an introduction to Ben`, `a referral at Acme`.

Names and people's own words stand there as `say` tells them: in brief, unless it is given.
"""

from collections.abc import Callable
from typing import Final

from crm.actions.checked import brief
from crm.store.dossier import Route
from crm.store.referrals import Ask

Say = Callable[[str], str]

INTRODUCTION: Final = "introduction"
_ARTICLES: Final = {"a", "an", "the", "any", "some", "somebody", "someone", "anybody", "anyone"}


def target(route: Route, say: Say = brief) -> str:
    """To whom an introduction leads: a name, or `a software engineer at Acme`."""
    if route.contact is not None:
        return say(route.contact.name)
    described = say(route.introduction.placeholder or "somebody")
    return f"{_with_article(described)}{_at(route.organization.name if route.organization else None, say)}"


def wanted(route: Route, say: Say = brief) -> str:
    """What is asked of the connector: `Ben's number`, `an introduction to Ben`, or the person's own words."""
    want, whom = say(route.introduction.want), target(route, say)
    if want.casefold() == INTRODUCTION:
        return f"an introduction to {whom}"
    return f"{want} ({whom})" if " " in want.strip() else f"{whom}'s {want}"


def referral(ask: Ask, say: Say = brief) -> str:
    """What is asked: `a referral at Acme as data engineer`."""
    role = f" as {say(ask.referral.role)}" if ask.referral.role else ""
    return f"a referral{_at(ask.organization.name if ask.organization else None, say)}{role}"


def asked_of(ask: Ask, say: Say = brief) -> str:
    """Whom a referral is asked of: a name, or everybody in a tag."""
    if ask.contact is not None:
        return say(ask.contact.name)
    return f"@{say(ask.tag.name)}" if ask.tag else "somebody"


def _at(organization: str | None, say: Say) -> str:
    return f" at {say(organization)}" if organization else ""


def _with_article(described: str) -> str:
    first = described.partition(" ")[0]
    if first.casefold() in _ARTICLES or not first[:1].islower():
        return described
    return f"{'an' if first[0] in 'aeiou' else 'a'} {described}"
