"""The built wheel works elsewhere: without the source tree, from the root folder, in an empty home."""

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The `crm` of the wheel in an environment of its own; only its dependencies are borrowed."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "venv", with_pip=False)
    python = folder / "venv" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-index", "--no-deps", "-q", str(wheel)]
    subprocess.run(pip, check=True, capture_output=True)
    inside = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    )
    Path(inside.stdout.strip(), "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return folder / "venv" / "bin" / "crm"


def run(crm, home, *arguments):
    """Run the installed command from the root folder."""
    environment = {"HOME": str(home), "PATH": "/usr/bin:/bin", "CRM_TIMEZONE": "Asia/Kathmandu", "COLUMNS": "80"}
    return subprocess.run([crm, *arguments], cwd="/", env=environment, capture_output=True, text=True, check=False)


def test_the_wheel_starts_from_nothing(installed, tmp_path):
    """Installed elsewhere, `crm`, `crm init` and `crm today` work from `/` with an empty HOME."""
    first = run(installed, tmp_path)
    assert (first.returncode, "crm init" in first.stdout) == (0, True), first.stderr
    made = run(installed, tmp_path, "init", "--start", "today")
    assert made.returncode == 0, made.stderr
    day = run(installed, tmp_path, "today")
    assert day.returncode == 0, day.stderr
    assert (tmp_path / ".local/share/networking-crm/crm.db").stat().st_mode & 0o077 == 0
