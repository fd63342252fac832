"""Secrets: where they may stand, and that they come out nowhere."""

import os

import pytest

from crm import secrets, setting_specs, settings
from crm.errors import ConfigurationError
from crm.secrets import Secret

VALUE = "hunter2-correct-horse"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch):
    """No variable of the machine that the tests run on counts, and no keyring."""
    for name in [each for each in os.environ if each.endswith("_FILE") or each == "CREDENTIALS_DIRECTORY"]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(secrets, "find_spec", lambda _: None)


@pytest.fixture
def file(tmp_path):
    made = tmp_path / "secret"
    made.write_text(f"{VALUE}\n")
    return made


def test_a_variable_names_the_file(file, monkeypatch):
    """CRM_EMAIL_PASSWORD_FILE names the file that email.password stands in; the line end is not a part of it."""
    monkeypatch.setenv("CRM_EMAIL_PASSWORD_FILE", str(file))
    assert Secret("email.password").read() == VALUE


def test_a_setting_names_the_file(crm, file):
    """So does the setting email.password_file."""
    crm("config", "set", "email.password_file", str(file))
    assert settings.load().secret("email.password").read() == VALUE


def test_a_credential_of_systemd(file, monkeypatch, tmp_path):
    """So does a credential that the unit loads under the secret's name."""
    file.rename(tmp_path / "ntfy.token")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert Secret("ntfy.token").read() == VALUE
    assert Secret("email.password").read() == ""


def test_the_nearest_place_counts(file, monkeypatch, tmp_path):
    """The variable counts before the setting, and the setting before the credential."""
    for name, content in {"variable": "first", "ntfy.token": "third"}.items():
        (tmp_path / name).write_text(content)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert Secret("ntfy.token", str(file)).read() == VALUE
    monkeypatch.setenv("CRM_NTFY_TOKEN_FILE", str(tmp_path / "variable"))
    assert Secret("ntfy.token", str(file)).read() == "first"


def test_a_changed_file_counts_at_once(file):
    """It is read each time, so that a new password needs no restart."""
    secret = Secret("email.password", str(file))
    assert secret.read() == VALUE
    file.write_text("another")
    assert secret.read() == "another"


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "empty"), (b" \n", "empty"), (b"\xff\xfe\x80" + VALUE.encode(), "no text"), (b"x" * 70_000, "too large")],
)
def test_a_file_that_holds_no_secret_is_named(file, content, said):
    """Empty, no text, too large: the file is named, and nothing of what is in it."""
    file.write_bytes(content)
    with pytest.raises(ConfigurationError, match=said) as caught:
        Secret("email.password", str(file)).read()
    assert str(file) in caught.value.message
    assert VALUE not in repr(caught.value)


@pytest.mark.parametrize("path", ["missing", "."])
def test_a_file_that_cannot_be_read_is_named(tmp_path, path):
    """A file that is not there, or a folder: what named it and the path are told."""
    with pytest.raises(ConfigurationError, match=r"email\.password_file: /.*cannot be read"):
        Secret("email.password", str(tmp_path / path)).read()


def test_a_secret_that_is_nowhere_is_told_with_the_way_out():
    """What needs a secret says where to put it."""
    with pytest.raises(ConfigurationError, match=r"crm config set webhook\.secret_file FILE"):
        Secret("webhook.secret").required()


# The keyring


@pytest.fixture
def keyring(tmp_path, monkeypatch):
    """A keyring module of the test's own, whose content is the test's."""

    def install(code):
        (tmp_path / "keyring.py").write_text(code)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        monkeypatch.setattr(secrets, "find_spec", lambda name: name)

    return install


def test_the_keyring_is_asked_last(keyring, file):
    """Where nothing names a file, the keyring is asked for the secret of that name."""
    keyring("import sys; print(' '.join(sys.argv[1:]))")
    assert Secret("email.password").read() == "get networking-crm email.password"
    assert Secret("email.password", str(file)).read() == VALUE


def test_a_keyring_without_it_gives_none(keyring):
    """One that does not have it, or cannot be opened, is as good as none."""
    keyring("import sys; print('no'); sys.exit(1)")
    assert Secret("email.password").read() == ""


def test_a_keyring_that_waits_for_a_person_is_not_waited_for(keyring, monkeypatch):
    """A locked keyring that asks somebody who is not there is left after its time."""
    keyring("import signal; signal.pause()")
    monkeypatch.setattr(secrets, "KEYRING_SECONDS", 0.3)
    assert Secret("email.password").read() == ""


def test_the_real_keyring_can_be_asked(monkeypatch, tmp_path):
    """The keyring program takes the question: with a backend of its own that holds nothing, the answer is nothing."""
    pytest.importorskip("keyring")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setattr(secrets, "find_spec", lambda name: name)
    assert Secret("email.password").read() == ""


# Never shown


def test_config_show_says_that_it_is_set_and_from_where(crm, file, monkeypatch):
    """`config show` names the variable or setting that leads to the file, and never what is in it."""
    monkeypatch.setenv("CRM_NTFY_TOKEN_FILE", str(file))
    crm("config", "set", "email.password_file", str(file))
    for shown in (crm("config", "show"), crm("config", "show", "--json")):
        assert VALUE not in shown.out + shown.err
    items = {each["name"]: each for each in shown.json["items"]}
    assert (items["ntfy.token"]["value"], items["ntfy.token"]["origin"]) == ("set", "CRM_NTFY_TOKEN_FILE")
    assert (items["email.password"]["value"], items["email.password"]["origin"]) == ("set", "email.password_file")
    assert items["webhook.secret"]["value"] == setting_specs.NO_FILE


@pytest.mark.parametrize("name", setting_specs.SECRETS)
def test_a_secret_is_not_taken_by_config_set(crm, home, name):
    """It would stand in config.toml and in the shell's history: refused, and not repeated."""
    failed = crm("config", "set", name, VALUE, code=2)
    assert VALUE not in failed.out + failed.err
    assert not (home / "config.toml").exists()


@pytest.mark.parametrize("name", setting_specs.SECRETS)
def test_a_secret_in_config_toml_is_refused_and_not_repeated(crm, home, name):
    """Written there by hand, it ends every command with 78 and is not shown."""
    table, key = name.rsplit(".", 1)
    (home / "config.toml").write_text(f"[{table}]\n{key} = '{VALUE}'\n")
    failed = crm("history", code=78)
    assert name in failed.err
    assert VALUE not in failed.out + failed.err


def test_where_a_secret_is_looked_up_can_be_printed(file):
    """What stands for a secret in options holds none."""
    secret = Secret("email.password", str(file))
    assert secret.read() == VALUE
    assert VALUE not in repr(secret)


def test_every_secret_has_its_file_setting():
    """Each secret among the settings comes with the setting that names its file."""
    assert len(setting_specs.SECRETS) == 7
    assert {f"{name}_file" for name in setting_specs.SECRETS} <= set(setting_specs.BY_NAME)


def test_the_interpreter_is_asked_without_the_current_folder(keyring, monkeypatch, tmp_path):
    """A keyring.py in the folder that one happens to be in is not run."""
    elsewhere = tmp_path / "here"
    elsewhere.mkdir()
    (elsewhere / "keyring.py").write_text("print('not this one')")
    keyring("print('this one')")
    monkeypatch.chdir(elsewhere)
    assert Secret("email.password").read() == "this one"
