"""``python -m interpolation``; see `interpolation.command`."""

import sys

from interpolation.command import main

sys.exit(main())
