"""Formats that other programs read: each module writes one of them.

None of them knows what is being reported, nor where a report goes.
"""
