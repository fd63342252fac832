"""ntfy, webhook, desktop and Apprise: what arrives at the other end, and what each way of failing means."""

import base64
import hashlib
import hmac
import json
import socket
import time
from datetime import UTC, datetime, timedelta

import pytest
from channel_support import HAS_BUS, closed_port, desktop, message, web
from reminder_support import DAY, MONDAY, Recorder, World
from smtp_support import authority, scripted, server_context

from crm import settings
from crm.errors import ConfigurationError, DeliveryError
from crm.models.words import DeliveryState
from crm.secrets import Secret
from reminders import channels, http
from reminders.channels import Configured, apprise, ntfy, webhook
from reminders.channels import desktop as screen

needs_bus = pytest.mark.skipif(not HAS_BUS, reason="dbus-daemon is not installed: nothing can be shown on a desktop")


def failing(call, *arguments, **values):
    """How it fails: transient, permanent or unknown, and what is said."""
    with pytest.raises(DeliveryError) as caught:
        call(*arguments, **values)
    error = caught.value
    return "permanent" if error.permanent else "unknown" if error.unknown else "transient", error.message


def post(url, seconds=2.0):
    http.post(url, b"{}", {"Content-Type": "application/json"}, seconds=seconds)


# HTTP


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *[(code, "permanent") for code in (301, 302, 307, 400, 401, 403, 404, 410, 413, 422)],
        *[(code, "transient") for code in (408, 425, 429, 500, 502, 503, 504, 599)],
    ],
)
def test_what_an_answer_means(status, kind):
    """The request's fault is for good, the server's is not; "too many" and the like come again."""
    with web(status=status) as server:
        found, said = failing(post, server.url)
    assert found == kind
    assert str(status) in said


NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
SERVERS_NOON = "Mon, 05 Jan 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("said", "servers_time", "seconds"),
    [
        ("120", None, 120),
        (" 0 ", None, 0),
        ("86400", None, 3600),
        ("9" * 5000, None, 3600),
        ("Mon, 05 Jan 2026 12:10:00 GMT", None, 600),
        ("Mon, 05 Jan 2026 12:10:00 GMT", "Mon, 05 Jan 2026 12:09:00 GMT", 60),  # its clock is another one
        ("Monday, 05-Jan-26 12:10:00 GMT", SERVERS_NOON, 600),
        ("Mon Jan  5 12:10:00 2026", SERVERS_NOON, 600),
        ("Tue, 06 Jan 2026 12:00:00 GMT", SERVERS_NOON, 3600),
        ("Sun, 04 Jan 2026 12:00:00 GMT", SERVERS_NOON, 0),
        ("Mon, 05 Jan 2026 12:10:00 GMT", "soon", 600),
        *[
            (nonsense, None, 0)
            for nonsense in (None, "", "soon", "-5", "1.5", "5, 6", "\u0665", "0x10", "Mon, 99 Foo 0")
        ],
    ],
)
def test_how_long_a_server_asks_to_be_left_alone(said, servers_time, seconds):
    """Seconds or an instant in any of three forms, by the server's own clock; an hour at most, and no guess."""
    assert http.asked_wait({"Retry-After": said, "Date": servers_time}.get, NOON) == seconds


@pytest.mark.parametrize(("said", "least", "most"), [("2000", 2000, 2000), ("1", 60, 66), ("99999", 3600, 3600)])
def test_a_server_is_left_alone_as_long_as_it_asks(empty_database, tmp_path, said, least, most):
    """The next try is no sooner than the server asked for, an hour at most, and no sooner than it would be else."""
    world = World.copy(empty_database, tmp_path)
    world.task("Write to Jane Roe", MONDAY.date())
    with web(status=503, headers={"Retry-After": said}) as server:
        options = ntfy.Options(server.url, "crm", 3, (), Secret("ntfy.token", ""))
        channel = Configured(lambda each: ntfy.send(each, options))
        world.tick(ntfy=channel)
        (delivery,) = world.deliveries()
        assert least <= (delivery.not_before_at - MONDAY).total_seconds() <= most
        server.status = 200
        world.tick(delivery.not_before_at - timedelta(seconds=1), ntfy=channel)
        assert len(server.posted) == 1
        world.tick(delivery.not_before_at, ntfy=channel)
    assert world.states() == [DeliveryState.COMPLETED]


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_2xx_is_accepted(status):
    """Any of them."""
    with web(status=status, reply=b"") as server:
        post(server.url)
    assert len(server.posted) == 1


