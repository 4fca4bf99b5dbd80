"""Kill the local backend with kill -9 while it writes, again and again, and count what was lost.

python benchmarks/kill_writes.py [--kills 20] [--write-seconds 1.5]
"""

import argparse
import sys
import tempfile
from pathlib import Path

import anyio

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.process.killing import Outcome, kill_repeatedly


async def main() -> Outcome:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--write-seconds", type=float, default=1.5, help="the longest time of writing before a kill")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        return await kill_repeatedly(Path(directory) / "data", options.kills, options.write_seconds, print)


if __name__ == "__main__":
    outcome = anyio.run(main)
    print(f"kills                                   {outcome.kills}")
    print(f"acknowledged insights / events          {outcome.insights} / {outcome.events}")
    print(f"lost insights / events                  {len(outcome.lost_insights)} / {len(outcome.lost_events)}")
    print(f"events stored twice                     {len(outcome.doubled_events)}")
    print(f"unanswered batches stored in part       {outcome.partial_batches}")
    print(f"slowest restart, to the first answer    {outcome.slowest_restart:.2f} s")
    sys.exit(1 if outcome.lost_insights or outcome.lost_events or outcome.doubled_events else 0)
