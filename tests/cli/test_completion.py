"""Completion: each shell offers what each place of a command line takes."""

import argparse
import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from rbac import cli
from rbac.cli.completion import script
from rbac.cli.shells import SHELLS
from rbac.policy import Policy
from rbac.vocabulary import Principal, ResourceRole, ResourceType
from tests.building import PRINCIPALS, ROLES, small_policy

POLICY = Policy.shipped()
TYPES = [type for type in ResourceType if type is not ResourceType.UNSPECIFIED]
HERE = ["bash", *(shell for shell in SHELLS if shell != "bash" and shutil.which(shell))]
"""The shells of this machine: bash always, because a test that needs it must not be left out."""

ID = "3f1b6c1e-0000-4000-8000-0123456789ab"


def names(*members: Principal | ResourceRole | ResourceType) -> set[str]:
    """The short names of members."""
    return {member.short for member in members}


def actions(type: ResourceType) -> set[str]:
    """The actions that the shipped policy has on a type."""
    return {row.action.short for row in POLICY.rows.catalogue if row.type is type}


def options(command: str) -> set[str]:
    """The long options of a command."""
    parser = argparse.ArgumentParser()
    cli.module_of(command).arguments(parser)
    return {option for option in parser._option_string_actions if option.startswith("--")}


OFFERED: dict[str, set[str]] = {
    "rbac ": set(cli.COMMANDS),
    "rbac ver": {"verify", "version"},
    "rbac check ": names(*PRINCIPALS),
    "rbac check user ": names(*ROLES),
    "rbac check user project_editor ": names(*TYPES),
    "rbac check user project_e": {"project_editor"},
    "rbac check user project_editor project ": actions(ResourceType.PROJECT),
    "rbac check user environment_user environment ": actions(ResourceType.ENVIRONMENT),
    "rbac check user project_editor no_type ": {row.action.short for row in POLICY.rows.catalogue},
    f"rbac check user:{ID} project_editor ": names(*TYPES),
    f"rbac check user:{ID} project_editor billing:{ID} ": actions(ResourceType.BILLING),
    "rbac explain ": names(*PRINCIPALS),
    "rbac explain user org_admin secret get_": {"get_value"},
    "rbac check --own user --format json project_editor webhook ": actions(ResourceType.WEBHOOK),
    "rbac check user project_editor webhook --color never ": actions(ResourceType.WEBHOOK),
    "rbac list ": {"role", "type", "principal", "subject"},
    "rbac list role ": names(*ROLES),
    "rbac list type --quiet ": names(*TYPES),
    "rbac list principal --format csv ": names(*PRINCIPALS),
    "rbac list role org_admin --format ": {"text", "json", "csv", "markdown"},
    "rbac completion ": set(SHELLS),
    **{f"rbac {command} --": options(command) for command in cli.COMMANDS},
}
"""What is offered after each beginning of a command line, by the enums, rows and parsers."""


def run(folder: Path, *command: str, text: str = "") -> str:
    """What a command prints in a folder that holds the script."""
    done = subprocess.run(
        command,
        input=text,
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "TERM": "dumb"},
    )
    assert not done.stderr
    return done.stdout


IN_BASH = r"""
source ./script
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
[[ $(complete -p rbac) =~ -F\ ([^ ]+) ]] && "${BASH_REMATCH[1]}" rbac
echo "${COMPREPLY[@]}"
"""


def in_bash(lines: Iterable[str], folder: Path) -> Iterator[str]:
    """What bash offers after each line; its words are split as bash does, at ':' and '=' too."""
    for line in lines:
        words = [*re.findall("[:=]|[^ :=]+", line), *([""] if line.endswith(" ") else [])]
        yield run(folder, "bash", "-c", IN_BASH, "bash", *words)


IN_FISH = r"""
source ./script
while read line
  complete -C $line | cut -f 1 | string join ' '
  echo END
end
"""


def in_fish(lines: Iterable[str], folder: Path) -> Iterator[str]:
    """What fish offers after each line."""
    text = "".join(f"{line}\n" for line in lines)
    yield from run(folder, "fish", "--no-config", "-c", IN_FISH, text=text).split("END\n")[:-1]


IN_ZSH = r"""
zmodload zsh/zpty
zpty inner zsh -f -i
zpty -w inner 'PROMPT=; unsetopt auto_list; autoload -Uz compinit; compinit -u -D; source ./script'
zpty -w inner 'compadd() {
  [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]] && { builtin compadd "$@"; return }
  local -a found; builtin compadd -A found "$@"
  (( $#found )) && print -r -- $found >> found
  builtin compadd "$@"
}'
zpty -w inner 'offer() { zle complete-word; print END >> found; zle kill-buffer }'
zpty -w inner 'zle -N offer; bindkey "^I" offer; : > found'
integer count=0
while IFS= read -r line; do
  (( ++count ))
  zpty -w -n inner "$line"$'\t'
  until [[ -f found && $(grep -c END found) -eq $count ]]; do
    (( SECONDS < 100 )) || exit 1
    zpty -rt inner _
    sleep 0.01
  done
done
zpty -d inner
print -r -- "$(<found)"
"""


