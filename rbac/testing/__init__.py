"""Tests of a policy, written beside it: read, run, and measured by what they leave untested.

None of them knows how an answer is found: every one is read from the decision table, or
asked of the access that stands on it.
"""
