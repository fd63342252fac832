"""Who one is at a server. What is set goes to the server that it is set for, and to no other."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from crm.settings import Settings

PUBLISH = "calendar.publish."
SYNC = "calendar.sync."
CHATS = "calendar.sync.chats_"


@dataclass(frozen=True, slots=True)
class Login:
    """A name and its password; without a name nobody logs in.

    Attributes:
        user: the name.
        password: never shown.
        setting: the setting that has the name, or would have it; empty where a person is asked.
    """

    user: str = ""
    password: str = field(default="", repr=False)
    setting: str = ""

    @property
    def missing(self) -> str:
        """What one types to log in, where a server asks for it."""
        return f"crm config set {self.setting} NAME" if self.setting else "say --user NAME --password-file FILE"

    @property
    def refused(self) -> str:
        """What to look at, where a server does not let one in."""
        return f"{self.setting}, its password" if self.setting else "the user, the password"


def origin(url: str) -> tuple[str, str]:
    """The server that an address is of (RFC 6454)."""
    split = urlsplit(url)
    return split.scheme.lower(), split.netloc.lower()


def login(settings: Settings, url: str, whose: str = PUBLISH) -> Login:
    """How to log in at an address: with its own name or, on the server that one publishes to, with the one for that.

    Args:
        settings: what was configured.
        url: the address.
        whose: how the settings begin that it is of: `PUBLISH`, `SYNC` or `CHATS`.

    Raises:
        ConfigurationError: the password cannot be read.
    """
    if not settings[f"{whose}user"] and origin(url) == origin(settings[f"{PUBLISH}url"]):
        whose = PUBLISH
    name = f"{whose}user"
    user = settings[name]
    return Login(user, settings.secret(f"{whose}password").required() if user else "", name)