def in_zsh(lines: Iterable[str], folder: Path) -> Iterator[str]:
    """What zsh offers after each line typed at its prompt, up to the TAB."""
    text = "".join(f"{line}\n" for line in lines)
    yield from run(folder, "zsh", "-f", "-c", IN_ZSH, text=text).split("END\n")[:-1]


SHELL = {"bash": in_bash, "fish": in_fish, "zsh": in_zsh}


@pytest.mark.parametrize("shell", HERE)
def test_a_shell_offers_what_fits(shell: str, tmp_path: Path) -> None:
    """Each place of a command line is offered its names, and an option its values."""
    (tmp_path / "script").write_text(script(shell, POLICY))
    found = dict(zip(OFFERED, SHELL[shell](OFFERED, tmp_path), strict=True))
    assert {line: set(offer.split()) for line, offer in found.items()} == OFFERED


def test_bash_takes_the_value_of_an_option_after_an_equals_sign(tmp_path: Path) -> None:
    """Bash makes three words of --option=value; the value is completed nevertheless."""
    (tmp_path / "script").write_text(script("bash", POLICY))
    lines = ["rbac list role --format=", "rbac list role --format=m", "rbac list --format=csv rol"]
    assert [each.split() for each in in_bash(lines, tmp_path)] == [
        ["text", "json", "csv", "markdown"],
        ["markdown"],
        ["role"],
    ]


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_has_every_name(shell: str) -> None:
    """Whatever shells this machine has, the script holds all commands, options and names."""
    words = set(re.findall("[a-z_]+(?:-[a-z_]+)*", script(shell, POLICY)))
    wanted = set(cli.COMMANDS) | names(*PRINCIPALS, *ROLES, *TYPES)
    wanted |= {option[2:] for command in cli.COMMANDS for option in options(command)}
    assert wanted | {row.action.short for row in POLICY.rows.catalogue} <= words
    assert "unspecified" not in words


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_is_accepted_by_its_shell(shell: str, tmp_path: Path) -> None:
    """The script is printed by the command, and its shell, where there is one, can read it."""
    (tmp_path / "script").write_text(printed(shell))
    if shell in HERE:
        assert not run(tmp_path, shell, "-n", "script")


def printed(shell: str, *words: str) -> str:
    """What the command prints."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        assert cli.main(["completion", shell, *words]) == 0
    return out.getvalue()


@pytest.mark.parametrize("shell", HERE)
def test_a_command_added_later_is_completed(
    shell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new command needs no more than its parser: its arguments are told by their metavars."""
    added = ModuleType("rbac.cli.added")

    def arguments(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("action", metavar="ACTION")
        parser.add_argument("resource", metavar="RESOURCE")
        parser.add_argument("--as", metavar="ROLE")
        parser.add_argument("--depth", choices=("one", "all"))

    vars(added)["arguments"] = arguments
    monkeypatch.setitem(sys.modules, added.__name__, added)
    monkeypatch.setitem(cli.COMMANDS, "added", "made up for a test")
    (tmp_path / "script").write_text(script(shell, POLICY))
    wanted = {
        "rbac add": {"added"},
        "rbac added ": {row.action.short for row in POLICY.rows.catalogue},
        "rbac added update ": names(*TYPES),
        "rbac added --as ": names(*ROLES),
        "rbac added --depth all update proje": {"project", "project_environment_class"},
    }
    found = dict(zip(wanted, SHELL[shell](wanted, tmp_path), strict=True))
    assert {line: set(offer.split()) for line, offer in found.items()} == wanted


def test_the_actions_are_those_of_the_policy_asked_for(tmp_path: Path) -> None:
    """With --policies the script offers the actions that this policy has."""
    from tests.test_verification import written

    folder = written(small_policy(["project_user project use any"]), tmp_path)
    (tmp_path / "script").write_text(printed("bash", "--policies", str(folder)))
    lines = ["rbac check user project_user project ", "rbac check user project_user billing "]
    known = {"get", "update", "use"}
    assert [set(each.split()) for each in in_bash(lines, tmp_path)] == [known, known]


def test_completing_another_shell_is_a_usage_error() -> None:
    """There is no script for a shell that is not known."""
    with pytest.raises(SystemExit) as done:
        cli.main(["completion", "tcsh"])
    assert done.value.code == 2
