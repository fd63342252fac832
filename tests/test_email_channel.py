"""E-mail against real servers on loopback: what arrives, and what each way of failing means."""

import re
from email.utils import parsedate_to_datetime

import pytest
from channel_support import closed_port, message
from hypothesis import given
from hypothesis import strategies as st
from smtp_support import (
    PASSWORD,
    USER,
    Mailbox,
    authority,
    hanging,
    scripted,
    served,
    server_context,
    trickling,
    until,
)

from crm.errors import ConfigurationError, DeliveryError
from crm.secrets import Secret
from crm.settings import load
from reminders import channels
from reminders.channels import email

ME = "me@example.org"


def options(port, *, host="127.0.0.1", security="none", user="", seconds=5.0, password_file=""):
    secret = Secret("email.password", str(password_file))
    return email.Options(host, port, security, user, secret, "crm@example.org", ME, seconds)


def send(port, *messages, **chosen):
    for each in messages or [message()]:
        email.send(each, options(port, **chosen))


def outcome(port, **chosen):
    """How one message fails: transient, permanent or unknown, and what is said."""
    with pytest.raises(DeliveryError) as caught:
        send(port, **chosen)
    error = caught.value
    assert not (error.permanent and error.unknown)
    return "permanent" if error.permanent else "unknown" if error.unknown else "transient", error.message


@pytest.fixture(scope="module")
def ca():
    return authority()


@pytest.fixture
def trusted(ca, tmp_path, monkeypatch):
    """The machine trusts the authority."""
    file = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(file)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return ca


@pytest.fixture
def password_file(tmp_path):
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")
    return file


# What arrives


def test_a_mail_says_whose_it_is_and_what():
    """Sender, recipient, subject, date in the person's zone, id of the delivery, and that a machine wrote it."""
    box = Mailbox()
    with served(box) as port:
        send(port)
    (mail,) = box.mails
    assert (mail["From"], mail["To"], mail["Subject"]) == ("crm@example.org", ME, "Write to Jane Roe")
    assert (mail["Message-ID"], mail["Auto-Submitted"]) == ("<id1@x>", "auto-generated")
    assert parsedate_to_datetime(mail["Date"]) == message().at
    assert mail["Date"].endswith("-0800")
    assert box.recipients == [[ME]]


def test_a_mail_can_be_read_as_text_and_as_html():
    """Both forms carry title and body."""
    box = Mailbox()
    with served(box) as port:
        send(port, message("Zoë & Ana", "a <b> c\n.\n..dots\nlast"))
    (mail,) = box.mails
    assert mail.get_body(["plain"]).get_content().replace("\r\n", "\n") == "Zoë & Ana\n\na <b> c\n.\n..dots\nlast\n"
    page = mail.get_body(["html"]).get_content()
    assert "a &lt;b&gt; c" in page
    assert '<h2 style="font-size: 1.1em">Zoë &amp; Ana</h2>' in page


def test_a_repeat_carries_the_same_id():
    """Sent again, the Message-ID is the same, so that a mail program shows it once."""
    box = Mailbox()
    with served(box) as port:
        send(port, message(), message())
    assert [mail["Message-ID"] for mail in box.mails] == ["<id1@x>", "<id1@x>"]


@given(title=st.text(max_size=300), body=st.text(max_size=300))
def test_no_text_adds_a_header_or_breaks_the_html(title, body):
    """Whatever is in a reminder, the mail has the same headers, one recipient, and no tag of the reminder's."""
    mail = email._composed(message(title, body), options(25))
    data = mail.as_bytes(policy=email.SMTP)
    head = re.sub(rb"\r\n[ \t]", b" ", data.split(b"\r\n\r\n")[0])
    names = [line.split(b":")[0].lower() for line in head.split(b"\r\n")]
    assert sorted(names) == [
        b"auto-submitted",
        b"content-type",
        b"date",
        b"from",
        b"message-id",
        b"mime-version",
        b"subject",
        b"to",
    ]
    page = mail.get_body(["html"]).get_content()
    assert len(re.findall("<(?!/)", page)) == len(re.findall("<(?!/)", email.page("", "")))
    assert max(map(len, data.split(b"\r\n"))) <= 998


