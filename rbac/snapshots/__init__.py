"""Directory folders: JSON lines that say who holds what, and the records they are.

`rbac.snapshots.lines` knows lines, `files` files, `members` objects, `shapes` records, `reader`
and `writer` folders. None of them knows what records mean together, nor what they give.
"""
