"""The notation of policies: policy folders, read strictly and written canonically.

``grammar`` says which files, rows and fields there are, ``reader`` turns a folder into
rows and problems, ``writer`` turns rows into a folder. None of them knows what rows allow.
"""
