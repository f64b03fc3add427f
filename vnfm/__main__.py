"""``python -m vnfm`` is ``vnfm``."""

import sys

from vnfm.cli import main

sys.exit(main())
