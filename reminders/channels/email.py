"""E-mail: one message to the person's own address, by a server that takes their mail.

It is done here, since what matters is at which point of the conversation something failed: a refusal with 4xx, or a
failure before the final dot, can be tried again (RFC 5321 section 4.2.1); one with 5xx cannot; and when the connection
ends behind the dot, nobody knows whether the server has the message (section 4.5.3.2.6).
"""

import re
import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final

from crm.errors import ConfigurationError, DeliveryError
from crm.escaping import for_terminal, shorten
from crm.secrets import Secret
from crm.settings import Settings
from reminders import wire
from reminders.html import page
from reminders.message import Message

PORTS: Final = {"starttls": 587, "tls": 465, "none": 25}
LONGEST_SUBJECT: Final = 150
LONGEST_REPLY: Final = 200
_Reply = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class Options:
    """The server, and how to speak with it."""

    host: str
    port: int
    security: str
    user: str
    password: Secret
    sender: str
    recipient: str
    seconds: float = 25

    @classmethod
    def from_settings(cls, settings: Settings) -> "Options":
        """As configured.

        Raises:
            ConfigurationError: no server or recipient is set, or mail would leave the machine in the clear.
        """
        host, security, recipient = settings["email.host"], settings["email.security"], settings["email.to"]
        for name in ("email.host", "email.to"):
            if not settings[name]:
                raise ConfigurationError(f"{name} is not set; set it: crm config set {name} VALUE")
        if security == "none" and not wire.is_loopback(host):
            raise ConfigurationError("email.security none is for a server on this machine; set it to starttls or tls")
        return cls(
            host=host,
            port=settings["email.port"] or PORTS[security],
            security=security,
            user=settings["email.user"],
            password=settings.secret("email.password"),
            sender=settings["email.from"] or recipient,
            recipient=recipient,
        )


def send(message: Message, options: Options) -> None:
    """Hand the message over to the server.

    Raises:
        DeliveryError: permanent when the server refused it with 5xx; unknown when the connection ended behind the dot.
    """
    try:
        password = options.password.required() if options.user else ""
    except ConfigurationError as error:
        raise DeliveryError(error.message) from None
    if not (password + options.user).isascii():
        raise DeliveryError(
            "email.user and email.password can hold ASCII only; get a password for programs and use that"
        )
    conversation = _Conversation(options, password)
    try:
        conversation.hold(_composed(message, options).as_bytes(policy=SMTP))
    except ssl.SSLCertVerificationError as error:
        raise DeliveryError(f"the certificate of {options.host} is not trusted: {error.verify_message}") from error
    except smtplib.SMTPServerDisconnected as error:
        raise conversation.lost(error, "the connection ended, or this is no mail server") from None
    except smtplib.SMTPNotSupportedError as error:
        missing = {"starttls": "STARTTLS"}.get(options.security, "what is needed")
        raise DeliveryError(f"{options.host} does not offer {missing}: {error}") from None
    except (OSError, ValueError) as error:  # SMTPException is an OSError
        raise conversation.lost(error) from None


def _composed(message: Message, options: Options) -> EmailMessage:
    """The e-mail. The settings let only a bare address through, and the subject is one line; none can add a header."""
    title = for_terminal(message.title)
    body = for_terminal(message.body, multiline=True)
    mail = EmailMessage()
    mail["From"], mail["To"] = options.sender, options.recipient
    mail["Subject"] = shorten(title, LONGEST_SUBJECT)
    mail["Date"] = message.at
    mail["Message-ID"] = f"<{message.message_id}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834 section 5: nobody's absence answers it
    mail.set_content(f"{title}\n\n{body}" if body else title)
    mail.add_alternative(page(title, body), subtype="html")
    return mail


