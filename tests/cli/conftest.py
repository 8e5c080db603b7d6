"""What every test of a command line needs: a clean environment, and a way to run one."""

from typing import Any

import pytest

from rbac.cli import main


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the developer's shell changes what a test sees."""
    for name in ("RBAC_POLICIES", "NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


class Result:
    """What a command printed and how it exited."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture(name="rbac")
def _rbac(capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command line in this process."""

    def run(*words: str) -> Result:
        try:
            code = main(words)
        except SystemExit as done:
            code = int(done.code or 0)
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return run
