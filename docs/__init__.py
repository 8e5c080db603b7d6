"""The documentation; ``python -m docs.api`` writes the part that docstrings say."""
