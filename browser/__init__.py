"""The report's page, driven in a browser: ``python -m pytest browser``; needs Chromium."""
