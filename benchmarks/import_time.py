"""The time of `import matcalc` against `import numpy`: fresh processes, alternating, bytecode written beforehand for both."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

REPEATS = 15
PROGRAMS = {"nothing": "pass", "numpy": "import numpy", "matcalc": "import matcalc"}


def seconds(program: str, environment: dict[str, str]) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)
    return time.perf_counter() - start


def main() -> None:
    times: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": cache}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for repeat in range(REPEATS + 2):
            for name, program in PROGRAMS.items():
                took = seconds(program, environment)
                if repeat >= 2:
                    times[name].append(took)
    medians = {name: 1e3 * statistics.median(found) for name, found in times.items()}
    for name, found in medians.items():
        print(f"  import {name:<9}{found:7.1f} ms")
    start = medians["nothing"]
    print(f"  matcalc / numpy: {medians['matcalc'] / medians['numpy']:.2f}, without the start of Python "
          f"{(medians['matcalc'] - start) / (medians['numpy'] - start):.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