@pytest.mark.parametrize(
    "value",
    [
        "me@example.org\nBcc: you@example.org",
        "me@a.org, you@b.org",
        "Me <me@a.org>",
        "nobody",
        "a@b@c",
        "@",
        "zoë@a.org",
    ],
)
def test_an_address_is_one_bare_address(crm, value):
    """What could be several addresses, or another header, is refused."""
    assert "e-mail address" in crm("config", "set", "email.to", value, code=2).err or "\n" in value
    crm("config", "set", "email.to", ME)


# Security


def test_starttls_protects_password_and_mail(trusted, password_file):
    """With STARTTLS and a certificate that the machine trusts, the mail arrives after logging in."""
    box = Mailbox()
    with served(box, starttls=server_context(trusted), auth=True) as port:
        send(port, host="localhost", security="starttls", user=USER, password_file=password_file)
    assert (box.logged_in, len(box.mails)) == (1, 1)


def test_tls_from_the_start(trusted, password_file):
    """The same with TLS from the first byte."""
    box = Mailbox()
    with served(box, tls=server_context(trusted), auth=True) as port:
        send(port, host="localhost", security="tls", user=USER, password_file=password_file)
    assert (box.logged_in, len(box.mails)) == (1, 1)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_trusts_stops_it(ca, security, password_file):
    """Nothing is sent; a portal of a café may be the reason, so it is tried again, and the error names the reason."""
    box, context = Mailbox(), server_context(ca)
    with served(box, **{security: context}, auth=True) as port:
        kind, said = outcome(port, host="localhost", security=security, user=USER, password_file=password_file)
    assert kind == "transient"
    assert "certificate of localhost is not trusted" in said
    assert (box.logged_in, box.mails) == (0, [])


def test_a_certificate_of_another_host_stops_it(trusted):
    """A certificate is for one name."""
    box = Mailbox()
    with served(box, tls=server_context(trusted, "mail.example.org")) as port:
        kind, said = outcome(port, host="localhost", security="tls")
    assert (kind, box.mails) == ("transient", [])
    assert "not trusted" in said


def test_a_server_without_starttls_gets_nothing(password_file):
    """Somebody in between can take the offer away, so it counts as trouble on the way; nothing is sent."""
    box = Mailbox()
    with served(box, auth=True) as port:
        kind, said = outcome(port, security="starttls", user=USER, password_file=password_file)
    assert (kind, box.logged_in, box.mails) == ("transient", 0, [])
    assert "does not offer STARTTLS" in said


def test_a_wrong_password_is_permanent_and_not_repeated(trusted, tmp_path):
    """535 ends the delivery; neither the password nor the server's words are in the error."""
    wrong = tmp_path / "wrong"
    wrong.write_text("hunter2")
    with served(Mailbox(), starttls=server_context(trusted), auth=True) as port:
        kind, said = outcome(port, host="localhost", security="starttls", user=USER, password_file=wrong)
    assert kind == "permanent"
    assert "refused the user or the password (535)" in said
    assert "hunter2" not in said
    assert PASSWORD not in said


def test_a_server_that_tells_the_password_is_not_quoted(trusted, password_file):
    """A refusal that repeats the password is told without its words."""
    box = Mailbox(replies={"RCPT": f"550 no, {PASSWORD}"})
    with served(box, starttls=server_context(trusted), auth=True) as port:
        kind, said = outcome(port, host="localhost", security="starttls", user=USER, password_file=password_file)
    assert kind == "permanent"
    assert PASSWORD not in said


def test_a_password_that_cannot_be_sent_is_told(tmp_path):
    """Python's client takes ASCII only: said before anything is sent, and the password is not repeated."""
    (tmp_path / "password").write_text("pässword")
    kind, said = outcome(closed_port(), user=USER, password_file=tmp_path / "password")
    assert (kind, "ASCII" in said, "pässword" in said) == ("transient", True, False)


def test_a_missing_password_is_told_with_the_way_out(bare_home, monkeypatch):
    """No file and no keyring: it is tried again later, since a keyring may be locked still."""
    monkeypatch.setattr("crm.secrets.find_spec", lambda _: None)
    kind, said = outcome(closed_port(), user=USER)
    assert kind == "transient"
    assert "crm config set email.password_file FILE" in said


