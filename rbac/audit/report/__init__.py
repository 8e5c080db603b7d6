"""The report: everything the audit found about one policy and directory, as one document.

`data` has what a report says, gathered by `gathering`; every format prints that and
nothing else. None of them knows how a question is decided.
"""