def test_no_redirect_is_followed():
    """The message was meant for that host, and goes to no other."""
    with web() as other, web(status=307, headers={"Location": other.url}) as server:
        assert failing(post, server.url)[0] == "permanent"
    assert other.posted == []


@pytest.mark.parametrize("behaves", ["hang", "drop", "trickle"])
def test_no_answer_is_unknown(behaves):
    """The request is there and no answer comes, or one that never ends: it may have been accepted; in time."""
    started = time.monotonic()
    with web(behaves=behaves) as server:
        kind, said = failing(post, server.url, 0.4)
    assert kind == "unknown"
    assert "may have taken the message" in said
    assert len(server.posted) == 1
    assert time.monotonic() - started < 3


def test_no_connection_is_transient():
    """Nobody listens, or there is no such host."""
    kind, said = failing(post, f"http://127.0.0.1:{closed_port()}")
    assert (kind, "Connection refused" in said) == ("transient", True)
    assert failing(post, "http://ntfy.invalid")[0] == "transient"


@pytest.mark.parametrize("url", ["http://127.0.0.1:99999/", "http://a..b/", "http://" + "x" * 300 + "/"])
def test_a_strange_host_is_no_crash(url):
    """What is no host or port is a failed delivery."""
    assert failing(post, url)[0] == "transient"


def test_an_untrusted_certificate_is_transient_and_named():
    """Nothing is sent over it."""
    context = server_context(authority())
    got = []

    def act(connection, _over):
        with context.wrap_socket(connection, server_side=True) as secured:
            got.append(secured.recv(100))

    with scripted(act) as port:
        kind, said = failing(post, f"https://localhost:{port}/")
    assert (kind, got) == ("transient", [])
    assert "certificate of localhost is not trusted" in said


@pytest.mark.parametrize(
    "answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 99999 \x1b[31m\r\n\r\n", b"HTTP/1.1 200 OK\r\n" * 500]
)
def test_an_answer_that_is_none(answer):
    """All was sent and nobody knows; nothing of it is repeated."""

    def act(connection, _over):
        connection.recv(10_000)
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1)

    with scripted(act) as port:
        kind, said = failing(post, f"http://127.0.0.1:{port}/")
    assert kind == "unknown"
    assert said.isprintable()


# ntfy


def topic(server, tmp_path=None, token="", **values):
    file = ""
    if tmp_path:
        (tmp_path / "token").write_text(token)
        file = str(tmp_path / "token")
    return ntfy.Options(server, "my-topic", 4, ("bell",), Secret("ntfy.token", file), **values)


def test_ntfy_gets_title_message_priority_and_tags(tmp_path):
    """As JSON to the server's root, with the token, and with the same sequence id when it is sent again."""
    with web() as server:
        for _ in range(2):
            ntfy.send(message("Zoë", "one\ntwo"), topic(server.url, tmp_path, "tk_abc"))
    (path, headers, body), again = server.posted
    assert json.loads(body) == {
        "topic": "my-topic",
        "title": "Zoë",
        "message": "one\ntwo",
        "priority": 4,
        "tags": ["bell"],
        "sequence_id": "id1",
    }
    assert (path, headers["authorization"]) == ("/", "Bearer tk_abc")
    assert again[2] == body


def test_a_long_message_to_ntfy_says_where_the_rest_is():
    """It takes 4,096 bytes as a message; what is cut ends with what to type, and no letter is cut in two."""
    with web() as server:
        ntfy.send(message("x" * 1000, "ü" * 5000), topic(server.url))
    content = json.loads(server.bodies()[0])
    assert len(content["message"].encode()) <= 4096
    assert content["message"].endswith("ü" + ntfy.REST)
    assert len(content["title"]) <= 250


