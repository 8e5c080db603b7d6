"""Questions to a policy as a whole, each a module that can be read alone.

None of them knows how a cell is decided: every answer is read from a decision table, is
exact, and comes with its count and its witnesses. Deciding never imports this package.
"""
