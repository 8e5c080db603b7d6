"""How what an audit found is written for other programs, a format a module.

None of them knows a rule, how anything came about, nor where it goes: each writes text.
"""