class _Client(smtplib.SMTP):
    """A client that speaks over a connection made before."""

    def __init__(self, connection: socket.socket, host: str) -> None:
        self._connection = connection
        address = connection.getsockname()[0]
        literal = f"[IPv6:{address}]" if ":" in address else f"[{address}]"  # RFC 5321 section 4.1.3
        super().__init__(
            host, local_hostname=literal
        )  # else it would look this machine's name up, for as long as it takes

    def _get_socket(self, *_: object) -> socket.socket:
        return self._connection

    def getreply(self) -> _Reply:
        """One answer.

        Raises:
            SMTPServerDisconnected: the connection ended, or what came is no answer.
        """
        try:
            code, text = super().getreply()
        except smtplib.SMTPResponseException as error:  # of a line without end; its 500 is not the server's
            raise smtplib.SMTPServerDisconnected("no answer") from error
        if code not in range(200, 600):
            self.close()
            raise smtplib.SMTPServerDisconnected("no answer")
        return code, text


@dataclass(slots=True)
class _Conversation:
    """One attempt; `handed_over` says that the final dot is sent and not yet answered."""

    options: Options
    password: str = field(repr=False)
    handed_over: bool = field(default=False, init=False)
    deadline: wire.Deadline = field(init=False)

    def __post_init__(self) -> None:
        self.deadline = wire.Deadline(self.options.seconds)

    def hold(self, mail: bytes) -> None:
        """Say all that is to be said, within the time there is.

        Raises:
            DeliveryError: the server refused something.
            OSError: the connection failed.
        """
        options, deadline = self.options, self.deadline
        connection = wire.connect(options.host, options.port, deadline)
        with wire.cut_at(deadline, connection):
            try:
                if options.security == "tls":
                    connection = _tls().wrap_socket(connection, server_hostname=options.host)
                self._deliver(mail, connection)
            except smtplib.SMTPAuthenticationError as error:
                raise self._refused("the user or the password", error.smtp_code) from None
            except smtplib.SMTPResponseException as error:  # of the greeting, or of STARTTLS
                raise self._refused("the connection", error.smtp_code, error.smtp_error) from None
            finally:
                connection.close()

    def _deliver(self, mail: bytes, connection: socket.socket) -> None:
        client = _Client(connection, self.options.host)
        try:
            self._greet(client)
            if self.options.user:
                client.login(self.options.user, self.password)
            self._expect(250, client.mail(self.options.sender), "the sender")
            self._expect(250, client.rcpt(self.options.recipient), "the recipient")
            self._expect(354, client.docmd("DATA"), "the message")
            client.send(re.sub(rb"(?m)^\.", b"..", mail) + b".\r\n")
            self.handed_over = True
            answer = client.getreply()
            self.handed_over = False
            self._expect(250, answer, "the message")
            with suppress(OSError):  # accepted is accepted, whatever becomes of the good-bye
                client.send(b"QUIT\r\n")
        finally:
            client.close()

    def _greet(self, client: _Client) -> None:
        client.ehlo_or_helo_if_needed()
        if self.options.security == "starttls":
            client.starttls(context=_tls())
            client.ehlo()

    def _expect(self, wanted: int, answer: _Reply, what: str) -> None:
        code, text = answer
        if code == wanted or (wanted == 250 and code == 251):  # 251: accepted, to be forwarded
            return
        raise self._refused(what, code, text)

    def _refused(self, what: str, code: int, text: bytes | str = b"") -> DeliveryError:
        """The server's refusal in its own words, unless it repeats the password."""
        said = text.decode(errors="replace") if isinstance(text, bytes) else text
        if self.password and self.password in said:
            said = ""
        told = f": {shorten(for_terminal(' '.join(said.split())), LONGEST_REPLY)}" if said else ""
        permanent = code in range(500, 600)
        return DeliveryError(f"{self.options.host} refused {what} ({code}){told}", permanent=permanent)

    def lost(self, error: Exception, otherwise: str = "") -> DeliveryError:
        """What a connection that failed means."""
        why = self.deadline.why(error, otherwise)
        if self.handed_over:
            return DeliveryError(f"{self.options.host} has the message, or not: {why}", unknown=True)
        return DeliveryError(f"{self.options.host} cannot be reached: {why}")


def _tls() -> ssl.SSLContext:
    """TLS 1.2 or newer, and a certificate for this host that the system trusts."""
    return ssl.create_default_context()
