"""``python -m kgpeft`` is ``kgpeft``."""

import sys

from kgpeft.cli import main

sys.exit(main())
