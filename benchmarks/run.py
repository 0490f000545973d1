"""Every benchmark, each in a fresh process on one thread: python benchmarks/run.py [name ...]"""

import importlib.metadata
import os
import platform
import subprocess
import sys
from pathlib import Path

NAMES = ("derive_small", "deep_networks", "import_time", "read_formulas", "orders", "generated_code", "checking", "figures")
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
PEERS = ("numpy", "casadi", "jax")


def version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def main() -> int:
    names = sys.argv[1:] or NAMES
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"There is no benchmark {unknown[0]!r}; there are {', '.join(NAMES)}.", file=sys.stderr)
        return 2
    here = Path(__file__).parent
    flags = {"XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1", "JAX_PLATFORMS": "cpu"}
    environment = {**os.environ, **ONE_THREAD, **flags, "PYTHONPATH": str(here.parent)}
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, one thread used"
    print(f"Python {platform.python_version()} on {machine}")
    print(", ".join(f"{package} {version(package)}" for package in PEERS), flush=True)
    failed = 0
    for name in names:
        print(f"\n{name}", flush=True)
        failed += subprocess.run([sys.executable, str(here / f"{name}.py")], env=environment, check=False).returncode != 0
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
