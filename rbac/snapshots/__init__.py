"""Snapshots of a directory: a folder of JSON lines, read strictly and written whole.

``files`` knows names, bytes, lines and JSON; ``shapes`` what each object says; ``reader``
turns a folder into records and problems, ``writer`` records into a folder. None of them knows
the rules that hold between records.
"""
