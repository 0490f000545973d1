"""The checker: one line with its repairs, a document of 300 lines, and a thousand files by one process and by two.

Times of a line and of a document are processor times; those of the files are by the clock, which needs two processors that are free.

python benchmarks/checking.py [--files N] [--slips N]
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import matcalc as mc
from tests.check.check_trials import timed
from tests.check.right_lines import NETWORK, RIGHT_LINES
from tests.check.slips import single

LINKS = 300
LINES_OF_A_PAGE = 6
MODEL = """
[network]
widths = [5, 4, 3, 2]
activation = "f"
loss = "half_mse"
"""


def lines_of_networks() -> list[str]:
    return [line.latex for line in RIGHT_LINES if line.setting is NETWORK and line.layout == "denominator"]


def one_line(count: int) -> None:
    times = sorted(timed(single(seed)) for seed in range(count))
    tenth = times[-1 - count // 10]
    print(f"  one line with a slip, with its repairs: median {1e3 * statistics.median(times):6.1f} ms of {count}, "
          f"nine tenths under {1e3 * tenth:6.1f} ms, the slowest {times[-1]:.2f} s")  # fmt: skip


def one_document() -> None:
    """Right lines, and one in six with a slip."""
    lines = lines_of_networks()
    slips = [slip.latex for seed in range(1000) if (slip := single(seed)).claim.setting is NETWORK and slip.claim.layout == "denominator"]
    rng = random.Random(1)
    parts = [rng.choice(slips if k % 6 == 5 else lines) for k in range(LINKS)]
    text = "In denominator layout:\n" + "\n\n".join(f"$$ {part} $$" for part in parts)
    start = time.process_time()
    report = mc.check(text, NETWORK.given, layout="denominator")
    took = time.process_time() - start
    slipped = sum(link.verdict != "holds" for link in report.links)
    print(f"  one document: {len(report.links)} links, {slipped} of them wrong: {took:.2f} s")


def many_files(count: int) -> None:
    lines = lines_of_networks()
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "net.toml"
        model.write_text(MODEL, encoding="utf-8")
        for number in range(count):
            page = random.Random(number).sample(lines, LINES_OF_A_PAGE)
            text = "Using denominator layout we find\n\n" + "\n\nand\n\n".join(f"\\[ {line} \\]" for line in page)
            (Path(folder) / f"page{number:04}.tex").write_text(text, encoding="utf-8")
        files = sorted(map(str, Path(folder).glob("*.tex")))
        seconds = {jobs: command(files, str(model), jobs) for jobs in (1, 2)}
    print(f"  {count} files of one page: one process {seconds[1]:.1f} s, two {seconds[2]:.1f} s: {seconds[1] / seconds[2]:.2f} times")


def command(files: list[str], model: str, jobs: int) -> float:
    """The seconds of the command over files."""
    asked = [sys.executable, "-m", "matcalc", "check", *files, "--model", model, "--layout", "denominator", "--jobs", str(jobs)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    start = time.perf_counter()
    done = subprocess.run(asked, env=environment, capture_output=True, text=True, check=False)
    took = time.perf_counter() - start
    if done.returncode not in (0, 1):
        raise SystemExit(f"the command ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--slips", type=int, default=500)
    options = parser.parse_args()
    one_line(options.slips)
    one_document()
    many_files(options.files)


if __name__ == "__main__":
    main()