def test_a_token_does_not_go_over_the_network_in_the_clear(tmp_path):
    """With a token, plain http is for this machine only."""
    kind, said = failing(ntfy.send, message(), topic("http://ntfy.example.org", tmp_path, "tk_abc"))
    assert (kind, "https://" in said) == ("transient", True)


def test_a_token_that_is_none_is_refused(tmp_path):
    """A file with more than the token in it cannot add a header."""
    for wrong in ("tk\r\nX-Evil: 1", "tök"):
        _, said = failing(ntfy.send, message(), topic("https://ntfy.example.org", tmp_path, wrong))
        assert wrong not in said


def test_a_public_topic_is_warned_about(crm):
    """ntfy.sh is everybody's: said where the channel is tested, and for one's own server nothing is said."""
    crm("config", "set", "ntfy.topic", "my-topic")
    assert "public server" in " ".join(channels.remarks(["ntfy", "file"], settings.load()))
    with web(status=403) as server:
        crm("config", "set", "ntfy.server", server.url)
        assert channels.remarks(["ntfy"], settings.load()) == []
        assert "public server" not in crm("reminder", "test", "ntfy", code=1).err


@pytest.mark.parametrize(("name", "said"), [("ntfy", "ntfy.topic"), ("webhook", "webhook.url")])
def test_what_is_missing_is_named(crm, name, said):
    """A channel that nobody has set up says what to set, as configuration."""
    with pytest.raises(ConfigurationError, match=said):
        channels.ready([name], settings.load())
    assert said in crm("reminder", "test", name, code=78).err


@pytest.mark.parametrize(
    "value",
    ["ftp://x", "https://me:secret@host/", "host", "https://", "https://a\nb", "http://[::1/", "http://a:99999"],
)
def test_an_address_is_refused_without_repeating_it(crm, value):
    """What is no http address, or holds a password, is refused."""
    failed = crm("config", "set", "webhook.url", value, code=2)
    assert "secret" not in failed.err


# Webhook


@pytest.mark.parametrize("secret", ["a plain one", "whsec_" + base64.b64encode(b"k" * 24).decode()])
def test_a_webhook_can_be_verified(tmp_path, secret):
    """As Standard Webhooks says: an HMAC of id, time and body, by the decoded secret."""
    (tmp_path / "secret").write_text(secret)
    with web() as server:
        options = webhook.Options(f"{server.url}/hook?x=1", Secret("webhook.secret", str(tmp_path / "secret")))
        webhook.send(message(), options)
    ((path, headers, body),) = server.posted
    key = b"k" * 24 if secret.startswith("whsec_") else secret.encode()
    signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("id1@x", str(int(MONDAY.timestamp())))
    assert path == "/hook?x=1"
    assert json.loads(body) == {
        "id": "id1@x",
        "key": "k1",
        "title": "Write to Jane Roe",
        "body": "Done: crm done t1.",
        "items": [{"key": "k1", "title": "Write to Jane Roe", "body": "Done: crm done t1."}],
        "at": "2026-01-05T17:00:00Z",
    }


def test_the_signature_is_the_one_of_the_specification():
    """The example that its libraries are tested with."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = webhook.signed("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', key)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_without_a_secret_nothing_is_posted(tmp_path, monkeypatch):
    """An unsigned message could be anybody's; a secret that is no base64 is named and not repeated."""
    monkeypatch.setattr("crm.secrets.find_spec", lambda _: None)
    (tmp_path / "secret").write_text("whsec_not base64!")
    with web() as server:
        for file in ("", str(tmp_path / "secret")):
            kind, said = failing(webhook.send, message(), webhook.Options(server.url, Secret("webhook.secret", file)))
            assert (kind, "not base64!" in said) == ("transient", False)
    assert server.posted == []


# Desktop


@needs_bus
@pytest.mark.parametrize("capabilities", [("body", "body-markup"), ("body",)])
def test_a_notification_shows_text_as_it_is(tmp_path, capabilities):
    """Markup in people's text is escaped where the service reads markup, and left where it would show the escapes."""
    with desktop(tmp_path, capabilities=capabilities) as shown:
        screen.send(message("A <b> & c", "<a href='x'>y</a> & z"), screen.Options(shown.address))
        ((app, _, _, title, body, *_),) = shown.shown()
    escaped = "&lt;a href='x'&gt;y&lt;/a&gt; &amp; z"
    assert (app, title) == ("networking-crm", "A <b> & c")
    assert body == (escaped if "body-markup" in capabilities else "<a href='x'>y</a> & z")


