"""The kinds of reminders as a message with several of them shows them: always in the same order.

What somebody waits for, or what has its hour, comes first; what only looks back comes last.
"""

from typing import Final

OTHER: Final = "Also"
_KINDS: Final = (
    ("Chats", ("upcoming_chat",)),
    ("Thanks", ("thank_you",)),
    ("Promises", ("promise",)),
    ("Follow-ups", ("follow_up", "no_reply")),
    ("Introductions and referrals", ("introduction", "referral")),
    ("Staying in touch", ("stay_in_touch", "birthday")),
    ("Reviews", ("review", "review_form")),
    ("Checklist", ("checklist",)),
    ("Commitments", ("commitment",)),
    ("Hours", ("hours_pace",)),
    ("Your week", ("week_summary", "week_report")),
)
ORDER: Final = (*(kind for kind, _ in _KINDS), OTHER)
_OF_RULE: Final = {rule: kind for kind, rules in _KINDS for rule in rules}


def heading(rule: str) -> str:
    """Under which heading the reminders of that rule stand."""
    return _OF_RULE.get(rule, OTHER)
