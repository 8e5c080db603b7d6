"""What completion needs in the language of each shell, beyond what shtab writes.

Knows how each shell is told that names depend on the word before, and how bash splits
words. It must not know any command or name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

SHELLS = ("bash", "zsh", "fish")

Table = Mapping[str, Sequence[str]]
"""Names by the word before; ``*`` stands for any other word."""


def dependent(table: str) -> dict[str, str]:
    """How each shell is told to offer the names of a table for an argument."""
    return {"bash": f"_rbac_{table}", "zsh": f"_rbac_{table}", "fish": f"(_rbac_{table})"}


def before(shell: str, valued: Sequence[str], tables: Mapping[str, Table]) -> str:
    """What the script defines first; `valued` are the options that take a value."""
    if shell == "fish":
        return "\n".join([_FISH, *(_fish(name, table) for name, table in tables.items())])
    functions = [_SH.replace("VALUED", " ".join(valued))]
    for name, table in tables.items():
        functions += [_sh(name, table), _OFFER[shell].replace("TABLE", name)]
    return "\n".join([*functions, _SOURCED] if shell == "zsh" else functions)


def after(shell: str) -> str:
    """What the script does last."""
    return _JOINED if shell == "bash" else ""


def _sh(name: str, table: Table) -> str:
    """A function that prints the names for the word it is given, in bash and zsh."""
    cases = [f"    {word}) echo '{' '.join(names)}' ;;" for word, names in table.items()]
    return "\n".join([f"_rbac_names_{name}() {{", "  case $1 in", *cases, "  esac", "}"])


def _fish(name: str, table: Table) -> str:
    cases = [
        f"    case '{word}'\n      string split ' ' '{' '.join(names)}'"
        for word, names in table.items()
    ]
    return "\n".join([f"function _rbac_{name}", "  switch (_rbac_before)", *cases, "  end", "end"])


_SH = """\
# Of words, the last that is neither an option nor an option's value, without its id.
_rbac_before() {
  local word='' found='' skip=''
  for word in "$@"; do
    if [[ -n $skip ]]; then
      skip=''
    elif [[ $word == -?* ]]; then
      [[ " VALUED " == *" $word "* ]] && skip=1
    else
      found=${word%%:*}
    fi
  done
  echo "$found"
}
"""

_OFFER = {
    "bash": """\
_rbac_TABLE() {
  local found="$(_rbac_before "${COMP_WORDS[@]:1:COMP_CWORD-1}")"
  compgen -W "$(_rbac_names_TABLE "$found")" -- "$1"
}
""",
    "zsh": """\
_rbac_TABLE() {
  local found="$(_rbac_before "${(@)words[2,CURRENT-1]}")"
  compadd "$@" -- $(_rbac_names_TABLE "$found")
}
""",
}

_SOURCED = """\
# What follows registers itself when it is evaluated, but not when it is sourced.
if [[ $zsh_eval_context[-1] == file ]]; then
  compdef _shtab_rbac rbac
  return
fi
"""

_JOINED = """

# Bash takes ':' and '=' for words: user:ID is put together, the value of --option=value apart.
_rbac() {
  local word='' last='' count=0
  local -a joined=()
  for word in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
    if [[ $word == : || $last == : ]]; then
      joined[count-1]+=$word
    elif [[ $word != = ]]; then
      joined[count++]=$word
    fi
    last=$word
  done
  [[ $last == = ]] && joined[count++]=''
  local -a COMP_WORDS=("${joined[@]}")
  local COMP_CWORD=$((count - 1))
  _shtab_rbac "$@"
}

complete -o bashdefault -F _rbac rbac
"""

_FISH = """\
# Of the words so far, the last that is neither an option nor an option's value, without its id.
function _rbac_before
  set -l words (commandline -opc)
  set -e words[1]
  set -l found ''
  set -l skip 0
  for word in $words
    if test $skip = 1
      set skip 0
    else if string match -qr -- '^-.' $word
      contains -- $word $_shtab_rbac_opts_with_value; and set skip 1
    else
      set found (string split -m 1 -f 1 : -- $word)
    end
  end
  echo $found
end
"""
