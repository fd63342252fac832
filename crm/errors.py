"""What can go wrong, with the exit code a script sees and the stable word it reads in JSON."""

from collections.abc import Sequence


class CrmError(Exception):
    """Something failed; the message names the thing and the way out."""

    exit_code = 1
    code = "failed"

    def __init__(self, message: str, *, candidates: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.candidates = tuple(candidates)


class BadValueError(CrmError):
    """A value that cannot be read or is out of range."""

    exit_code = 2
    code = "bad_value"


class NotFoundError(CrmError):
    """Nothing has that name or id."""

    exit_code = 3
    code = "not_found"


class AmbiguousError(CrmError):
    """Several things answer to that name; `candidates` lists them."""

    exit_code = 4
    code = "ambiguous"


class RefusedError(CrmError):
    """A rule of etiquette or safety says no; the message names the way round."""

    exit_code = 5
    code = "refused"


class BusyError(CrmError):
    """Try again: the database or the daemon's place is taken."""

    exit_code = 75
    code = "busy"


class ConfigurationError(CrmError):
    """A configuration, damaged or too new database that a restart cannot cure."""

    exit_code = 78
    code = "configuration"


class DeliveryError(CrmError):
    """One delivery failed, or may have.

    Attributes:
        permanent: trying again cannot help.
        unknown: all of it was handed over and no answer came: it may have been accepted.
        wait_seconds: how long the other side asked to be left alone.
    """

    code = "delivery_failed"

    def __init__(self, message: str, *, permanent: bool = False, unknown: bool = False, wait_seconds: int = 0) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.unknown = unknown
        self.wait_seconds = wait_seconds
