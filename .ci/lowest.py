"""Write requirements.txt with every lower bound turned into an exact version, for the run with the oldest packages.

    python .ci/lowest.py requirements.txt > lowest.txt
"""

import re
import sys
from pathlib import Path

for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines():
    requirement = line.split("#")[0].strip()
    if not requirement:
        continue
    found = re.match(r"([A-Za-z0-9._-]+(?:\[[^\]]*\])?)\s*(?:>=|==)\s*([0-9][^,;\s]*)", requirement)
    if not found:
        sys.exit(f"{sys.argv[1]}: no lower bound in {requirement!r}; give one, so that it can be tested")
    sys.stdout.write(f"{found[1]}=={found[2]}\n")