@needs_bus
@pytest.mark.parametrize(("behaves", "kind"), [("refuse", "transient"), ("hang", "unknown"), ("nobody", "transient")])
def test_a_desktop_that_does_not_show_it(tmp_path, behaves, kind):
    """Refused, or nobody there: it comes again, for somebody logs in again. No answer: nobody knows."""
    with desktop(tmp_path, behaves=behaves) as shown:
        assert failing(screen.send, message(), screen.Options(shown.address, seconds=0.7))[0] == kind


@pytest.mark.parametrize("address", ["", "disabled:", "tcp:host=x,port=1", "nonsense", "unix:path=/nonexistent/bus"])
def test_no_desktop_session_is_transient(address):
    """Without a bus, or with an address that is none."""
    assert failing(screen.send, message(), screen.Options(address))[0] == "transient"


def test_a_machine_without_a_desktop_leaves_the_channel_out(bare_home, monkeypatch, tmp_path):
    """The daemon's channels then are the others, and the reason can be told; nothing fails."""
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    chosen = settings.load()
    assert chosen["daemon.channels"] == ["file", "desktop"]
    assert list(channels.ready(chosen["daemon.channels"], chosen)) == ["file"]
    assert channels.absent(chosen["daemon.channels"]) == {"desktop": "there is no desktop session"}
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    assert "No such file" in channels.absent(["desktop"])["desktop"]


@needs_bus
@pytest.mark.parametrize(("behaves", "names"), [("show", ["file", "desktop"]), ("nobody", ["file"])])
def test_a_desktop_is_used_where_there_is_one(bare_home, monkeypatch, tmp_path, behaves, names):
    """The bus of the session is found without the variable too; a bus with nobody who shows anything is none."""
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with desktop(tmp_path, behaves=behaves):
        assert list(channels.ready(["file", "desktop"], settings.load())) == names


# Apprise


@pytest.mark.parametrize(
    ("content", "kind"),
    [("nonsense", "permanent"), ("# only a comment", "permanent"), ("json://127.0.0.1:{port}", "transient")],
)
def test_what_apprise_cannot_send(tmp_path, content, kind):
    """URLs that it does not know are for good, everything else comes again; no URL is told."""
    (tmp_path / "urls").write_text(content.format(port=closed_port()))
    found, said = failing(apprise.send, message(), apprise.Options(Secret("apprise.urls", str(tmp_path / "urls"))))
    assert found == kind
    assert "://" not in said
    assert "nonsense" not in said


# What becomes of a delivery


@pytest.fixture
def world(empty_database, tmp_path):
    made = World.copy(empty_database, tmp_path)
    made.task("Write to Jane Roe", MONDAY.date())
    return made


@pytest.mark.parametrize("fault", [DeliveryError("no answer", unknown=True), RuntimeError("broken")])
@pytest.mark.parametrize(("hold", "state"), [(True, "unknown"), (False, "retryable")])
def test_what_may_have_arrived(world, fault, hold, state):
    """Held, it waits for the person and is not sent again by itself; else it is sent again, under the same id."""
    taker = Recorder(faults=[fault], accepts_then_fails=True)
    channel = Configured(taker, hold=hold)
    (told,) = world.tick(MONDAY, ntfy=channel).deliveries
    assert (told.state, world.states()) == (state, [state])
    world.tick(MONDAY + DAY, ntfy=channel)
    assert len(taker.sent) == (1 if hold else 2)
    assert len(set(taker.ids())) == 1
    assert world.states() == [DeliveryState.UNKNOWN if hold else DeliveryState.COMPLETED]


def test_what_surely_failed_is_not_held(world):
    """`hold` is for doubt only: a failure of which the channel is sure is tried again."""
    taker = Recorder(faults=[DeliveryError("busy")])
    world.tick(MONDAY, ntfy=Configured(taker, hold=True))
    assert world.states() == [DeliveryState.RETRYABLE]
