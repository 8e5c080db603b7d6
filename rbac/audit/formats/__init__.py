"""How a report of an audit is written for other programs, a format a module.

None of them knows a rule, or how a finding came about: each writes a `Report` as text.
"""