# What each failure means


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("421 going down", "transient"),
        ("450 mailbox busy", "transient"),
        ("451 try later", "transient"),
        ("550 no such user", "permanent"),
        ("554 no", "permanent"),
    ],
)
def test_4xx_is_tried_again_and_5xx_is_not(command, reply, kind):
    """The server's number decides, at each step and after the dot; its words are told."""
    box = Mailbox(replies={command: reply})
    with served(box) as port:
        found, said = outcome(port)
    assert found == kind
    assert reply[4:] in said
    assert reply[:3] in said


def test_nobody_listens():
    """A refused connection is tried again."""
    kind, said = outcome(closed_port())
    assert kind == "transient"
    assert "Connection refused" in said


def test_a_host_that_is_not_there():
    """A name without an address is tried again: the network may be down."""
    kind, said = outcome(25, host="mail.invalid")
    assert kind == "transient"
    assert "mail.invalid" in said


@pytest.mark.parametrize("command", [b"", b"EHLO", b"MAIL", b"RCPT", b"DATA"])
@pytest.mark.parametrize("act", [until, hanging, trickling])
def test_before_the_dot_a_lost_connection_is_tried_again(act, command):
    """Dropped, silent or endlessly talking before the message is whole: the server cannot have it."""
    with scripted(act(command)) as port:
        kind, _ = outcome(port, seconds=0.5)
    assert kind == "transient"


@pytest.mark.parametrize("act", [until, hanging, trickling])
def test_behind_the_dot_nobody_knows(act):
    """Dropped, silent or endlessly talking after the final dot: it may have been accepted."""
    with scripted(act(b".")) as port:
        kind, said = outcome(port, seconds=0.5)
    assert kind == "unknown"
    assert "has the message, or not" in said


def test_a_real_server_that_drops_behind_the_dot_has_the_mail():
    """So `unknown` is the truth: the mail is there, and the sender cannot know."""
    box = Mailbox(drops_after_dot=True)
    with served(box) as port:
        kind, _ = outcome(port)
    assert kind == "unknown"
    assert len(box.mails) == 1


@pytest.mark.parametrize(
    "greeting", [b"554 go away\r\n", b"421 too busy\r\n", b"\x1b]0;x\x07 nonsense\r\n", b"x" * 9000]
)
def test_a_server_that_greets_badly(greeting):
    """5xx is for good, all else for now; what it said is harmless."""
    with scripted(lambda connection, _over: connection.sendall(greeting)) as port:
        kind, said = outcome(port, seconds=2)
    assert kind == ("permanent" if greeting.startswith(b"554") else "transient")
    assert said.isprintable()


def test_the_good_bye_does_not_matter():
    """Accepted is accepted: a server that hangs after its 250 is not waited for."""

    def act(connection, over):
        until(b".", then=b"250 accepted\r\n")(connection, over)
        over.wait(30)

    with scripted(act) as port:
        send(port, seconds=5)


# The settings


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "email.host"),
        ({"email.host": "localhost"}, "email.to"),
        ({"email.host": "smtp.example.org", "email.to": ME, "email.security": "none"}, "on this machine"),
    ],
)
def test_settings_that_cannot_work_are_named(crm, values, said):
    """Without server or recipient, or in the clear over a network, the channel is not made."""
    for name, value in values.items():
        crm("config", "set", name, value)
    with pytest.raises(ConfigurationError, match=said):
        channels.configured("email", load())


def test_the_usual_settings_are_safe_ones(crm):
    """STARTTLS on 587, first names only, and to be sent again when nobody knows."""
    crm("config", "set", "email.host", "smtp.example.org")
    crm("config", "set", "email.to", ME)
    made = email.Options.from_settings(load())
    assert (made.port, made.security, made.sender, made.user) == (587, "starttls", ME, "")
    ready = channels.configured("email", load())
    assert (ready.detail, ready.hold) == ("first-names", False)


def test_a_test_mail_is_sent_by_command(crm):
    """`crm reminder test email` sends one, and says so."""
    box = Mailbox()
    with served(box) as port:
        for name, value in {"host": "127.0.0.1", "port": str(port), "security": "none", "to": ME}.items():
            crm("config", "set", f"email.{name}", value)
        assert "Sent a test message on email" in crm("reminder", "test", "email").out
    assert [mail["Subject"] for mail in box.mails] == ["This is a test"]
