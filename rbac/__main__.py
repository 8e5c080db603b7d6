"""``python -m rbac``: the command line."""

import sys

from rbac.cli import main

if __name__ == "__main__":
    sys.exit(main())
